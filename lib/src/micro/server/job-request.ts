// The body of `POST /v1/fine_tuning/jobs`, checked, with every 'auto' resolved.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning/create
import { z } from 'zod';
import { contentHash } from '../../core/hash.js';
import { deriveSeed } from '../../core/random.js';
import { badRequest } from './api-error.js';
import type { FileRecord } from './file-store.js';
import type { JobRequest } from './job-record.js';
import type { Model } from './model-store.js';
import { parseBody } from './request-body.js';

/** Learning rate of the Muon matrices at `learning_rate_multiplier` 1. */
export const BASE_LEARNING_RATE = 1e-3;

/** What 'auto' means. */
export const AUTO_HYPERPARAMETERS = { nEpochs: 2, batchSize: 32, learningRateMultiplier: 1 } as const;

const auto = z.literal('auto');

/** 'auto' or a whole number from 1 to `most`. */
function autoOrCount(most: number): z.ZodUnion<[typeof auto, z.ZodInt]> {
  const error = `expected "auto" or a whole number from 1 to ${most}`;
  return z.union([auto, z.int({ error }).min(1, { error }).max(most, { error })], { error });
}

const anyMultiplier = 'expected "auto" or a number above 0, at most 100';
const hyperparameters = z.strictObject({
  n_epochs: autoOrCount(50).nullish(),
  batch_size: autoOrCount(256).nullish(),
  learning_rate_multiplier: z
    .union([auto, z.number().positive({ error: anyMultiplier }).max(100, { error: anyMultiplier })], {
      error: anyMultiplier,
    })
    .nullish(),
});

const jobBody = z.object({
  model: z.string().min(1),
  training_file: z.string().min(1),
  validation_file: z.string().min(1).nullish(),
  suffix: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, {
      error: 'expected 1 to 64 letters, digits, dots, dashes or underscores',
    })
    .nullish(),
  seed: z.int().min(0).max(2147483647).nullish(),
  method: z
    .strictObject(
      {
        type: z.literal('supervised', { error: 'this method is not offered yet: only "supervised" is' }),
        supervised: z.strictObject({ hyperparameters: hyperparameters.nullish() }).nullish(),
      },
      { error: 'expected {"type": "supervised", "supervised": {"hyperparameters": {...}}}' },
    )
    .nullish(),
  hyperparameters: hyperparameters.nullish(),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((pairs) => Object.keys(pairs).length <= 16, { error: 'expected at most 16 pairs' })
    .nullish(),
});

/** What a client asked for. */
export type JobBody = z.infer<typeof jobBody>;

/** Reads the body of a job's creation. @throws ApiError 400 */
export function parseJobBody(body: unknown): JobBody {
  refuseOtherMethods(body);
  const parsed = parseBody(body, {
    schema: jobBody,
    unsupported: { integrations: 'Follow the job through its events instead.' },
  });
  if (parsed.hyperparameters != null && parsed.method?.supervised?.hyperparameters != null) {
    throw badRequest(
      'Hyperparameters are given twice. Send them in method.supervised.hyperparameters only.',
      {
        param: 'hyperparameters',
        code: 'invalid_value',
      },
    );
  }
  return parsed;
}

/** Known methods that are missing here deserve their own word, before their settings are found to be unknown. */
function refuseOtherMethods(body: unknown): void {
  const type = (body as { method?: { type?: unknown } | null } | null | undefined)?.method?.type;
  if (type !== 'dpo' && type !== 'reinforcement') return;
  throw badRequest(`The method "${type}" is not offered yet. Use {"type": "supervised"}.`, {
    param: 'method.type',
    code: 'unsupported_value',
  });
}

/** What a job needs besides its body. */
export interface JobParts {
  id: string;
  createdMs: number;
  bodyHash: string;
  base: Model;
  trainingFile: FileRecord;
}

/** The job as it is kept: every default resolved, the seed following from the content unless it was given. */
export function resolveJob(body: JobBody, parts: JobParts): JobRequest {
  const { base, trainingFile } = parts;
  const given = body.method?.supervised?.hyperparameters ?? body.hyperparameters ?? {};
  const resolved = {
    nEpochs: orAuto(given.n_epochs, AUTO_HYPERPARAMETERS.nEpochs),
    batchSize: orAuto(given.batch_size, AUTO_HYPERPARAMETERS.batchSize),
    learningRateMultiplier: orAuto(
      given.learning_rate_multiplier,
      AUTO_HYPERPARAMETERS.learningRateMultiplier,
    ),
  };
  const content = { base: base.fingerprint, training: trainingFile.sha256, hyperparameters: resolved };
  const seed = body.seed ?? deriveSeed('fine-tune', contentHash(content));
  return {
    id: parts.id,
    createdMs: parts.createdMs,
    bodyHash: parts.bodyHash,
    model: body.model,
    baseFingerprint: base.fingerprint,
    root: base.root,
    trainingFile: body.training_file,
    validationFile: body.validation_file ?? null,
    suffix: body.suffix ?? null,
    seed,
    hyperparameters: resolved,
    metadata: body.metadata ?? null,
    contentHash: contentHash({ ...content, seed }),
  };
}

function orAuto(value: number | 'auto' | null | undefined, usual: number): number {
  return value == null || value === 'auto' ? usual : value;
}
