// models.json: every model that was trained, with its origin.
import { DataError } from '../core/errors.js';
import { readTextIfPresent, writeFileAtomic } from '../core/files.js';
import { parseJson } from '../core/jsonl.js';
import { sealed, unsealed } from '../core/sealed-json.js';
import {
  modelRegistrySchema,
  type CheckpointChoice,
  type FineTunedModel,
  type ModelRecord,
} from '../schema/fine-tuned-model.js';

/** The file's usual name. */
export const MODELS_FILE = 'models.json';

/** The models in a file, parents before children; an empty list if there is no file. @throws DataError */
export async function readModels(path: string): Promise<ModelRecord[]> {
  const text = await readTextIfPresent(path);
  if (text === null) return [];
  const parsed = parseJson(text, unsealed(modelRegistrySchema));
  if (parsed.ok) return parsed.value.models;
  throw new DataError({
    subject: path,
    expected: 'a list of models as this version of the program writes it',
    received: parsed.problems,
    remedy: 'Fix the file, or move it away: the next model starts a new one.',
  });
}

/**
 * Adds a model to a file, or replaces the record of the same model, and returns all records. The file is rewritten as a whole, so that
 * a reader sees the old list or the new one. Only the process that has locked the run's folder may write it.
 * @throws DataError
 */
export async function recordModel(path: string, record: ModelRecord): Promise<ModelRecord[]> {
  const models = await readModels(path);
  const place = models.findIndex(({ model }) => model === record.model);
  if (place === -1) models.push(record);
  else models[place] = record;
  await writeFileAtomic(path, `${JSON.stringify(sealed({ schemaVersion: 1, models }), null, 2)}\n`);
  return models;
}

/** The origin of a model, for its record. */
export interface ModelOrigin {
  /** The seed of its training. */
  seed: number;
  /** The models recorded so far; its ancestors are among them. */
  models: readonly ModelRecord[];
  choice?: CheckpointChoice | undefined;
  runId?: string | undefined;
  iteration?: number | undefined;
}

/** The record of a model that was just trained; with a choice, of the chosen checkpoint. */
export function modelRecordOf(made: FineTunedModel, origin: ModelOrigin): ModelRecord {
  const { seed, models, choice, runId, iteration } = origin;
  return {
    model: choice?.chosen.checkpoint.model ?? made.model,
    parent: made.parent,
    seedModel: lineageOf(made.parent, models)[0] ?? made.parent,
    seed,
    method: made.method ?? 'supervised',
    trainingFileHash: made.trainingFileHash,
    nExamples: made.nExamples,
    jobId: made.jobId,
    ...(made.endpoint === undefined ? {} : { endpoint: made.endpoint }),
    ...(runId === undefined ? {} : { runId }),
    ...(iteration === undefined ? {} : { iteration }),
    ...(choice === undefined
      ? {}
      : {
          choice: {
            validationSet: choice.validationSet,
            chosen: choice.chosen,
            nScored: choice.scores.filter(({ accuracy }) => accuracy.value !== null).length,
          },
        }),
  };
}

/** A model and its ancestors, the seed model first. A model without a record is a seed model. */
export function lineageOf(model: string, models: readonly ModelRecord[]): string[] {
  const line = [model];
  for (let child = model; ;) {
    const parent = models.find((record) => record.model === child)?.parent;
    // A cycle can only come from a file that was edited by hand.
    if (parent === undefined || line.includes(parent)) return line.reverse();
    line.push(parent);
    child = parent;
  }
}
