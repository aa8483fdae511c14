// The folder of a job before its trainer starts: data set, filled-in templates and, last of all, the record that says it is complete.
import { constants, copyFile, readFile, rename } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { makeFolder, readError, writeError } from '../../core/files.js';
import { contentHash } from '../../core/hash.js';
import { linesOf } from '../../core/lines.js';
import {
  exportDataset,
  readExport,
  type ExampleOf,
  type ExportKind,
  type ExportRequest,
} from '../../exports/index.js';
import type { RunFolder } from '../../store/run-folder.js';
import type { FineTuneRequest } from '../backend.js';
import type { CommandContext } from './command-context.js';
import { JOB_FILES, jobValues, NEEDED, withAllNames } from './job-values.js';
import { renderTemplate, type TemplateValues } from './template.js';

const jobRecordSchema = z.strictObject({
  /** Milliseconds since 1970. */
  preparedMs: z.number(),
  /** The values of the placeholders; saved without the names for which the job has none. */
  values: z.record(z.string(), z.union([z.string(), z.number()])).transform(withAllNames),
  command: z.array(z.string()).min(1),
});
/** The record of a prepared job. */
export type JobRecord = z.infer<typeof jobRecordSchema>;

/**
 * A hash of what decides the result besides the request: the command, its templates and values, and the format of the data. It is part of
 * a job's name, so that another trainer, or this one with other settings, gets a job of its own.
 * @throws DataError when a template cannot be read
 */
export async function trainerHash({
  config,
  baseFolder,
}: Pick<CommandContext, 'config' | 'baseFolder'>): Promise<string> {
  const { command, values, format, templates } = config;
  const texts: string[] = [];
  for (const template of templates) texts.push(await readTemplate(resolve(baseFolder, template)));
  return contentHash({ command, values, format, templates, texts }).slice(0, 12);
}

/** The record of a folder that is prepared, or null. @throws DataError */
export function readJobRecord(folder: RunFolder): Promise<JobRecord | null> {
  return folder.readJson(JOB_FILES.record, jobRecordSchema);
}

/**
 * Prepares a folder, or finishes what an interrupted attempt has begun; a prepared folder stays as it is.
 * @throws ConfigError for a wrong template, DataError
 */
export async function prepareJob(
  folder: RunFolder,
  request: FineTuneRequest,
  { config, baseFolder, now }: Pick<CommandContext, 'config' | 'baseFolder' | 'now'>,
): Promise<JobRecord> {
  const earlier = await readJobRecord(folder);
  if (earlier !== null) return earlier;
  checkNames(config.templates);
  requireRewardFormat(request, config);
  await makeFolder(folder.file(JOB_FILES.output));
  const writeSet = (sourcePath: string, role: 'training' | 'validation'): Promise<string> =>
    config.format === 'openai'
      ? copyWhole(sourcePath, folder.file(JOB_FILES[role]))
      : writeTrainerDataset(sourcePath, {
          kind: request.method.type === 'dpo' ? 'preference' : 'sft',
          format: config.format,
          // A folder for each, since formats name their files themselves.
          folder: join(folder.path, `${role}-set`),
          name: role,
        });
  const { trainingFilePath, validationFilePath } = request;
  const [firstTemplate] = config.templates;
  const paths = {
    jobFolder: folder.path,
    nExamples: await countLines(trainingFilePath),
    devices: config.devices,
    trainingFile: await writeSet(trainingFilePath, 'training'),
    validationFile:
      validationFilePath === undefined ? undefined : await writeSet(validationFilePath, 'validation'),
    trainerConfig: firstTemplate === undefined ? undefined : folder.file(basename(firstTemplate)),
  };
  const values = jobValues(request, paths, config.values);
  for (const template of config.templates) {
    const path = resolve(baseFolder, template);
    const text = await readTemplate(path);
    await folder.writeText(
      basename(template),
      renderTemplate(text, { values, subject: path, needed: NEEDED }),
    );
  }
  const record: JobRecord = { preparedMs: now(), values, command: commandOf(config, values) };
  await folder.writeJson(JOB_FILES.record, record);
  return record;
}

/** Prompts for reinforcement are handed over in one format. @throws ConfigError for another one */
export function requireRewardFormat(
  { method }: FineTuneRequest,
  { format }: Pick<CommandContext['config'], 'format'>,
): void {
  if (method.type !== 'reinforcement' || format === 'openai') return;
  throw new ConfigError({
    subject: 'trainer.format',
    expected: 'openai, the format of prompts for reinforcement',
    received: format,
    remedy: 'Leave trainer.format out; each row holds messages, winner and loser.',
  });
}

/** The program of a job and its arguments. @throws ConfigError for a wrong placeholder */
export function commandOf({ command }: CommandContext['config'], values: TemplateValues): string[] {
  if (!Array.isArray(command)) return ['/bin/sh', '-c', command];
  return command.map((word) => renderTemplate(word, { values, subject: 'trainer.command', needed: NEEDED }));
}

/** Templates keep their names, so none may have the name of another file of the folder. @throws ConfigError */
export function checkNames(templates: readonly string[]): void {
  const taken = new Set<string>(Object.values(JOB_FILES));
  for (const name of templates.map((template) => basename(template))) {
    if (taken.has(name)) {
      throw new ConfigError({
        subject: 'trainer.templates',
        expected: 'files whose names differ from each other and from those of the job',
        received: name,
        remedy: 'Rename that template.',
      });
    }
    taken.add(name);
  }
}

/** Copies a file, cheaply where the file system can; it appears whole. */
async function copyWhole(from: string, to: string): Promise<string> {
  try {
    await copyFile(from, `${to}.partial`, constants.COPYFILE_FICLONE);
    await rename(`${to}.partial`, to);
    return to;
  } catch (cause) {
    throw writeError(to, cause);
  }
}

/** Writes a set in a trainer's format. @returns the absolute path of the file of rows, which comes before the files beside it */
async function writeTrainerDataset(
  sourcePath: string,
  target: Pick<ExportRequest, 'kind' | 'format' | 'folder' | 'name'>,
): Promise<string> {
  const train = examplesIn(sourcePath, target.kind);
  const { files } = await exportDataset({ ...target, train } as ExportRequest);
  return resolve(target.folder, files[0]?.path ?? '');
}

/** Fields that the OpenAI format does not keep get values that tell examples and prompts apart. */
async function* examplesIn(path: string, kind: ExportKind): AsyncGenerator<ExampleOf<ExportKind>> {
  let number = 0;
  for await (const record of readExport(path, { format: 'openai', kind })) {
    const instructionId = `prompt-${contentHash(record.prompt).slice(0, 16)}`;
    // No trainer's format keeps the verdict.
    yield { ...record, pairId: `example-${++number}`, instructionId, verdict: 'A' };
  }
}

async function countLines(path: string): Promise<number> {
  let nLines = 0;
  for await (const line of linesOf(path)) if (line.trim() !== '') nLines++;
  return nLines;
}

/** The text of a template. @throws DataError */
export async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw readError(path, cause);
  }
}
