// The view of a run with half a million judgments, and of two judges on a quarter of a million items: reading them, and answering a filter,
// against a plain parse of the same files.
import assert from 'node:assert/strict';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { JudgmentsWriter } from '../../lib/src/judge/index.js';
import type { Judgment } from '../../lib/src/schema/judgment.js';
import { RunFolder } from '../../lib/src/store/index.js';
import { startView } from '../../lib/src/view/index.js';
import { runIn, writeExperiment } from '../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const JUDGMENTS = 500_000;
const PER_PAIR = 30;
/** Characters of a judgment. */
const LENGTH = 400;

const FILTERS: readonly [string, object][] = [
  ['none', {}],
  ['wrong, of one iteration', { iteration: [2], outcome: ['wrong'] }],
  ['one slice, order and verdict', { slice: ['math'], order: 'loser-first', verdict: ['A'] }],
  ['changed since the seed', { sinceSeed: ['became wrong'] }],
  ['a frequent word', { text: 'step 7' }],
];

/** Items that two judges of a run are compared on. */
const ITEMS = 250_000;

const COMPARE_FILTERS: readonly [string, object][] = [
  ['none', {}],
  ['different scores', { who: 'differ' }],
  ['one cell, slice and kind of error', { who: 'right/partly', slice: 'math', errorKind: 'kind 1' }],
  ['a frequent word', { text: 'step 7' }],
];

/** Prints milliseconds, and the ratio to reading and parsing the judgments once. */
export async function benchView(): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const { result } = await runIn(folder, await writeExperiment(folder));
    const inside = new RunFolder(join(result.folder, 'iteration-2'));
    await writeMany(inside);
    const plainMs = await timed(async () => {
      for (const line of (await readFile(inside.file('judgments.jsonl'), 'utf8')).split('\n'))
        if (line !== '') JSON.parse(line);
    });
    const { signal } = new AbortController();
    const view = await startView({ resultsFolder: dirname(dirname(result.folder)), port: 0, signal });
    const run = result.folder.slice(dirname(dirname(result.folder)).length + 1);
    const askedAt = async (path: string, query: object): Promise<{ nAll: number }> => {
      const answer = await fetch(new URL(path, view.address), {
        method: 'POST',
        body: JSON.stringify(query),
      });
      assert.equal(answer.status, 200);
      return (await answer.json()) as { nAll: number };
    };
    const asked = (filter: object): Promise<{ nAll: number }> => askedAt('api/judgments', { run, filter });
    const shellMs = await timed(() => fetch(view.address).then((answer) => answer.text()));
    let nAll = 0;
    const firstMs = await timed(async () => {
      ({ nAll } = await asked({}));
    });
    const row = rowOf(plainMs);
    console.log(`view, ${nAll.toLocaleString('en')} judgments; ratios to a plain parse of the largest file`);
    console.log(row('plain parse', plainMs));
    console.log(row('the empty page', shellMs));
    console.log(row('first list, all files read', firstMs));
    for (const [what, filter] of FILTERS)
      console.log(row(`filter: ${what}`, await timed(() => asked(filter))));
    console.log('');
    await benchCompare({ run: result.folder, askedAt });
    await view.close();
  });
}

/** Prints milliseconds of two judges on the same items. @param of.run a run beside which two copies with many items are made */
async function benchCompare({
  run,
  askedAt,
}: {
  run: string;
  askedAt: (path: string, query: object) => Promise<{ nAll: number }>;
}): Promise<void> {
  const names = ['a', 'b'];
  const plainMs = await writeJudged(
    run,
    names.map((name) => join(dirname(run), name)),
  );
  const [a, b] = names.map((name) => ({ run: `${basename(dirname(run))}/${name}`, iteration: 1 }));
  const compared = (filter: object): Promise<{ nAll: number }> => askedAt('api/compare', { a, b, filter });
  let nAll = 0;
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const startedMs = performance.now();
  const listMs = await timed(async () => {
    ({ nAll } = await compared({}));
  });
  const listBlockMs = delay.max / 1e6;
  await askedAt('api/compare-figures', { a, b });
  const figuresMs = performance.now() - startedMs;
  delay.disable();
  const row = rowOf(plainMs);
  console.log(`compare, ${nAll.toLocaleString('en')} items; ratios to a plain parse of both evaluations`);
  console.log(row('plain parse', plainMs));
  console.log(row('first list, both runs read', listMs));
  console.log(row('figures, from the same start', figuresMs));
  console.log(row('longest block, of the list', listBlockMs));
  console.log(row('longest block, of both', delay.max / 1e6));
  for (const [what, filter] of COMPARE_FILTERS)
    console.log(row(`filter: ${what}`, await timed(() => compared(filter))));
}

