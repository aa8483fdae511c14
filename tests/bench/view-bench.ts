// The view of a run with half a million judgments: reading them, and answering a filter, against a plain parse of the same files.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
    const asked = async (filter: object): Promise<{ nAll: number }> => {
      const run = result.folder.slice(dirname(dirname(result.folder)).length + 1);
      const body = JSON.stringify({ run, filter });
      const answer = await fetch(new URL('api/judgments', view.address), { method: 'POST', body });
      return (await answer.json()) as { nAll: number };
    };
    const shellMs = await timed(() => fetch(view.address).then((answer) => answer.text()));
    let nAll = 0;
    const firstMs = await timed(async () => {
      ({ nAll } = await asked({}));
    });
    const row = (what: string, ms: number): string =>
      `  ${what.padEnd(34)} ${ms.toFixed(0).padStart(6)} ms  ${(ms / plainMs).toFixed(3).padStart(7)}`;
    console.log(`view, ${nAll.toLocaleString('en')} judgments; ratios to a plain parse of the largest file`);
    console.log(row('plain parse', plainMs));
    console.log(row('the empty page', shellMs));
    console.log(row('first list, all files read', firstMs));
    for (const [what, filter] of FILTERS)
      console.log(row(`filter: ${what}`, await timed(() => asked(filter))));
    console.log('');
    await view.close();
  });
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
