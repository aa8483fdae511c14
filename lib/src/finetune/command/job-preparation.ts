// The folder of a job before its trainer starts: data set, filled-in templates, and last of all the record that says it is whole.
import { constants, copyFile, readFile, rename } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { makeFolder, readError, writeError } from '../../core/files.js';
import { contentHash } from '../../core/hash.js';
import type { RunFolder } from '../../store/run-folder.js';
import type { FineTuneRequest, TrainingMethod } from '../backend.js';
import type { CommandTrainerConfig } from '../trainer-schema.js';
import { JOB_FILES, jobValues, type JobPaths } from './job-values.js';
import { renderTemplate } from './template.js';

/** A data set that a trainer is to get in a form of its own. */
export interface DatasetToWrite {
  /** In the OpenAI format. */
  sourcePath: string;
  method: TrainingMethod['type'];
  role: 'training' | 'validation';
  format: CommandTrainerConfig['format'];
  /** Where it goes, with whatever else the form needs beside it. */
  folder: string;
}

/** Writes a data set whole or not at all; returns the path of the file, or of the folder, that the trainer is told. */
export type DatasetWriter = (dataset: DatasetToWrite) => Promise<string>;

const jobRecordSchema = z.strictObject({
  /** Milliseconds since 1970. */
  preparedMs: z.number(),
  /** What placeholders stood for. */
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  command: z.array(z.string()).min(1),
});
/** What is known of a prepared job. */
export type JobRecord = z.infer<typeof jobRecordSchema>;

/** What preparing works with. */
export interface PreparationContext {
  config: CommandTrainerConfig;
  /** Templates are taken from here. */
  baseFolder: string;
  /** Absent: only the OpenAI format is there. */
  writeDataset: DatasetWriter | undefined;
  now: () => number;
}

/**
 * What decides the result besides the request: the command, its templates and values, and the form of the data. It is part of a job's
 * name, so that a job of another trainer, or of this one with other settings, is not taken for this.
 * @throws DataError when a template cannot be read
 */
export async function trainerHash({ config, baseFolder }: PreparationContext): Promise<string> {
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
 * Prepares a folder, or finishes what an interrupted attempt has begun; what is prepared stays as it is.
 * @throws ConfigError for a wrong template or a format that nobody can write, DataError
 */
export async function prepareJob(
  folder: RunFolder,
  request: FineTuneRequest,
  context: PreparationContext,
): Promise<JobRecord> {
  const earlier = await readJobRecord(folder);
  if (earlier !== null) return earlier;
  const { config, baseFolder } = context;
  checkNames(config.templates);
  await makeFolder(folder.file(JOB_FILES.output));
  const [firstTemplate] = config.templates;
  const paths: JobPaths = {
    jobFolder: folder.path,
    trainingFile: await writeSet(request.trainingFilePath, 'training', { folder, request, context }),
    validationFile:
      request.validationFilePath === undefined
        ? undefined
        : await writeSet(request.validationFilePath, 'validation', { folder, request, context }),
    trainerConfig: firstTemplate === undefined ? undefined : folder.file(basename(firstTemplate)),
  };
  const values = jobValues(request, paths, config.values);
  for (const template of config.templates) {
    const path = resolve(baseFolder, template);
    const text = await readTemplate(path);
    await folder.writeText(basename(template), renderTemplate(text, { values, subject: path }));
  }
  const command = Array.isArray(config.command)
    ? config.command.map((word) => renderTemplate(word, { values, subject: 'trainer.command' }))
    : ['/bin/sh', '-c', config.command];
  const known = Object.entries(values).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  const record: JobRecord = { preparedMs: context.now(), values: Object.fromEntries(known), command };
  await folder.writeJson(JOB_FILES.record, record);
  return record;
}

/** Templates keep their names, so none may have that of another file of the folder. */
function checkNames(templates: readonly string[]): void {
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

async function writeSet(
  sourcePath: string,
  role: DatasetToWrite['role'],
  { folder, request, context }: { folder: RunFolder; request: FineTuneRequest; context: PreparationContext },
): Promise<string> {
  const { format } = context.config;
  const method = request.method.type;
  if (context.writeDataset !== undefined)
    return resolve(await context.writeDataset({ sourcePath, method, role, format, folder: folder.path }));
  if (format !== 'openai') {
    throw new ConfigError({
      subject: 'trainer.format',
      expected: 'openai, the only form that can be written here',
      received: format,
      remedy: 'Leave the format out, or hand a writer for it to the backend.',
    });
  }
  return copyWhole(sourcePath, folder.file(JOB_FILES[role]));
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

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw readError(path, cause);
  }
}
