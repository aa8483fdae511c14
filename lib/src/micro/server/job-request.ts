// The body of `POST /v1/fine_tuning/jobs`, checked, with every 'auto' resolved.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning/create
import { z } from 'zod';
import { contentHash } from '../../core/hash.js';
import { deriveSeed } from '../../core/random.js';
import type { FileRecord } from './file-store.js';
import { graderSchema } from './grader.js';
import type { JobRequest } from './job-store.js';
import type { Model } from './model-store.js';
import { parseBody } from './request-body.js';
import { taskMetadata, type NewTask } from './task-routes.js';

/** A setting that a client may leave to the server. @param usual what 'auto', null and nothing mean */
function orAuto(numbers: z.ZodNumber, usual: number, expected: string): z.ZodType<number> {
  return z
    .custom<number | 'auto'>((value) => value === 'auto' || numbers.safeParse(value).success, {
      error: `expected "auto" or ${expected}`,
    })
    .nullish()
    .transform((value) => (value == null || value === 'auto' ? usual : value));
}

/** 'auto' or a whole number from 1 to `most`. */
function count(usual: number, most: number): z.ZodType<number> {
  return orAuto(z.int().min(1).max(most), usual, `a whole number from 1 to ${most}`);
}

/** 'auto' or a number above 0. */
function positive(usual: number, most: number): z.ZodType<number> {
  return orAuto(z.number().positive().max(most), usual, `a number above 0, at most ${most}`);
}

const supervisedHyperparameters = z.strictObject({
  n_epochs: count(2, 50),
  batch_size: count(32, 256),
  learning_rate_multiplier: positive(1, 100),
});

// The usual settings gave the best of the judges of the dev split in each of three beginnings that were tried with 84 to 147 pairs;
// at a multiplier of 10 they were 7 to 10 points of accuracy worse, and at a scale of 0, 2 to 4.
const dpoHyperparameters = z.strictObject({
  n_epochs: count(3, 50),
  batch_size: count(8, 256),
  learning_rate_multiplier: positive(2, 100),
  beta: positive(0.1, 10),
  // An extension of the OpenAI API: how much the loss of the preferred outputs weighs beside the preference loss.
  nll_scale: orAuto(z.number().min(0).max(100), 1.5, 'a number from 0 to 100'),
});

// The group and the number of updates are extensions of the OpenAI API, whose server decides them.
const reinforcementHyperparameters = z.strictObject({
  n_epochs: count(1, 50),
  batch_size: count(16, 128),
  learning_rate_multiplier: positive(1, 100),
  group_size: orAuto(z.int().min(2).max(64), 8, 'a whole number from 2 to 64'),
  n_updates: count(1, 16),
  clip: positive(0.2, 10),
  kl_scale: orAuto(z.number().min(0).max(100), 0, 'a number from 0 to 100'),
});

const METHODS = ['supervised', 'dpo', 'reinforcement'] as const;
const anyMethod = 'expected "supervised", "dpo" or "reinforcement"';

const jobBody = z
  .object({
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
          type: z.enum(METHODS, { error: anyMethod }),
          supervised: z.strictObject({ hyperparameters: supervisedHyperparameters.nullish() }).nullish(),
          dpo: z.strictObject({ hyperparameters: dpoHyperparameters.nullish() }).nullish(),
          reinforcement: z
            .strictObject({
              grader: graderSchema,
              hyperparameters: reinforcementHyperparameters.nullish(),
            })
            .nullish(),
        },
        { error: 'expected {"type": "<method>", "<method>": {"hyperparameters": {...}}}' },
      )
      .nullish(),
    hyperparameters: supervisedHyperparameters.nullish(),
    metadata: taskMetadata,
  })
  .superRefine(({ method, hyperparameters }, context) => {
    // Settings that stand where they would not count.
    const type = method?.type ?? 'supervised';
    for (const other of METHODS) {
      if (other === type || method?.[other] == null) continue;
      const message = `The method is "${type}", but there are settings for "${other}". Leave method.${other} out`;
      context.addIssue({ code: 'custom', path: ['method', other], message });
    }
    if (type === 'reinforcement' && method?.reinforcement == null) {
      const message = 'expected {"grader": {...}}: nothing can be learned without a grader';
      context.addIssue({ code: 'custom', path: ['method', 'reinforcement'], message });
    }
    if (hyperparameters != null && (type !== 'supervised' || method?.supervised?.hyperparameters != null)) {
      const problem =
        type !== 'supervised' ? 'this place is for the supervised method only' : 'they are given twice';
      const message = `${problem}. Send them in method.${type}.hyperparameters only`;
      context.addIssue({ code: 'custom', path: ['hyperparameters'], message });
    }
  });

/** What a client asked for, with what 'auto' means. */
export type JobBody = z.infer<typeof jobBody>;

/** Reads the body of a job's creation. @throws ApiError 400 */
export function parseJobBody(body: unknown): JobBody {
  return parseBody(body, {
    schema: jobBody,
    unsupported: { integrations: 'Follow the job through its events instead.' },
  });
}

/** What a job needs besides its body. */
export interface JobParts extends NewTask {
  base: Model;
  trainingFile: FileRecord;
}

/** The job as it is kept: every default resolved, the seed following from the content unless it was given. */
export function resolveJob(body: JobBody, parts: JobParts): JobRequest {
  const { base, trainingFile } = parts;
  const { method, hyperparameters } = resolveMethod(body);
  const content = {
    base: base.fingerprint,
    training: trainingFile.sha256,
    hyperparameters,
    // Left out for supervised jobs, so that their hashes stay those of versions with one method.
    ...(method.type === 'supervised' ? {} : { method }),
  };
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
    method,
    hyperparameters,
    metadata: body.metadata ?? null,
    contentHash: contentHash({ ...content, seed }),
  };
}

function resolveMethod({ method, hyperparameters }: JobBody): Pick<JobRequest, 'method' | 'hyperparameters'> {
  const common = (given: z.infer<typeof supervisedHyperparameters>): JobRequest['hyperparameters'] => ({
    nEpochs: given.n_epochs,
    batchSize: given.batch_size,
    learningRateMultiplier: given.learning_rate_multiplier,
  });
  if (method?.type === 'reinforcement' && method.reinforcement != null) {
    const { grader, hyperparameters: own } = method.reinforcement;
    const given = own ?? reinforcementHyperparameters.parse({});
    const { group_size: groupSize, n_updates: nUpdates, clip, kl_scale: klScale } = given;
    return {
      method: { type: 'reinforcement', grader, groupSize, nUpdates, clip, klScale },
      hyperparameters: common(given),
    };
  }
  if (method?.type !== 'dpo') {
    const given =
      method?.supervised?.hyperparameters ?? hyperparameters ?? supervisedHyperparameters.parse({});
    return { method: { type: 'supervised' }, hyperparameters: common(given) };
  }
  const given = method.dpo?.hyperparameters ?? dpoHyperparameters.parse({});
  const { beta, nll_scale: nllScale } = given;
  return { method: { type: 'dpo', beta, nllScale }, hyperparameters: common(given) };
}
