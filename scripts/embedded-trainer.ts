// A trainer in place of a cluster's: trains the embedded model in a process of its own and puts the result where its server finds it.
//
// It is told everything by the command backend, in AUTODIDACT_*. The same data, settings and seed give the same model, by name and byte,
// as a job of the server itself, since both are the same code over the same state folder:
//
//   trainer:
//     backend: command
//     command: [npx, tsx, scripts/embedded-trainer.ts]
//     values: { stateFolder: .autodidact/embedded }
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AutodidactError, messageOf } from '../lib/src/core/errors.js';
import { writeFileAtomic } from '../lib/src/core/files.js';
import { contentHash, sha256 } from '../lib/src/core/hash.js';
import { describeCheckpoint } from '../lib/src/micro/server/describe-checkpoint.js';
import { fineTunedModelId } from '../lib/src/micro/server/job-store.js';
import { parseJobBody, resolveJob } from '../lib/src/micro/server/job-request.js';
import { trainJob } from '../lib/src/micro/server/job-training.js';
import { ModelStore } from '../lib/src/micro/server/model-store.js';
import { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH } from '../lib/src/micro/seed-model.js';
import { preferenceTune } from '../lib/src/micro/preference-trainer.js';
import { reinforcementTune } from '../lib/src/micro/reinforcement-trainer.js';
import { fineTune } from '../lib/src/micro/trainer.js';
import type { ModelCheckpoint } from '../lib/src/schema/index.js';

const optionalNumber = z.coerce.number().optional();
const settings = z
  .object({
    AUTODIDACT_STATE_FOLDER: z.string().min(1),
    /** A seed in place of those that ship with the package. */
    AUTODIDACT_SEED_CHECKPOINT: z.string().min(1).optional(),
    AUTODIDACT_TRAINING_FILE: z.string().min(1),
    AUTODIDACT_VALIDATION_FILE: z.string().min(1).optional(),
    AUTODIDACT_RESULT_FILE: z.string().min(1),
    AUTODIDACT_BASE_MODEL: z.string().min(1),
    AUTODIDACT_METHOD: z.enum(['supervised', 'dpo']),
    AUTODIDACT_SUFFIX: z.string().min(1),
    AUTODIDACT_SEED: z.coerce.number(),
    AUTODIDACT_EPOCHS: optionalNumber,
    AUTODIDACT_BATCH_SIZE: optionalNumber,
    AUTODIDACT_LEARNING_RATE_MULTIPLIER: optionalNumber,
    AUTODIDACT_BETA: optionalNumber,
    AUTODIDACT_NLL_SCALE: optionalNumber,
  })
  .parse(process.env);

async function main(): Promise<void> {
  const models = await ModelStore.open({
    folder: join(settings.AUTODIDACT_STATE_FOLDER, 'models'),
    ...(settings.AUTODIDACT_SEED_CHECKPOINT === undefined
      ? { seedCheckpointPath: SEED_CHECKPOINT_PATH, otherSeeds: OTHER_SEED_CHECKPOINTS }
      : { seedCheckpointPath: settings.AUTODIDACT_SEED_CHECKPOINT }),
    describe: describeCheckpoint,
    clock: Date.now,
    report: console.error,
  });
  const training = await readFile(settings.AUTODIDACT_TRAINING_FILE);
  const type = settings.AUTODIDACT_METHOD;
  const hyperparameters = {
    n_epochs: settings.AUTODIDACT_EPOCHS,
    batch_size: settings.AUTODIDACT_BATCH_SIZE,
    learning_rate_multiplier: settings.AUTODIDACT_LEARNING_RATE_MULTIPLIER,
    ...(type === 'dpo' ? { beta: settings.AUTODIDACT_BETA, nll_scale: settings.AUTODIDACT_NLL_SCALE } : {}),
  };
  const validationFile = settings.AUTODIDACT_VALIDATION_FILE;
  const body = {
    model: settings.AUTODIDACT_BASE_MODEL,
    training_file: 'training',
    ...(validationFile === undefined ? {} : { validation_file: 'validation' }),
    suffix: settings.AUTODIDACT_SUFFIX,
    seed: settings.AUTODIDACT_SEED,
    method: { type, [type]: { hyperparameters } },
  };
  const request = resolveJob(parseJobBody(body), {
    id: 'ftjob-of-a-command',
    createdMs: Date.now(),
    bodyHash: contentHash(body),
    base: await models.get(body.model),
    trainingFile: {
      id: body.training_file,
      createdMs: 0,
      filename: 'training.jsonl',
      purpose: 'fine-tune',
      nBytes: training.length,
      sha256: sha256(training),
    },
  });
  const checkpoints: ModelCheckpoint[] = [];
  const write = async (model?: string): Promise<void> =>
    writeFileAtomic(settings.AUTODIDACT_RESULT_FILE, `${JSON.stringify({ model, checkpoints })}\n`);
  const contentOf = async (fileId: string): Promise<Buffer> =>
    fileId === 'validation' && validationFile !== undefined ? readFile(validationFile) : training;
  await trainJob(
    request,
    {
      models,
      fineTune,
      preferenceTune,
      reinforcementTune,
      clock: Date.now,
      files: { read: contentOf },
    },
    {
      signal: new AbortController().signal,
      append: async (line) => {
        if (line.kind === 'metrics')
          console.log(`step ${line.step}/${line.nSteps} loss ${line.trainLoss.toFixed(4)}`);
        if (line.kind !== 'checkpoint') return;
        const { modelId: model, step, epoch, trainLoss, validationLoss } = line;
        const metrics = {
          ...(trainLoss === null ? {} : { train_loss: trainLoss }),
          ...(validationLoss === null ? {} : { full_valid_loss: validationLoss }),
        };
        checkpoints.push({ model, step, epoch, metrics });
        await write();
        console.log(`epoch ${epoch}: ${model}`);
      },
    },
  );
  await write(fineTunedModelId(request));
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : messageOf(thrown));
  process.exitCode = 1;
});
