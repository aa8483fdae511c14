// A stage by itself: what its record vouches for, and what an earlier attempt left.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { runStage, type StageAtWork, type StageWork } from '../../../lib/src/experiment/run/stage-runner.js';
import { dropped, NO_USAGE, type Outcome } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** A stage in a folder whose outcomes are counted up: `kept` of them, or drops. */
function stageIn(path: string): {
  run: (kept: readonly number[], parts?: Partial<StageWork<number>>) => ReturnType<typeof runStage>;
  warnings: string[];
  nRuns: () => number;
} {
  const warnings: string[] = [];
  let nRuns = 0;
  const at: StageAtWork = {
    folder: new RunFolder(path).inside('iteration-1'),
    iteration: 1,
    acceptedLosses: 0.1,
    usage: () => NO_USAGE,
    onStageStart: () => nRuns++,
    onEvent: (event) => {
      if (event.kind === 'warning') warnings.push(event.message);
    },
  };
  async function* outcomes(kept: readonly number[]): AsyncGenerator<Outcome<number>> {
    for (const record of kept) yield await Promise.resolve({ kind: 'kept', record });
    if (kept.length === 0) yield dropped('one', 'empty');
  }
  return {
    warnings,
    nRuns: () => nRuns,
    run: (kept, parts) =>
      runStage(
        { stage: 'judge', fileName: 'numbers.jsonl', nExpected: 2, outcomes: () => outcomes(kept), ...parts },
        at,
      ),
  };
}

describe('a stage', () => {
  it('counts the texts of models whose thinking was removed', () =>
    inTemporaryFolder(async (folder) => {
      const { run } = stageIn(folder);
      const judgments = ['<think>A?</think>[[B]]', 'A, since </think> is in it', '[[A]]'].map((text) => ({
        text,
      }));
      const pair = {
        pairId: 'p',
        winner: { method: 'answer', thinkingRemoved: true },
        loser: { method: 'answer' },
      };
      const damaged = { ...pair, loser: { method: 'corruption', thinkingRemoved: true } };
      const records: unknown[] = [
        { judgments },
        pair,
        damaged,
        { itemId: 'i', orders: [{ text: 'x</think>y' }] },
        7,
      ];
      const { thinkingRemoved } = await run(records as number[]);
      // Two of three judgments, two of three responses, since a corruption repeats the winner's, and one verdict.
      assert.deepEqual(thinkingRemoved, { n: 5, of: 7 });
      assert.equal((await stageIn(`${folder}/other`).run([1, 2])).thinkingRemoved, undefined);
    }));

  it('that kept none of its inputs is done again, where something must follow from it', () =>
    inTemporaryFolder(async (folder) => {
      const { run } = stageIn(folder);
      assert.deepEqual((await run([], { needsSome: true })).drops, { empty: 1 });
      assert.equal((await run([1, 2], { needsSome: true })).nKept, 2);
      assert.equal((await run([], { needsSome: true })).nKept, 2);
    }));

  it('that lost more than a share of its inputs to servers has no record, and of fewer it keeps count', () =>
    inTemporaryFolder(async (folder) => {
      const { run, warnings } = stageIn(folder);
      const losing = (nKept: number): Partial<StageWork<number>> => ({
        // eslint-disable-next-line @typescript-eslint/require-await
        outcomes: async function* () {
          for (let record = 0; record < nKept; record++) yield { kind: 'kept', record };
          yield { kind: 'dropped', drop: { subjectId: 'x', reason: 'http-500', fault: 'server' } };
        },
      });
      await assert.rejects(run([], losing(8)), /at most 0\.1 of the inputs.*1 of 9 inputs.*\(http-500 1\)/);
      const { nKept, drops, lostToServers } = await run([], losing(9));
      assert.deepEqual(
        { nKept, drops, lostToServers },
        { nKept: 9, drops: { 'http-500': 1 }, lostToServers: { 'http-500': 1 } },
      );
      assert.match(warnings[0] ?? '', /1 of 10 inputs were lost to servers/);
      assert.equal((await run([1])).nKept, 9);
    }));

  it('whose file was cut after its record is done again, with a warning, and is not done a third time', () =>
    inTemporaryFolder(async (folder) => {
      const { run, warnings, nRuns } = stageIn(folder);
      const inside = new RunFolder(folder).inside('iteration-1');
      await run([1, 2]);
      await writeFile(inside.file('numbers.jsonl'), '1\n');
      await run([1, 2]);
      assert.equal(await readFile(inside.file('numbers.jsonl'), 'utf8'), '1\n2\n');
      await run([1, 2]);
      assert.equal(nRuns(), 2);
      assert.equal(warnings.length, 1);
      assert.match(
        warnings[0] ?? '',
        /numbers\.jsonl was changed or damaged: the stage judge of iteration 1/,
      );
    }));

  it('that comes out differently takes the records of later stages with it, otherwise none', () =>
    inTemporaryFolder(async (folder) => {
      const { run } = stageIn(folder);
      const inside = new RunFolder(folder).inside('iteration-1');
      const later = { stage: 'filter', fileName: 'kept.jsonl' } as const;
      const redo = async (kept: readonly number[]): Promise<number> => {
        await writeFile(inside.file('numbers.jsonl'), 'torn');
        await run(kept);
        return (await run([7], later)).nKept;
      };
      await run([1, 2]);
      await run([3, 4, 5], later);
      assert.equal(await redo([1, 2]), 3);
      assert.equal(await redo([1]), 1);
    }));

  it('whose record was changed is done again', () =>
    inTemporaryFolder(async (folder) => {
      const { run, warnings } = stageIn(folder);
      await run([1, 2]);
      const path = new RunFolder(folder).inside('iteration-1').file('judge.stage.json');
      await writeFile(path, (await readFile(path, 'utf8')).replace('"nKept": 2', '"nKept": 3'));
      assert.equal((await run([1, 2])).nKept, 2);
      assert.match(
        warnings.join(),
        /judge\.stage\.json is damaged \(\(root\): its checksum is not that of its content\)/,
      );
    }));
});
