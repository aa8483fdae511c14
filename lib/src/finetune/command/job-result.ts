// What came out of a trainer: told in a result file, in its log, or known beforehand.
import { z } from 'zod';
import { parseJson } from '../../core/jsonl.js';
import { readTextIfPresent } from '../../core/files.js';
import { modelCheckpointSchema, type ModelCheckpoint } from '../../schema/fine-tuned-model.js';
import type { CommandTrainerConfig } from '../trainer-schema.js';
import { matchesIn } from './job-log.js';
import { renderTemplate, type TemplateValues } from './template.js';

const resultSchema = z.strictObject({
  model: z.string().min(1).optional(),
  endpoint: z.url().optional(),
  /** In the order in which they were saved. A trainer may write the file again and again, with more of them each time. */
  checkpoints: z.array(modelCheckpointSchema).optional(),
});

/** The model of a job, or why it is not known. */
export type JobResult =
  { found: true; model: string; endpoint: string | undefined } | { found: false; problem: string };

/** Where results are looked for. */
export interface ResultPlaces {
  resultFile: string;
  logFile: string;
  values: TemplateValues;
}

/** The model that a job made. @throws ConfigError for a wrong placeholder, DataError */
export async function resultOf(config: CommandTrainerConfig, places: ResultPlaces): Promise<JobResult> {
  const { resultFile, logFile, values } = places;
  const usual = usualEndpoint(config, places);
  const text = await readTextIfPresent(resultFile);
  if (text !== null) {
    const parsed = parseJson(text, resultSchema);
    if (!parsed.ok) return { found: false, problem: `${resultFile}: ${parsed.problems}` };
    const { model, endpoint = usual } = parsed.value;
    if (model !== undefined) return checked(model, endpoint);
  }
  const said = config.modelPattern === undefined ? null : await lastMatch(logFile, config.modelPattern);
  if (said?.model !== undefined) return checked(said.model, said.endpoint ?? usual);
  if (config.model !== undefined)
    return checked(renderTemplate(config.model, { values, subject: 'trainer.model' }), usual);
  const pattern =
    config.modelPattern === undefined ? '' : ', and trainer.modelPattern matches nothing in its log';
  return { found: false, problem: `it named no model: there is no ${resultFile}${pattern}` };
}

/**
 * The checkpoints that a job has told of so far. Each is served where it says itself, else where the trainer says of its result.
 * @throws ConfigError for a wrong placeholder, DataError
 */
export async function checkpointsOf(
  config: CommandTrainerConfig,
  places: ResultPlaces,
): Promise<ModelCheckpoint[]> {
  const { resultFile, logFile } = places;
  const text = await readTextIfPresent(resultFile);
  const parsed = text === null ? null : parseJson(text, resultSchema);
  const { checkpoints: told, endpoint } = parsed?.ok === true ? parsed.value : {};
  const usual = endpoint ?? usualEndpoint(config, places);
  const checkpoints = told ?? (await loggedCheckpoints(config, logFile));
  // An address that is none makes the job fail when it is done.
  if (usual === undefined || !isAddress(usual)) return checkpoints;
  return checkpoints.map((checkpoint) => ({ endpoint: usual, ...checkpoint }));
}

async function loggedCheckpoints(
  { checkpointPattern }: CommandTrainerConfig,
  logFile: string,
): Promise<ModelCheckpoint[]> {
  const checkpoints = new Map<string, ModelCheckpoint>();
  if (checkpointPattern === undefined) return [];
  for await (const { model, endpoint, step, epoch } of matchesIn(
    logFile,
    new RegExp(checkpointPattern, 'u'),
  )) {
    const read = modelCheckpointSchema.safeParse({
      model,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(step === undefined ? {} : { step: Number(step) }),
      ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
    });
    if (read.success) checkpoints.set(read.data.model, read.data);
  }
  return [...checkpoints.values()];
}

async function lastMatch(
  logFile: string,
  source: string,
): Promise<Record<string, string | undefined> | null> {
  let last: Record<string, string | undefined> | null = null;
  for await (const groups of matchesIn(logFile, new RegExp(source, 'u'))) last = groups;
  return last;
}

/** Where the experiment says that what comes out is served. */
function usualEndpoint({ endpoint }: CommandTrainerConfig, { values }: ResultPlaces): string | undefined {
  return endpoint === undefined
    ? undefined
    : renderTemplate(endpoint, { values, subject: 'trainer.endpoint' });
}

function isAddress(endpoint: string): boolean {
  return z.url({ protocol: /^https?$/ }).safeParse(endpoint).success;
}

function checked(model: string, endpoint: string | undefined): JobResult {
  if (endpoint === undefined || isAddress(endpoint)) return { found: true, model, endpoint };
  return { found: false, problem: `its endpoint is no http or https address: ${endpoint}` };
}
