// The body of `POST /v1/fine_tuning/jobs`, checked, with every 'auto' resolved.
// Reference: https://platform.openai.com/docs/api-reference/fine-tuning/create
import { z } from 'zod';
import { contentHash } from '../../core/hash.js';
import { deriveSeed } from '../../core/random.js';
import type { FileRecord } from './file-store.js';
import {
  methodBody,
  refuseOtherMethods,
  refuseStraySettings,
  resolveMethod,
  supervisedHyperparameters,
} from './job-method.js';
import type { JobRequest } from './job-record.js';
import type { Model } from './model-store.js';
import { parseBody } from './request-body.js';
import { taskMetadata, type NewTask } from './task-routes.js';

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
  method: methodBody.nullish(),
  hyperparameters: supervisedHyperparameters.nullish(),
  metadata: taskMetadata,
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
  refuseStraySettings(parsed);
  return parsed;
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