/** @returns a line of a table: what, its milliseconds, and the ratio to others */
function rowOf(plainMs: number): (what: string, ms: number) => string {
  return (what, ms) =>
    `  ${what.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / plainMs).toFixed(3).padStart(7)}`;
}

/** Copies a run, and writes the items of iteration 1 of each copy anew. @returns milliseconds of a plain parse of these */
async function writeJudged(run: string, copies: readonly string[]): Promise<number> {
  const text = 'step 7 of a long judgment that says why. '.repeat(LENGTH / 40);
  const path = join(dirname(dirname(dirname(run))), 'pairs.jsonl');
  const items = Array.from({ length: ITEMS }, (_, i) => {
    const slice = ['math', 'code', 'reasoning'][i % 3];
    return { itemId: `item-${i}`, slice, errorKind: `kind ${i % 5}`, cluster: `cluster-${i}` };
  });
  const pairs = items.map((item, i) => ({
    ...item,
    instruction: `say ${i}`,
    winner: 'this',
    loser: 'that',
  }));
  await writeFile(path, linesOf(pairs));
  let plainMs = 0;
  for (const [judge, copy] of copies.entries()) {
    // The many judgments of iteration 2 are left out; and an unfinished run has no hash of its benchmark.
    await cp(run, copy, { recursive: true, filter: (from) => basename(from) !== 'iteration-2' });
    await rm(join(copy, 'manifest.json'));
    const config = join(copy, 'config.json');
    const settings = JSON.parse(await readFile(config, 'utf8')) as { evaluate: object };
    const evaluate = { ...settings.evaluate, benchmark: { source: 'jsonl', path } };
    await writeFile(config, JSON.stringify({ ...settings, evaluate }));
    const judged = items.map((item, i) => ({
      ...item,
      orders: (['winner-first', 'loser-first'] as const).map((order, at) => ({
        order,
        text,
        verdict: { kind: (i + at + judge * (i % 7)) % 3 === 0 ? 'A' : 'B' },
      })),
    }));
    const file = join(copy, 'iteration-1', 'evaluation.jsonl');
    await writeFile(file, linesOf(judged));
    plainMs += await timed(async () => {
      for (const line of (await readFile(file, 'utf8')).split('\n')) if (line !== '') JSON.parse(line);
    });
  }
  return plainMs;
}

function linesOf(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

async function writeMany(folder: RunFolder): Promise<void> {
  const text = 'step 7 of a long judgment that says why. '.repeat(LENGTH / 40);
  const writer = await JudgmentsWriter.create(folder, 'judgments.jsonl');
  const pairs: string[] = [];
  for (let i = 0; i < JUDGMENTS / PER_PAIR; i++) {
    const pairId = `pair-${i}`;
    const judgments = Array.from({ length: PER_PAIR }, (_, sampleIndex): Judgment => {
      const order = sampleIndex % 2 === 0 ? 'winner-first' : 'loser-first';
      return { pairId, order, sampleIndex, text, verdict: { kind: (i + sampleIndex) % 3 === 0 ? 'A' : 'B' } };
    });
    await writer.write({ pairId, judgments });
    const response = { text: 'a response', model: 'bench', method: 'answer' };
    const slice = ['math', 'code', 'reasoning'][i % 3];
    pairs.push(
      JSON.stringify({
        pairId,
        instructionId: `i-${i}`,
        instruction: 'say it',
        slice,
        winner: response,
        loser: response,
      }),
    );
  }
  await writer.commit();
  await writeFile(folder.file('pairs.jsonl'), `${pairs.join('\n')}\n`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
