// A command whose jobs do what a test decides.
import assert from 'node:assert/strict';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Secrets } from '../../../lib/src/core/secrets.js';
import { FAILURE, SECRET, type TrainerWorld } from '../../contracts/fine-tune-backend.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { CommandSetting } from './command-setting.js';
import { killedAtChange } from './killing-disk.js';

/** Counts its runs, so that a second one is noticed, and keeps what it was given. */
const TRAINS = `echo ran >> runs
cat "$AUTODIDACT_TRAINER_CONFIG" "$AUTODIDACT_TRAINING_FILE" > seen
while [ ! -e go ] && [ ! -e fail ]; do sleep 0.01; done
if [ -e fail ]; then cat fail; exit 3; fi
printf '{"model": "made", "checkpoints": [{"model": "made-1", "step": 1}, {"model": "made", "step": 2}]}' > "$AUTODIDACT_RESULT_FILE"`;

async function openCommand(): Promise<TrainerWorld> {
  const setting = new CommandSetting();
  const folder = await setting.folder();
  await writeFile(join(folder, 'sft.yaml'), 'data: {{trainingFile:json}}\n');
  const backend = (): ReturnType<typeof setting.backend> =>
    setting.backend(
      { command: TRAINS, templates: ['sft.yaml'], graceMs: 200 },
      { redact: new Secrets([SECRET]).redact },
    );
  return {
    backend,
    request: (parts) => setting.request(parts),
    decide: async (outcome) => {
      for (const name of ['go', 'fail']) await rm(join(folder, name), { force: true });
      if (outcome === 'succeed') await writeFile(join(folder, 'go'), '');
      if (outcome === 'fail') await writeFile(join(folder, 'fail'), `${FAILURE}\n`);
    },
    interruptedAt: async (step, work) => {
      const first = await backend();
      return killedAtChange(step, () => work(first, NEVER));
    },
    // Folder, data set, template and record; then the start, after which only the id of the process is saved.
    nSteps: 6,
    nJobs: async () => (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).length / 'ran\n'.length,
    checkpointsOf: (model) => [
      { model: 'made-1', step: 1, metrics: {} },
      { model, step: 2, metrics: {} },
    ],
    check: async (jobId) => {
      assert.deepEqual(await readdir(join(folder, 'jobs', dirname(jobId))), ['attempt-1']);
      const seen = await readFile(join(folder, 'seen'), 'utf8');
      assert.match(seen, /^data: ".*training\.jsonl"\n\{"messages": \[\]\}\n$/);
    },
    close: () => setting.close(),
  };
}

/** A trainer that is a command. What it refuses is in its settings, not in a request. */
export const COMMAND = { open: openCommand, missesModels: false, refused: [] };
