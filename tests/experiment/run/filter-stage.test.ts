import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  filterFilesIn,
  filterToExamples,
  filterToPreferences,
  type FilterFiles,
} from '../../../lib/src/experiment/run/filter-stage.js';
import { preferenceSchema } from '../../../lib/src/filter/index.js';
import { JudgmentsWriter } from '../../../lib/src/judge/index.js';
import { loadPack } from '../../../lib/src/prompt/index.js';
import { preferenceExampleSchema, trainingExampleSchema } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { frozenPairs } from '../../filter/frozen-pairs.js';
import { collect } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const config = { seed: 1, filter: { correctOnly: true, balanceLabels: true, perPair: 1 } };

async function inIteration(
  pairIds: readonly string[],
  test: (surroundings: { files: FilterFiles; iteration: number }) => Promise<void>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const jsonl = (records: readonly unknown[]) =>
      records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const response = (text: string) => ({ text, model: 'seed', method: 'answer' });
    const pairs = pairIds.map((pairId) => ({
      pairId,
      instructionId: `instruction of ${pairId}`,
      instruction: `question of ${pairId}`,
      slice: 'math',
      winner: response(`winner of ${pairId}.`),
      loser: response(`loser of ${pairId}.`),
    }));
    await writeFile(join(folder, 'pairs.jsonl'), jsonl(pairs));
    await writeFile(join(folder, 'judgments.jsonl'), jsonl(frozenPairs(5)));
    await test({ files: filterFilesIn(new RunFolder(folder)), iteration: 1 });
  });
}

const IDS = frozenPairs(5).map(({ pairId }) => pairId);

describe('the filter stage', () => {
  it('joins each kept judgment with the prompt that it answers, in whichever order the pairs stand', async () => {
    const pack = await loadPack('general');
    const sets: unknown[] = [];
    for (const pairIds of [IDS, IDS.toReversed()]) {
      await inIteration(pairIds, async (surroundings) => {
        const outcomes = await collect(filterToExamples({ config, pack }, surroundings));
        assert.equal(outcomes.length, IDS.length);
        const examples = outcomes.flatMap((outcome) =>
          outcome.kind === 'kept' ? [trainingExampleSchema.parse(outcome.record)] : [],
        );
        assert.ok(examples.length > 50);
        for (const { pairId, prompt, verdict, instructionId } of examples) {
          const text = prompt.map(({ content }) => content).join('\n');
          const [winner, loser] = ['winner', 'loser'].map((role) => text.indexOf(`${role} of ${pairId}.`));
          assert.ok(winner! >= 0 && loser! >= 0);
          assert.equal(verdict, winner! < loser! ? 'A' : 'B');
          assert.equal(instructionId, `instruction of ${pairId}`);
        }
        sets.push(outcomes);
      });
    }
    assert.deepEqual(sets[0], sets[1]);
  });

  it('makes preference examples that say what was rejected where it is not wrong', async () => {
    const pack = await loadPack('general');
    await inIteration(IDS, async (surroundings) => {
      const settings = preferenceSchema.parse({ rejected: 'not-right' });
      const outcomes = await collect(filterToPreferences({ config, pack }, { ...surroundings, settings }));
      const examples = outcomes.flatMap((outcome) =>
        outcome.kind === 'kept' ? [preferenceExampleSchema.parse(outcome.record)] : [],
      );
      const kinds = new Set(examples.map(({ rejectedAs }) => rejectedAs));
      assert.deepEqual(kinds, new Set([undefined, 'tie', 'unparsed']));
    });
  });

  it('makes the same examples with the index of the judge stage, and without it as in runs of earlier versions', async () => {
    const pack = await loadPack('general');
    await inIteration(IDS, async (surroundings) => {
      const without = await collect(filterToExamples({ config, pack }, surroundings));
      const writer = await JudgmentsWriter.create(
        new RunFolder(dirname(surroundings.files.judgments)),
        'judgments.jsonl',
      );
      for (const pair of frozenPairs(5)) await writer.write(pair);
      await writer.commit();
      assert.deepEqual(await collect(filterToExamples({ config, pack }, surroundings)), without);
    });
  });

  it('names the pair of a judgment that has none', async () => {
    const pack = await loadPack('general');
    await inIteration([], async (surroundings) => {
      await assert.rejects(
        collect(filterToExamples({ config, pack }, surroundings)),
        /judgments\.jsonl: expected judgments of the pairs in \S*pairs\.jsonl, received a judgment of p\d+/,
      );
    });
  });
});
