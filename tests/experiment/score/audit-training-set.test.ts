import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditTrainingSetIn } from '../../../lib/src/experiment/score/audit-pair-files.js';
import { judgePromptOf } from '../../../lib/src/judge/index.js';
import { loadPack } from '../../../lib/src/prompt/index.js';
import type { ResponsePair, TrainingExample } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

describe('the audit of a training set', () => {
  it('counts each example, by the response that it names and where that is shown', () =>
    inTemporaryFolder(async (folder) => {
      const pack = await loadPack('general');
      const response = (text: string) => ({ text, model: 'seed', method: 'answer' as const });
      const pairs = Array.from({ length: 4 }, (_, i): ResponsePair => ({
        pairId: `p${i}`,
        instructionId: `i${i}`,
        instruction: `question ${i}`,
        slice: 'all',
        winner: response(`short ${i}`),
        loser: response(`a longer response ${i}`),
      }));
      const example = (
        i: number,
        order: 'winner-first' | 'loser-first',
        verdict: 'A' | 'B',
      ): TrainingExample => {
        const { pairId, instructionId } = pairs[i]!;
        const prompt = pack.judge.render(judgePromptOf(pairs[i]!, order));
        return { pairId, instructionId, prompt, completion: `[[${verdict}]]`, verdict };
      };
      const write = (name: string, records: readonly object[]): Promise<void> =>
        writeFile(join(folder, name), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      await write('pairs.jsonl', pairs);
      await write('training-examples.jsonl', [
        // Right twice, the winner first and second; then the known loser, second and first. Nothing was kept of the fourth pair.
        example(0, 'winner-first', 'A'),
        example(0, 'loser-first', 'B'),
        example(1, 'winner-first', 'B'),
        example(1, 'winner-first', 'B'),
        example(2, 'loser-first', 'A'),
      ]);
      const { nPairs, nClusters, features } = await auditTrainingSetIn(new RunFolder(folder), { pack });
      assert.deepEqual([nPairs, nClusters], [5, 3]);
      const shareOf = (name: string) => features.find(({ feature }) => feature === name)?.winnerHasMore.value;
      assert.equal(shareOf('shown first'), 2 / 5);
      assert.equal(shareOf('characters'), 3 / 5);
    }));
});
