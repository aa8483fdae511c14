import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPack } from '../../lib/src/prompt/index.js';
import { selectionSummarySchema } from '../../lib/src/schema/index.js';
import {
  choiceSchema,
  classifySchema,
  poolSchema,
  selectFromPool,
  SelectionTally,
} from '../../lib/src/select/index.js';
import { collect, NEVER, scriptedModel } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('a selection from a pool', () => {
  it('reads, classifies and chooses, and accounts for every row', () =>
    inTemporaryFolder(async (folder) => {
      const rows = Array.from({ length: 30 }, (_, i) => `${i % 2 === 0 ? 'program' : 'poem'} ${i}`);
      await writeFile(join(folder, 'pool.txt'), [...rows, 'program 0', 'mail a@example.org'].join('\n'));
      const { chatModel, endpoint } = scriptedModel((prompt) => {
        const category = prompt.includes('program') ? 'Coding' : 'Creative Writing';
        return [`category: ${category}\ncomplexity: 4\nlength: one word`];
      });
      const tally = new SelectionTally();
      const outcomes = await collect(
        selectFromPool({
          pool: poolSchema.parse({
            files: [{ path: 'pool.txt' }],
            filters: { personalDetails: { mode: 'mask' } },
          }),
          classify: { ...classifySchema.parse({}), chatModel, pack: await loadPack('general'), model: 'm' },
          choice: choiceSchema.parse({ slices: ['code'], count: 4 }),
          folder,
          seed: 1,
          signal: NEVER,
          tally,
        }),
      );
      assert.equal(outcomes.length, 32);
      // The duplicate is dropped before anything is asked.
      assert.equal(endpoint.requests.length, 31);
      const summary = selectionSummarySchema.parse(tally.summary());
      assert.deepEqual(
        [summary.rows, summary.offered, summary.taken, summary.drops, summary.masked],
        [32, 31, 4, { 'slice-not-selected': 16, 'not-drawn': 11, duplicate: 1 }, { email: 1 }],
      );
      const taken = outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : []));
      assert.ok(taken.every(({ slice, source }) => slice === 'code' && source?.file === 'pool.txt'));
    }));
});
