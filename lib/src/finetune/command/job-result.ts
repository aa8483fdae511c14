// What a trainer made, from its result file, its log, or the settings.
import { z } from 'zod';
import { readTextIfPresent } from '../../core/files.js';
import { parseJson, type ParsedJson } from '../../core/jsonl.js';
import { modelCheckpointSchema, type ModelCheckpoint } from '../../schema/fine-tuned-model.js';
import type { CommandTrainerConfig } from '../trainer-schema.js';
import { matchesIn } from './job-log.js';
import { renderTemplate, type TemplateValues } from './template.js';

const resultSchema = z.strictObject({
  model: z.string().min(1).optional(),
  endpoint: z.url().optional(),
  /** In the order in which they were saved. A trainer may rewrite the file with every new checkpoint. */
  checkpoints: z.array(modelCheckpointSchema).optional(),
});

/** The model of a job, or why it is unknown. */
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
  const reported = await readResult(places);
  if (reported?.ok === false) return { found: false, problem: `${resultFile}: ${reported.problems}` };
  const { model, endpoint = usual } = reported?.value ?? {};
  if (model !== undefined) return checked(model, endpoint);
  let logged: Record<string, string | undefined> | undefined;
  for await (const groups of matchesIn(logFile, config.modelPattern)) logged = groups;
  if (logged?.model !== undefined) return checked(logged.model, logged.endpoint ?? usual);
  if (config.model !== undefined)
    return checked(renderTemplate(config.model, { values, subject: 'trainer.model' }), usual);
  const pattern =
    config.modelPattern === undefined ? '' : ', and trainer.modelPattern matches nothing in its log';
  return { found: false, problem: `it named no model: there is no ${resultFile}${pattern}` };
}

/**
 * The checkpoints that a job has reported so far. One without an endpoint is served where the result is.
 * @throws ConfigError for a wrong placeholder, DataError
 */
export async function checkpointsOf(
  config: CommandTrainerConfig,
  places: ResultPlaces,
): Promise<ModelCheckpoint[]> {
  const reported = await readResult(places);
  const result = reported?.ok === true ? reported.value : {};
  const { checkpoints = await loggedCheckpoints(config, places) } = result;
  const endpoint = result.endpoint ?? usualEndpoint(config, places);
  // A wrong address makes the job fail at its end.
  if (endpoint === undefined || !isAddress(endpoint)) return checkpoints;
  return checkpoints.map((checkpoint) => ({ endpoint, ...checkpoint }));
}

async function readResult({
  resultFile,
}: ResultPlaces): Promise<ParsedJson<z.output<typeof resultSchema>> | null> {
  const text = await readTextIfPresent(resultFile);
  return text === null ? null : parseJson(text, resultSchema);
}

async function loggedCheckpoints(
  { checkpointPattern }: CommandTrainerConfig,
  { logFile }: ResultPlaces,
): Promise<ModelCheckpoint[]> {
  const checkpoints = new Map<string, ModelCheckpoint>();
  for await (const { model, endpoint, step, epoch } of matchesIn(logFile, checkpointPattern)) {
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

/** Where results are served according to the experiment. */
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
  return { found: false, problem: `its endpoint is not an http or https address: ${endpoint}` };
}
