import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../../../lib/src/core/errors.js';
import { overlapReportSchema } from '../../../lib/src/schema/index.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { startLabellingServer } from '../../fixtures/labelling-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('what a run trains on', function () {
  this.timeout(60_000);

  it('is held against the benchmark before a training is submitted, and waived as instructions are', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startLabellingServer();
      try {
        const instructions = ['one', 'two', 'three', 'four'].map((word) => `count up to the ${word}`);
        await writeFile(
          join(folder, 'instructions.jsonl'),
          jsonl(instructions.map((instruction) => ({ instruction }))),
        );
        // The server answers "good answer to …": with that the instruction is too short to be told, its answer is not.
        const item = { slice: 's', errorKind: 'e', winner: 'good', loser: 'bad' };
        await writeFile(
          join(folder, 'benchmark.jsonl'),
          jsonl([
            { ...item, itemId: 'seen', instruction: 'good answer to count up to the two' },
            { ...item, itemId: 'unseen', instruction: 'what else there is to be asked of a judge' },
          ]),
        );
        const config = {
          name: 'remembered',
          iterations: 1,
          endpoint: { provider: 'openai', baseUrl: server.baseUrl },
          model: 'seed',
          pack: 'general',
          instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: 4 },
          judge: { samples: 1 },
          evaluate: { benchmark: { source: 'jsonl', path: 'benchmark.jsonl' } },
        };
        await assert.rejects(runIn(folder, await writeExperiment(folder, config)), (thrown: unknown) => {
          assert.ok(thrown instanceof DataError);
          assert.match(
            thrown.message,
            /overlap\.json: .* 1 of 2 items: seen \(s\): the same text as the response of \S+\. Leave/,
          );
          return true;
        });
        const runs = join(folder, 'results', 'remembered');
        const [refused = ''] = await readdir(runs);
        const inside = new RunFolder(join(runs, refused)).inside('iteration-1');
        assert.ok(!(await readdir(inside.path)).includes('training-file.jsonl'));
        const overlap = await inside.readJson('overlap.json', overlapReportSchema);
        // Of each pair winner and loser, and one kept judgment of some.
        assert.equal(overlap?.training.instruction.n, 0);
        assert.ok(overlap.training.response.n >= 8);

        const waive = [{ itemIds: ['seen'], reason: 'everybody says so' }];
        const waived = await writeExperiment(folder, { ...config, overlap: { waive } });
        const { result } = await runIn(folder, waived);
        assert.match(
          await readFile(result.reportPath, 'utf8'),
          /responses and judgments of each training .*: \d+ texts, of which 4 overlap with an item, each with a waiver\./,
        );
        const check = result.assessment.checks.find(({ id }) => id === 'overlap');
        assert.deepEqual(
          [check?.level, check?.found],
          ['amber', '1 of 2 held-out pairs overlap with what iteration 1 trained on, 0 without a waiver'],
        );
        const notAsked = await writeExperiment(folder, {
          ...config,
          overlap: { trainingFields: ['instruction'] },
        });
        const instructionsAlone = await runIn(folder, notAsked);
        assert.doesNotMatch(
          await readFile(instructionsAlone.result.reportPath, 'utf8'),
          /responses and judgments of each training/,
        );
      } finally {
        await server.close();
      }
    }));
});
