// What a trainer made, from its result file, its log, or the settings.
import { z } from 'zod';
import { readTextIfPresent } from '../../core/files.js';
import { printable } from '../../core/text.js';
import { parseJson, type ParsedJson } from '../../core/jsonl.js';
import { modelCheckpointSchema, type ModelCheckpoint } from '../../schema/fine-tuned-model.js';
import type { RunFolder } from '../../store/run-folder.js';
import type { CommandTrainerConfig } from '../trainer-schema.js';
import { matchesIn } from './job-log.js';
import { JOB_FILES } from './job-values.js';
import { renderTemplate, type TemplateValues } from './template.js';

/** Trainers write more than this, such as `train_loss`; it is not read. */
const resultSchema = z.looseObject({
  model: z.string().min(1).optional(),
  endpoint: z.url().optional(),
  /** In the order in which they were saved. A trainer may rewrite the file with every new checkpoint. */
  checkpoints: z.array(z.object(modelCheckpointSchema.shape)).optional(),
});

/** The model of a job and where it is served. */
interface JobResult {
  model: string;
  /** Absent: where the base model is served. */
  endpoint?: string;
}

/**
 * The model that a job made, or why it is unknown: what its result file names, then its log, then the settings.
 * @param values those of the job's placeholders
 * @throws ConfigError for a wrong placeholder, DataError
 */
export async function resultOf(
  config: CommandTrainerConfig,
  folder: RunFolder,
  values: TemplateValues,
): Promise<JobResult | string> {
  const reported = await readResult(folder);
  const resultFile = folder.file(JOB_FILES.result);
  if (reported?.ok === false) return `${resultFile}: ${reported.problems}`;
  const usual = usualEndpoint(config, values);
  const { model, endpoint = usual } = reported?.value ?? {};
  if (model !== undefined) return checked(model, endpoint);
  let logged: Record<string, string | undefined> | undefined;
  for await (const groups of matchesIn(folder.file(JOB_FILES.log), config.modelPattern)) logged = groups;
  if (logged?.model !== undefined) return checked(logged.model, logged.endpoint ?? usual);
  if (config.model !== undefined)
    return checked(renderTemplate(config.model, { values, subject: 'trainer.model' }), usual);
  const pattern =
    config.modelPattern === undefined ? '' : ', and trainer.modelPattern matches nothing in its log';
  const found = reported === null ? 'there is no' : `no "model" among ${keysOf(reported.value)} in`;
  return `it named no model: ${found} ${resultFile}${pattern}`;
}

/**
 * The model that a job serves while it goes on: only its result file says so, which is written last.
 * @returns null where there is no such file yet, or it names no model or no address
 * @throws ConfigError for a wrong placeholder, DataError
 */
export async function servedBy(
  config: CommandTrainerConfig,
  folder: RunFolder,
  values: TemplateValues,
): Promise<JobResult | null> {
  const reported = await readResult(folder);
  if (reported?.ok !== true || reported.value.model === undefined) return null;
  const { model, endpoint = usualEndpoint(config, values) } = reported.value;
  // A training may name its model before the job that serves it does.
  if (endpoint === undefined) return null;
  const result = checked(model, endpoint);
  return typeof result === 'string' ? null : result;
}

const keysOf = (result: object): string => printable(JSON.stringify(Object.keys(result)), 200);

/**
 * The checkpoints that a job has reported so far. One without an endpoint is served where the result is.
 * @throws ConfigError for a wrong placeholder, DataError
 */
export async function checkpointsOf(
  config: CommandTrainerConfig,
  folder: RunFolder,
  values: TemplateValues,
): Promise<ModelCheckpoint[]> {
  const reported = await readResult(folder);
  const result = reported?.ok === true ? reported.value : {};
  const logged = loggedCheckpoints(folder.file(JOB_FILES.log), config.checkpointPattern);
  const { checkpoints = await logged, endpoint = usualEndpoint(config, values) } = result;
  // A wrong address makes the job fail at its end.
  if (endpoint === undefined || !isAddress(endpoint)) return checkpoints;
  return checkpoints.map((checkpoint) => ({ endpoint, ...checkpoint }));
}

async function readResult(folder: RunFolder): Promise<ParsedJson<z.output<typeof resultSchema>> | null> {
  const text = await readTextIfPresent(folder.file(JOB_FILES.result));
  return text === null ? null : parseJson(text, resultSchema);
}

async function loggedCheckpoints(logFile: string, pattern: string | undefined): Promise<ModelCheckpoint[]> {
  const checkpoints = new Map<string, ModelCheckpoint>();
  for await (const { model, endpoint, step, epoch } of matchesIn(logFile, pattern)) {
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
function usualEndpoint({ endpoint }: CommandTrainerConfig, values: TemplateValues): string | undefined {
  return endpoint === undefined
    ? undefined
    : renderTemplate(endpoint, { values, subject: 'trainer.endpoint' });
}

function isAddress(endpoint: string): boolean {
  return z.url({ protocol: /^https?$/ }).safeParse(endpoint).success;
}

function checked(model: string, endpoint: string | undefined): JobResult | string {
  if (endpoint === undefined) return { model };
  return isAddress(endpoint)
    ? { model, endpoint }
    : `its endpoint is not an http or https address: ${endpoint}`;
}
