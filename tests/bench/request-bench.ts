// The request engine with its durable store against clients that keep nothing: time, processor time and peak memory over loopback, and
// how the engine grows with the number of calls.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScript, firstLineOf, runScript, startScript } from '../fixtures/compiled-script.js';
import type { EngineFigures, EngineTask } from '../fixtures/engine-script.js';
import type { PlainServerTask } from './plain-server.js';
import type { ClientTask } from './request-bench-worker.js';

/** The clients that are compared. */
export type BenchClient = ClientTask['client'] | 'engine';

/** Medians of one client. */
export interface RequestBenchRow extends EngineFigures {
  client: BenchClient;
  /** Of the bare pool's wall time; the median of the ratios within each round. */
  ratio: number;
}

/** The engine alone with so many calls. */
export interface GrowthRow extends EngineFigures {
  nCalls: number;
}

const CLIENTS: readonly BenchClient[] = ['node:http', 'fetch', 'openai', 'engine'];
const N_CALLS = 5000;
const N_IN_FLIGHT = 256;
const N_WARM_UP = 1000;
const LATENCY_MS = 50;
const N_ROUNDS = 3;
const GROWTH_SIZES = [1000, 10_000, 100_000];
const GROWTH_LATENCY_MS = 5;
const PROMPT_CHARACTERS = 1000;
const ANSWER_CHARACTERS = 500;

/** Measures, prints and returns. Takes about a minute and a half, and 150 MB of disk for that time. */
export async function benchRequests(): Promise<{ clients: RequestBenchRow[]; growth: GrowthRow[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
  try {
    const clients = await withPlainServer(LATENCY_MS, (baseUrl) => compareClients(baseUrl, folder));
    printClients(clients);
    const growth = await withPlainServer(GROWTH_LATENCY_MS, (baseUrl) => grow(baseUrl, folder));
    printGrowth(growth);
    return { clients, growth };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs with a server in a process of its own. */
async function withPlainServer<Result>(
  latencyMs: number,
  measure: (baseUrl: string) => Promise<Result>,
): Promise<Result> {
  const task: PlainServerTask = { latencyMs, answerCharacters: ANSWER_CHARACTERS };
  const server = startScript(await compileScript(new URL('./plain-server.ts', import.meta.url)), task);
  try {
    return await measure(await firstLineOf(server));
  } finally {
    server.kill();
  }
}

/** Each client in turn, several times over, so that a slow moment of the machine meets all alike. */
async function compareClients(baseUrl: string, folder: string): Promise<RequestBenchRow[]> {
  const engine = await engineScript();
  const others = await compileScript(new URL('./request-bench-worker.ts', import.meta.url));
  const rounds = new Map<BenchClient, EngineFigures[]>(CLIENTS.map((client) => [client, []]));
  const common = { baseUrl, nWarmUp: N_WARM_UP, nInFlight: N_IN_FLIGHT, promptCharacters: PROMPT_CHARACTERS };
  for (let round = 0; round < N_ROUNDS; round++) {
    for (const client of CLIENTS) {
      const figures =
        client === 'engine'
          ? await runEngine(engine, {
              ...common,
              nQuestions: N_CALLS,
              folder: join(folder, `round-${round}`),
            })
          : await measured(others, { ...common, client, nCalls: N_CALLS } satisfies ClientTask);
      if (figures.nRequests !== N_CALLS) throw new RangeError(`${client}: ${figures.nRequests} requests`);
      rounds.get(client)?.push(figures);
    }
  }
  const bare = rounds.get('node:http') ?? [];
  return CLIENTS.map((client) => {
    const figures = rounds.get(client) ?? [];
    const ratios = figures.map(({ wallMs }, round) => wallMs / (bare[round]?.wallMs ?? NaN));
    return { client, ...medianOf(figures), ratio: median(ratios) };
  });
}

async function grow(baseUrl: string, folder: string): Promise<GrowthRow[]> {
  const engine = await engineScript();
  const rows: GrowthRow[] = [];
  for (const nCalls of GROWTH_SIZES) {
    const figures = await runEngine(engine, {
      baseUrl,
      nQuestions: nCalls,
      nWarmUp: N_WARM_UP,
      nInFlight: N_IN_FLIGHT,
      promptCharacters: PROMPT_CHARACTERS,
      folder: join(folder, `growth-${nCalls}`),
    });
    rows.push({ nCalls, ...figures });
  }
  return rows;
}

const engineScript = (): Promise<string> =>
  compileScript(new URL('../fixtures/engine-script.ts', import.meta.url));

type EngineSetting = Pick<
  EngineTask,
  'baseUrl' | 'nQuestions' | 'nWarmUp' | 'nInFlight' | 'promptCharacters'
> & { folder: string };

/** The engine over a store of its own, which is removed afterwards. */
async function runEngine(script: string, { folder, ...setting }: EngineSetting): Promise<EngineFigures> {
  const task: EngineTask = {
    ...setting,
    kind: 'ask',
    storeFolder: join(folder, 'store'),
    segmentName: 'bench',
    rowsFile: join(folder, 'rows.jsonl'),
    lookAhead: 2 * setting.nInFlight,
  };
  try {
    return await measured(script, task);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const measured = async (script: string, task: object): Promise<EngineFigures> =>
  JSON.parse(await runScript(script, task)) as EngineFigures;

/** The middle one of an odd number of values. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** The median of each figure. */
function medianOf(figures: readonly EngineFigures[]): EngineFigures {
  const middle = (name: keyof EngineFigures): number => median(figures.map((one) => one[name]));
  return {
    wallMs: middle('wallMs'),
    cpuMs: middle('cpuMs'),
    peakMiB: middle('peakMiB'),
    nRequests: middle('nRequests'),
  };
}

function printClients(rows: readonly RequestBenchRow[]): void {
  console.log(
    `\n${N_CALLS.toLocaleString('en')} requests of 1 KB, ${N_IN_FLIGHT} in flight, at a server that takes ${LATENCY_MS} ms ` +
      `(medians of ${N_ROUNDS}; the engine also makes every answer durable and writes the rows)`,
  );
  for (const { client, wallMs, cpuMs, peakMiB, ratio } of rows) {
    console.log(
      `  ${client.padEnd(9)}  ${wallMs.toFixed(0).padStart(5)} ms = ${ratio.toFixed(2)}x, processor ` +
        `${cpuMs.toFixed(0).padStart(5)} ms, peak ${peakMiB.toFixed(0)} MiB`,
    );
  }
}

function printGrowth(rows: readonly GrowthRow[]): void {
  console.log(`the engine alone, at a server that takes ${GROWTH_LATENCY_MS} ms`);
  for (const { nCalls, wallMs, peakMiB } of rows) {
    console.log(
      `  ${nCalls.toLocaleString('en').padStart(7)} calls  ${((1000 * wallMs) / nCalls).toFixed(0)} us each, ` +
        `peak ${peakMiB.toFixed(0)} MiB`,
    );
  }
}
