// The whole loop, small, against scripted servers, with the settings that docs/servers.md shows for them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RunEvent, RunResult } from '../../lib/src/experiment/index.js';
import { startStrictServer, type Product, type StrictServer } from '../fixtures/servers/strict-server.js';
import { runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { ROOT } from '../docs/documents.js';

/** What a test runs, and against what. */
export interface LoopOptions {
  /** The heading in docs/servers.md whose first YAML block is the experiment's. */
  heading: string;
  /** The products by the origin that stands in the YAML block, such as `http://127.0.0.1:8000`. */
  products: Readonly<Record<string, Product>>;
  environment?: NodeJS.ProcessEnv;
  /** The text of `train.sh`. `$ELSEWHERE` is the origin of the product `elsewhere`. */
  trainer?: string;
  /** Settings of the test alone, which replace those of the page. */
  settings?: object;
}

/** What happened. */
export interface Outcome {
  result: RunResult;
  warnings: string[];
  /** Drops of all stages by reason. */
  drops: Record<string, number>;
  /** Servers by the origin that stands in the page. */
  servers: Record<string, StrictServer>;
  /** What servers turned out not to take, once for each time that it was learned. */
  learned: string[];
  /** The responses of all pairs, and the texts of all judgments. */
  kept: string[];
}

const WORDS = ['apples', 'bears', 'clouds', 'doors'];

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** The first YAML block under a heading of docs/servers.md, as text. */
export async function settingsOf(heading: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/servers.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  const block = /^```yaml\n([\s\S]*?)^```$/m.exec(section ?? '')?.[1];
  if (block === undefined) throw new Error(`docs/servers.md: no settings under ## ${heading}`);
  return block;
}

/** Runs it and gives what happened to `check`, while the servers are still up. */
export async function runLoop(
  options: LoopOptions,
  check: (outcome: Outcome) => Promise<void> | void,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const servers: Record<string, StrictServer> = {};
    try {
      for (const [origin, product] of Object.entries(options.products))
        servers[origin] = await startStrictServer(product);
      await check(await outcomeIn(folder, servers, options));
    } finally {
      for (const server of Object.values(servers)) await server.close();
    }
  });
}

async function outcomeIn(
  folder: string,
  servers: Record<string, StrictServer>,
  options: LoopOptions,
): Promise<Outcome> {
  let page = await settingsOf(options.heading);
  for (const [origin, server] of Object.entries(servers)) page = page.replaceAll(origin, server.origin);
  await writeFile(
    join(folder, 'instructions.jsonl'),
    jsonl(WORDS.map((word) => ({ instruction: `tell me of ${word}` }))),
  );
  const items = ['one', 'two'].map((itemId) => ({
    itemId,
    instruction: `explain ${itemId}`,
    slice: 'all',
    errorKind: 'none',
    winner: `good answer to ${itemId}`,
    loser: `bad answer to ${itemId}`,
  }));
  await writeFile(join(folder, 'pairs.jsonl'), jsonl(items));
  await writeFile(join(folder, 'train.sh'), options.trainer ?? 'exit 1');
  const configPath = await writeExperiment(folder, {
    name: 'loop',
    iterations: 1,
    pack: 'general',
    instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: WORDS.length },
    judge: { samples: 2 },
    evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' }, vote: { samples: 2 }, logprobs: true },
    ...(parse(page) as object),
    ...options.settings,
  });
  const environment = { ...process.env, ELSEWHERE: servers.elsewhere?.origin, ...options.environment };
  const { result, events } = await runIn(folder, configPath, { environment });
  const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
  const { folder: run } = result;
  return {
    result,
    warnings,
    drops: dropsIn(events),
    servers,
    learned: await learnedIn(run),
    kept: [...(await textsIn(run, 'pairs.jsonl')), ...(await textsIn(run, 'judgments.jsonl'))],
  };
}

/** Every `text` in a file of iteration 1. */
async function textsIn(run: string, name: string): Promise<string[]> {
  const text = await readFile(join(run, 'iteration-1', name), 'utf8');
  return [...text.matchAll(/"text":("(?:[^"\\]|\\.)*")/g)].map(
    ([, quoted]) => JSON.parse(quoted ?? '""') as string,
  );
}

function dropsIn(events: readonly RunEvent[]): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const event of events) {
    if (event.kind !== 'stage-finished') continue;
    for (const [reason, n] of Object.entries(event.record.drops)) drops[reason] = (drops[reason] ?? 0) + n;
  }
  return drops;
}

/** Parameters that servers turned out not to take, from the log of the run. */
async function learnedIn(folder: string): Promise<string[]> {
  const lines = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as { capability?: string; isOffered?: boolean });
  return events.flatMap(({ capability, isOffered }) =>
    capability !== undefined && isOffered === false ? [capability] : [],
  );
}
