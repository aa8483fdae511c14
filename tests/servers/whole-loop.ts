// The whole loop, small, against the scripted server of a product, with the settings that docs/servers.md shows for it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RunEvent, RunResult } from '../../lib/src/experiment/index.js';
import { messageInside } from '../../lib/src/model/server-error.js';
import { ROOT } from '../docs/documents.js';
import type { ChatBody } from '../fixtures/servers/chat.js';
import { startStrictServer, type Product, type StrictServer } from '../fixtures/servers/strict-server.js';
import { vllm } from '../fixtures/servers/vllm.js';
import { runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** What a test runs, and against what. */
export interface LoopOptions {
  /** The heading in docs/servers.md whose YAML block is the experiment's. */
  heading: string;
  /** Which of the blocks below that heading. Default: the first. */
  block?: number;
  /** What answers at the address of the page. */
  product: Product;
  environment?: NodeJS.ProcessEnv;
  /** The text of `train.sh`. Default: {@link SERVES_ELSEWHERE} */
  trainer?: string;
  /** Settings of the test alone, which replace those of the page. */
  settings?: object;
  /** Called with what ended the run; then the same command is given again. Absent: it is not to end early. */
  onStop?: (thrown: Error) => void;
}

/** What happened. */
export interface Outcome {
  result: RunResult;
  warnings: string[];
  /** Drops of all stages by reason. */
  drops: Record<string, number>;
  server: StrictServer;
  /** The server of vLLM for the judges of products that serve only their own models. */
  elsewhere: StrictServer;
  /** The responses of all pairs, and the texts of all judgments. */
  kept: string[];
  /** The text of the report. */
  report: string;
}

/** A model that many products have. */
export const LLAMA = 'meta-llama/Llama-3.1-8B-Instruct';

/** Puts an adapter where another server of vLLM finds it, and says where it is served. */
const SERVES_ELSEWHERE = `printf '{"model": "%s", "endpoint": "%s/v1"}' "$AUTODIDACT_SUFFIX" "$ELSEWHERE" > "$AUTODIDACT_RESULT_FILE"`;

const WORDS = ['apples', 'bears', 'clouds', 'doors'];

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The YAML blocks under a heading of docs/servers.md, as texts. */
async function blocksUnder(heading: string): Promise<string[]> {
  const page = await readFile(join(ROOT, 'docs/servers.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** Runs it and gives what happened to `check`, while the servers are still up. */
export async function runLoop(options: LoopOptions, check: (outcome: Outcome) => void): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const server = await startStrictServer(options.product);
    const other = vllm({ model: LLAMA, maxModelLen: 8192, resolvable: ['loop-1'] });
    const elsewhere = await startStrictServer(other);
    try {
      check(await outcomeIn(folder, { server, elsewhere }, options));
    } finally {
      await server.close();
      await elsewhere.close();
    }
  });
}

async function outcomeIn(
  folder: string,
  { server, elsewhere }: { server: StrictServer; elsewhere: StrictServer },
  { heading, block = 0, trainer = SERVES_ELSEWHERE, ...options }: LoopOptions,
): Promise<Outcome> {
  const text = (await blocksUnder(heading))[block] ?? '';
  const { origin } = new URL((parse(text) as { endpoint: { baseUrl: string } }).endpoint.baseUrl);
  const page = parse(text.replaceAll(origin, server.origin)) as object;
  const instructions = WORDS.map((word) => ({ instruction: `tell me of ${word}` }));
  await writeFile(join(folder, 'instructions.jsonl'), jsonl(instructions));
  await writeFile(join(folder, 'pairs.jsonl'), jsonl(['one', 'two'].map(itemOf)));
  await writeFile(join(folder, 'train.sh'), trainer);
  const configPath = await writeExperiment(folder, {
    name: 'loop',
    iterations: 1,
    pack: 'general',
    instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: WORDS.length },
    judge: { samples: 2 },
    evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, vote: { samples: 2 }, logprobs: true },
    ...page,
    ...options.settings,
  });
  const environment = { ...process.env, ELSEWHERE: elsewhere.origin, ...options.environment };
  if (options.onStop !== undefined) {
    const first = await runIn(folder, configPath, { environment }).catch((thrown: unknown) => thrown);
    assert.ok(first instanceof Error, 'nothing ended the run');
    options.onStop(first);
  }
  const { result, events } = await runIn(folder, configPath, { environment });
  const files = await Promise.all(['pairs.jsonl', 'judgments.jsonl'].map((name) => textsIn(result, name)));
  const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
  const report = await readFile(join(result.folder, 'report.md'), 'utf8');
  return { result, warnings, drops: dropsIn(events), server, elsewhere, kept: files.flat(), report };
}

function itemOf(word: string): object {
  const instruction = `explain ${word}`;
  const responses = { winner: `good answer to ${word}`, loser: `bad answer to ${word}` };
  return { itemId: word, instruction, slice: 'all', errorKind: 'none', ...responses };
}

/** Every `text` in a file of iteration 1. */
async function textsIn({ folder }: RunResult, name: string): Promise<string[]> {
  const text = await readFile(join(folder, 'iteration-1', name), 'utf8');
  const quoted = [...text.matchAll(/"text":("(?:[^"\\]|\\.)*")/g)];
  return quoted.map(([, inside = '""']) => JSON.parse(inside) as string);
}

function dropsIn(events: readonly RunEvent[]): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const event of events) {
    if (event.kind !== 'stage-finished') continue;
    for (const [reason, n] of Object.entries(event.record.drops)) drops[reason] = (drops[reason] ?? 0) + n;
  }
  return drops;
}

/** The bodies of the chat completions that a server was asked for, in order. */
export const chatsOf = ({ answered }: StrictServer): ChatBody[] =>
  answered.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body as ChatBody);

/** What a server refused, in order: the status and what it said. */
export const refusedBy = (server: StrictServer): string[] =>
  server.refused().map(({ status, reply }) => `${status} ${messageInside(reply) ?? String(reply)}`);

/** So many refusals are enough to learn all parameters that a model refuses: the first request of each kind meets them alone. */
const MOST_LEARNING = 8;

/** Whatever was refused was refused for this, and while it was being learned. @param most by the length of each prompt there are more */
export function assertLearned(server: StrictServer, reason: RegExp, most = MOST_LEARNING): void {
  const refused = refusedBy(server);
  assert.ok(refused.length > 0 && refused.length <= most, `${refused.length} refusals`);
  for (const said of refused) assert.match(said, reason);
}

/** A finished run in which nothing was lost and nothing is wrong, with a warning for each of these, and no others. */
export function assertWhole({ result, drops, warnings }: Outcome, expected: readonly RegExp[] = []): void {
  assert.deepEqual(drops, {});
  assert.deepEqual(
    result.iterations.map(({ metrics }) => metrics.accuracy.value),
    [1, 1],
  );
  assert.equal(warnings.length, expected.length, warnings.join('\n'));
  for (const pattern of expected) assert.match(warnings.join('\n'), pattern);
}

/**
 * No request that was answered was sent again. One for several completions may be, where only some of them came: whether a server takes
 * `n` is learned anew by each command.
 */
export function assertAskedOnce({ server }: Outcome): void {
  const asked = server.answered.filter(({ status, path }) => status < 400 && path.endsWith('/completions'));
  const bodies = asked.map(({ body }) => body as ChatBody).filter(({ n }) => n === undefined);
  assert.equal(new Set(bodies.map((body) => JSON.stringify(body))).size, bodies.length);
}
