import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { compareInputs, loadJudges } from '../../../lib/src/experiment/index.js';
import {
  comparisonReportSchema,
  NO_USAGE,
  type EvaluatedItem,
  type ScoredItem,
} from '../../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const NONE = { A: 0, B: 0, tie: 0, unparsed: 0 };

const evaluated = (itemId: string, verdicts: string): EvaluatedItem => ({
  itemId,
  slice: 'math',
  errorKind: 'random',
  orders: (['winner-first', 'loser-first'] as const).map((order, i) => ({
    order,
    text: '',
    verdict: { kind: verdicts[i] === 'A' ? 'A' : 'B' },
  })),
});

const scored = (judge: string, itemId: string, isRight: boolean): ScoredItem => ({
  judge,
  subset: 'math',
  itemId,
  gold: 'first',
  given: { ...NONE, [isRight ? 'A' : 'B']: 1 },
  swapped: NONE,
});

const lines = (records: readonly unknown[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** An iteration's folder as a run leaves it; unfinished without a manifest. */
async function writeIteration(
  run: string,
  iteration: number,
  { verdicts, isFinished = true }: { verdicts: readonly string[]; isFinished?: boolean },
): Promise<void> {
  const folder = join(run, `iteration-${iteration}`);
  await mkdir(folder, { recursive: true });
  const items = verdicts.map((letters, i) => evaluated(`i${i}`, letters));
  await writeFile(join(folder, 'evaluation.jsonl'), lines(items));
  if (!isFinished) return;
  const stage = { stage: 'evaluate', nInput: items.length + 1, nKept: items.length, wallMs: 1 };
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({
      schemaVersion: 1,
      iteration,
      judgeModel: 'seed-model',
      resultModel: `model-${iteration}`,
      stages: [{ ...stage, drops: { 'context-length': 1 }, usage: NO_USAGE }],
    }),
  );
}

/** Iterations 0 and 1 finished, 2 begun. */
async function writeRun(folder: string, name = 'run'): Promise<string> {
  const run = join(folder, name);
  await writeIteration(run, 0, { verdicts: ['AA', 'AB'] });
  await writeIteration(run, 1, { verdicts: ['AB', 'AB'] });
  await writeIteration(run, 2, { verdicts: ['BB', 'BB'], isFinished: false });
  return run;
}

const namesOf = async (...inputs: string[]): Promise<string[]> =>
  (await loadJudges(inputs)).map(({ name }) => name);

describe('the inputs of a comparison', () => {
  it('take the last finished iteration of a run, one by its number, or all', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder);
      assert.deepEqual(await namesOf(run), ['run@1']);
      assert.deepEqual(await namesOf(`${run}/`), ['run@1']);
      assert.deepEqual(await namesOf(`${run}@0`), ['run@0']);
      assert.deepEqual(await namesOf(`${run}@all`), ['run@0', 'run@1']);
      assert.deepEqual(await namesOf(join(run, 'iteration-1', 'evaluation.jsonl')), ['run@1']);
    }));

  it('take a path that holds an @ as it stands', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder, 'run@0');
      assert.deepEqual(await namesOf(run, `${run}@0`), ['run@0@1', 'run@0@0']);
    }));

  it('take every judge of a file of scored items', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'scored.jsonl');
      await writeFile(
        file,
        `\n${lines([scored('x', 'i0', true), scored('y', 'i0', true), scored('x', 'i1', true)])}`,
      );
      const judges = await loadJudges([file]);
      assert.deepEqual(
        judges.map(({ name, tables, nDropped }) => [name, tables.nItems, nDropped]),
        [
          ['x', 2, null],
          ['y', 1, null],
        ],
      );
    }));

  it('join runs and scored items by slice and id, and say where each judge comes from', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder);
      const file = join(folder, 'scored.jsonl');
      await writeFile(file, lines([scored('x', 'i0', true), scored('x', 'i1', false)]));
      const report = await compareInputs([`${run}@all`, file], { seed: 1, nResamples: 200 });
      assert.deepEqual(comparisonReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
      assert.deepEqual(report.judges, [
        { name: 'run@0', source: `${run}@0`, model: 'model-0', iteration: 0, nItems: 2, nDropped: 1 },
        { name: 'run@1', source: `${run}@1`, model: 'model-1', iteration: 1, nItems: 2, nDropped: 1 },
        { name: 'x', source: file, nItems: 2, nDropped: null },
      ]);
      assert.equal(report.baseline, 'run@0');
      // The seed says A of both orders of i0 (1/2) and is right on i1; in the order that x was shown both, it is right on both.
      assert.deepEqual(
        report.overall.map(({ judge, difference, n }) => [judge, difference, n]),
        [
          ['run@1', 0.25, 2],
          ['x', -0.5, 2],
        ],
      );
    }));

  it('split the items of a run by kind of error where the scored items are', () =>
    inTemporaryFolder(async (folder) => {
      const run = join(folder, 'run');
      await writeIteration(run, 0, { verdicts: ['AB', 'AB'] });
      const file = join(folder, 'scored.jsonl');
      await writeFile(
        file,
        lines(['i0', 'i1'].map((itemId) => ({ ...scored('other', itemId, false), subset: 'random' }))),
      );
      const report = await compareInputs([run, file], { seed: 1 });
      const { difference, n } = report.overall[0]!;
      assert.deepEqual([difference, n, report.bySubset.map(({ subset }) => subset)], [-1, 2, ['random']]);
    }));

  it('take the subset of an item from the caller, for runs as for scored items', () =>
    inTemporaryFolder(async (folder) => {
      const [run, file] = [join(folder, 'run'), join(folder, 'judge.jsonl')];
      await writeIteration(run, 0, { verdicts: ['AB', 'AB', 'BB', 'AB'] });
      await writeFile(file, lines(['i0', 'i1', 'i2', 'i3'].map((id) => scored('other', id, id !== 'i3'))));
      const parity = (itemId: string): string => (Number(itemId.slice(1)) % 2 === 0 ? 'even' : 'odd');
      const { overall, bySubset } = await compareInputs([file, run], { seed: 1, subsetOf: parity });
      assert.deepEqual(
        bySubset.map(({ subset, n, difference }) => [subset, n, difference]),
        [
          ['even', 2, -0.5],
          ['odd', 2, 0.5],
        ],
      );
      assert.equal(overall[0]?.n, 4);
    }));

  it('know a pair that its benchmark lists with the loser first', () =>
    inTemporaryFolder(async (folder) => {
      const evaluation = join(folder, 'mine.jsonl');
      await writeFile(evaluation, lines([{ ...evaluated('i0', 'AB'), givenFirst: 'loser' }]));
      const file = join(folder, 'scored.jsonl');
      await writeFile(file, lines([{ ...scored('x', 'i0', false), gold: 'second' }]));
      const { overall } = await compareInputs([evaluation, file], { seed: 1, nResamples: 200 });
      assert.deepEqual([overall[0]?.baseline, overall[0]?.difference], ['mine', 0]);
    }));

  it('tell judges of the same name apart by their inputs', () =>
    inTemporaryFolder(async (folder) => {
      const files = ['one.jsonl', 'two.jsonl'].map((name) => join(folder, name));
      for (const file of files) await writeFile(file, lines([scored('x', 'i0', true)]));
      assert.deepEqual(
        await namesOf(...files),
        files.map((file) => `x (${file})`),
      );
    }));

  it('refuse what is no run, no finished run, no such iteration, or no file', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder);
      const begun = join(folder, 'begun');
      await writeIteration(begun, 0, { verdicts: ['AB'], isFinished: false });
      const started = join(folder, 'started');
      await mkdir(started);
      await writeFile(join(started, 'status.json'), '{}');
      for (const [input, kind, expected] of [
        [folder, DataError, /expected the folder of a run/],
        [join(run, 'iteration-1'), DataError, /expected the folder of a run/],
        [begun, DataError, /expected a run with a finished iteration, received iteration 0 begun/],
        [started, DataError, /expected a run with a finished iteration, received none begun/],
        [`${run}@2`, ConfigError, /run@2: expected a finished iteration: 0, 1, received 2/],
        [`${run}@x`, DataError, /ENOENT/],
        [join(run, 'iteration-1', 'evaluation.jsonl@all'), DataError, /folder of a run before the @/],
      ] as const) {
        await assert.rejects(
          namesOf(input),
          (error) => error instanceof kind && expected.test(error.message),
        );
      }
    }));

  it('refuse files that hold no scored items', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'file.jsonl');
      for (const [text, expected] of [
        ['', /received none/],
        ['not json\n', /received a first line that is not JSON/],
        ['{"itemId":"i0","text":"[[A]]"}\n', /received records of another shape.*autodidact score/],
        [`${lines([scored('x', 'i0', true)])}{"judge":"x"}\n`, /file\.jsonl:2/],
        [lines([{ ...scored('x', 'i0', true), given: { ...NONE, A: 70_000 } }]), /at most 65535/],
      ] as const) {
        await writeFile(file, text);
        await assert.rejects(
          namesOf(file),
          (error) => error instanceof DataError && expected.test(error.message),
        );
      }
    }));

  it('refuse the same judge twice, however its input is named', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder);
      for (const again of [`${run}/@1`, `${run}@all`, join(run, 'iteration-1', 'evaluation.jsonl')]) {
        await assert.rejects(
          namesOf(run, again),
          (error) => error instanceof ConfigError && error.message.includes('every judge once'),
        );
      }
    }));

  it('stop when they are asked to', () =>
    inTemporaryFolder(async (folder) => {
      const run = await writeRun(folder);
      const stop = new AbortController();
      const reason = new Error('stopped');
      stop.abort(reason);
      await assert.rejects(
        compareInputs([`${run}@all`], { seed: 1, signal: stop.signal }),
        (error) => error === reason,
      );
    }));
});
