// Training by rewards in the loop: its prompts and their records, in place of supervised training or after it, and what is refused.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { modelRegistrySchema } from '../../../lib/src/schema/index.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

type Line = Record<string, unknown>;

async function linesOf(path: string): Promise<Line[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

async function writePack(folder: string): Promise<void> {
  const asked = (content: string) => ({ messages: [{ role: 'user', content }] });
  const answer = { ...asked('{{instruction}}'), parse: { rule: 'whole' } };
  const judge = { ...asked('{{instruction}} {{responseA}} {{responseB}}'), parse: 'number' };
  const pack = { name: 'numbers', answer, modifiedInstruction: answer, judge };
  await writeFile(join(folder, 'numbers.yaml'), stringify(pack));
}

describe('training by rewards in the loop', function () {
  this.timeout(60_000);

  for (const warmStart of [true, false])
    it(`trains ${warmStart ? 'after' : 'in place of'} the supervised training, on every prompt that was judged`, () =>
      inTemporaryFolder(async (folder) => {
        const small = embeddedIn(folder);
        const reinforcement = { warmStart, groupSize: 4, batchSize: 8 };
        const finetune = { ...small.finetune, validation: { share: 0.25 }, reinforcement };
        const judge = { ...small.judge, orders: 'both' };
        const path = await writeExperiment(folder, { ...small, iterations: 1, judge, finetune });
        const { result, events } = await runIn(folder, path);
        const inside = join(result.folder, 'iteration-1');
        const prompts = await linesOf(join(inside, 'reward-prompts.jsonl'));
        const pairs = await linesOf(join(inside, 'pairs.jsonl'));
        assert.equal(prompts.length, 2 * pairs.length);
        for (const { order, winner, loser } of prompts)
          assert.deepEqual([winner, loser], order === 'winner-first' ? ['A', 'B'] : ['B', 'A']);
        const trainedOn = await linesOf(join(inside, 'reward-file.jsonl'));
        const heldBack = await linesOf(join(inside, 'reward-validation-file.jsonl'));
        assert.equal(trainedOn.length + heldBack.length, prompts.length);
        assert.deepEqual(Object.keys(trainedOn[0]!), ['messages', 'winner', 'loser', 'order', 'pairId']);
        const { models } = modelRegistrySchema.parse(
          JSON.parse(await readFile(join(result.folder, 'models.json'), 'utf8')),
        );
        assert.deepEqual(
          models.map(({ method }) => method),
          warmStart ? ['supervised', 'reinforcement'] : ['reinforcement'],
        );
        assert.equal(result.manifest.models.at(-1), models.at(-1)?.model);
        const finished = events.flatMap((event) =>
          event.kind === 'stage-finished' && event.record.stage === 'reward' ? [event.record] : [],
        );
        assert.deepEqual(
          finished.map(({ nInput, nKept }) => [nInput, nKept]),
          [[prompts.length, prompts.length]],
        );
        assert.match(
          await readFile(result.reportPath, 'utf8'),
          warmStart ? /then by rewards/ : /by rewards \(GRPO\) alone/,
        );
      }));

  for (const [what, changes, says] of [
    ['beside DPO', {}, /finetune\.reinforcement: expected one of dpo and reinforcement/],
    [
      'by a verdict without markers',
      { pack: './numbers.yaml' },
      /a pack whose judgments end in \[\[A\]\] or \[\[B\]\].*the rule number/s,
    ],
  ] as const)
    it(`is refused ${what}`, () =>
      inTemporaryFolder(async (folder) => {
        const small = embeddedIn(folder);
        await writePack(folder);
        const dpo = 'pack' in changes ? {} : { dpo: {} };
        const finetune = { ...small.finetune, ...dpo, reinforcement: {} };
        const path = await writeExperiment(folder, { ...small, ...changes, finetune });
        await assert.rejects(runIn(folder, path), says);
      }));
});
