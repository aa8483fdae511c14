// One client of the request benchmark other than the engine, in a process of its own so that its time and memory are its own.
import { Agent, request } from 'node:http';

/** What to measure. */
export interface ClientTask {
  client: 'node:http' | 'fetch' | 'openai';
  baseUrl: string;
  nCalls: number;
  /** Calls that are made before and not measured. */
  nWarmUp: number;
  nInFlight: number;
  promptCharacters: number;
}

type Ask = (body: object) => Promise<string>;

/** The least that asking takes. */
function bare({ baseUrl, nInFlight }: ClientTask): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: nInFlight });
  const url = new URL(`${baseUrl}/chat/completions`);
  return (body) =>
    new Promise((resolve, reject) => {
      const json = Buffer.from(JSON.stringify(body));
      const headers = { 'content-type': 'application/json', 'content-length': json.length };
      const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(textOf(JSON.parse(Buffer.concat(chunks).toString()))));
      });
      outgoing.on('error', reject);
      outgoing.end(json);
    });
}

function withFetch({ baseUrl }: ClientTask): Ask {
  const headers = { 'content-type': 'application/json' };
  return async (body) => {
    const url = `${baseUrl}/chat/completions`;
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    return textOf(await response.json());
  };
}

/** The package as it comes, its own retries and time limits included. */
async function withOpenAI({ baseUrl }: ClientTask): Promise<Ask> {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ baseURL: baseUrl, apiKey: 'none' });
  type Body = Parameters<typeof client.chat.completions.create>[0];
  return async (body) => textOf(await client.chat.completions.create(body as Body));
}

interface Answer {
  choices: { message: { content: string } }[];
}

function textOf(answer: unknown): string {
  return (answer as Answer).choices[0]?.message.content ?? '';
}

async function askAll(ask: Ask, nCalls: number, task: ClientTask): Promise<void> {
  // In one piece, as text that was read is; a repeated string is a tree of its parts.
  const parts = Array<string>(Math.ceil(task.promptCharacters / 38)).fill(
    'Compare the two answers step by step. ',
  );
  const filler = parts.join('');
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < nCalls) {
      const text = await ask({
        model: 'bench',
        messages: [{ role: 'user', content: `Item ${next++}. ${filler}` }],
        temperature: 0.7,
        top_p: 0.9,
        max_tokens: 256,
        seed: 7,
      });
      if (text === '') throw new Error('an empty answer');
    }
  };
  await Promise.all(Array.from({ length: task.nInFlight }, lane));
}

async function run(task: ClientTask): Promise<void> {
  const clients = { 'node:http': bare, fetch: withFetch, openai: withOpenAI };
  const ask = await clients[task.client](task);
  await askAll(ask, task.nWarmUp, task);
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await askAll(ask, task.nCalls, task);
  const wallMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  const figures = {
    wallMs,
    cpuMs: (cpu.user + cpu.system) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    nRequests: task.nCalls,
  };
  // The kept connections of some clients would hold the process.
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
}

void run(JSON.parse(process.argv[2] ?? '') as ClientTask);
