// What can be known of a command that trains before it runs: its placeholders, its program and its files. Nothing is started.
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AutodidactError, messageOf } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import { fine, stopOf, stopped, warned, type Finding } from '../../schema/finding.js';
import type { FineTuneRequest } from '../backend.js';
import type { CommandContext } from './command-context.js';
import { checkNames, commandOf, readTemplate, requireRewardFormat } from './job-preparation.js';
import { jobValues, NEEDED } from './job-values.js';
import { renderTemplate } from './template.js';

/** What is checked, and where. */
type Place = Pick<CommandContext, 'config' | 'baseFolder' | 'environment'>;

/** Files that a program is given to run, and others whose names say that they are read. */
const SCRIPT = /\.(py|sh|bash|sbatch|slurm)$/i;
const SETTINGS = /\.(ya?ml|toml|json|cfg|ini)$/i;
/** First words of a line for a shell that are no programs, and characters by which a word is not what it looks like. */
const SHELL_WORD =
  /^(cd|export|set|source|\.|if|for|while|case|ulimit|umask|trap)$|[$`"'(){}|&;<>*?~\\[\]!#]/;

/** Checks a command for the jobs that it would get. @param requests of jobs that differ, one of each kind at least */
export async function checkCommand(place: Place, requests: readonly FineTuneRequest[]): Promise<Finding[]> {
  const { command } = place.config;
  const models: string[] = [];
  try {
    for (const request of requests) models.push(await dryRun(request, place));
  } catch (thrown) {
    if (thrown instanceof AutodidactError) return [stopOf('trainer', thrown)];
    throw thrown;
  }
  const words = (Array.isArray(command) ? command : command.split(/\s+/)).filter((word) => word !== '');
  return [
    ...(await checkProgram(words, place)),
    ...(await checkScheduler(words, place)),
    await checkResult(words, place, models),
  ];
}

/** Fills templates and command in as for a job. @returns what `trainer.model` names its model @throws ConfigError, DataError */
async function dryRun(request: FineTuneRequest, { config, baseFolder }: Place): Promise<string> {
  checkNames(config.templates);
  requireRewardFormat(request, config);
  const jobFolder = resolve(baseFolder, config.jobsFolder ?? '.', request.jobKey);
  const { trainingFilePath: trainingFile, validationFilePath: validationFile } = request;
  const [template] = config.templates;
  const trainerConfig = template === undefined ? undefined : join(jobFolder, basename(template));
  // Any number of examples does: what is computed from it is only filled in.
  const paths = {
    jobFolder,
    trainingFile,
    validationFile,
    trainerConfig,
    nExamples: 1,
    devices: config.devices,
  };
  const values = jobValues(request, paths, config.values);
  for (const each of config.templates) {
    const path = resolve(baseFolder, each);
    renderTemplate(await readTemplate(path), { values, subject: path, needed: NEEDED });
  }
  const [model = ''] = (['model', 'endpoint'] as const).map((key) =>
    renderTemplate(config[key] ?? '', { values, subject: `trainer.${key}`, needed: NEEDED }),
  );
  commandOf(config, values);
  return model;
}

/** The program, and files among its arguments. Paths with placeholders are made by the job. */
async function checkProgram(given: readonly string[], place: Place): Promise<Finding[]> {
  const { command } = place.config;
  const isLine = !Array.isArray(command);
  if (isLine) {
    try {
      await promisify(execFile)('/bin/sh', ['-n', '-c', command]);
    } catch (thrown) {
      const said = messageOf(thrown).split('\n').at(1) ?? '';
      return [
        stopped('trainer', `the shell cannot read trainer.command: ${said}`, 'Fix its quotes and brackets.'),
      ];
    }
  }
  const [program = '', ...rest] = isLine
    ? given.filter((word) => word !== 'exec' && !/^\w+=/.test(word))
    : given;
  if (program.includes('{{') || (isLine && SHELL_WORD.test(program)))
    return [fine('trainer', 'the command can be read; which programs it starts is not checked')];
  if (!(await isProgram(program, place))) {
    const remedy = 'Install it or activate its environment; a path is taken from the folder of the experiment file and must be executable.'; // prettier-ignore
    return [stopped('trainer', `no program ${program} that this user may execute`, remedy)];
  }
  const names = rest
    // What follows -c is a line for a shell.
    .filter((_, i) => !/^-\w*c$/.test(rest[i - 1] ?? ''))
    .map((word) => word.replace(/^-[\w-]*=/, ''))
    .filter((name) => SCRIPT.test(name) || SETTINGS.test(name))
    .filter((name) => !name.includes('{{') && !(isLine && SHELL_WORD.test(name)));
  const missing: Finding[] = [];
  for (const name of names) {
    if (await exists(resolve(place.baseFolder, name))) continue;
    // Right after its interpreter it is read here; later ones may be another program's, inside a container or on another machine.
    const report = SCRIPT.test(name) && !isLine && name === rest[0] ? stopped : warned;
    const remedy =
      'Its path is taken from the folder of the experiment file; files of the job are {{jobFolder}}/<name>.';
    missing.push(report('trainer', `no file ${name}, which trainer.command names`, remedy));
  }
  if (missing.length > 0) return missing;
  return [fine('trainer', `${program} is installed; the files that the command names are there`)];
}

/** Whether a shell would find a program that this user may execute. */
async function isProgram(program: string, { baseFolder, environment }: Place): Promise<boolean> {
  const folders = program.includes('/') ? [''] : (environment.PATH ?? '/usr/bin:/bin').split(delimiter);
  for (const folder of folders) {
    const path = resolve(baseFolder, folder, program);
    const isIt = await access(path, constants.X_OK).then(
      async () => (await stat(path)).isFile(),
      () => false,
    );
    if (isIt) return true;
  }
  return false;
}

/** A command that hands its job over needs a scheduler, and one whose state can be asked. */
async function checkScheduler(words: readonly string[], place: Place): Promise<Finding[]> {
  const { scheduler } = place.config;
  const isSbatch = words.some((word) => basename(word) === 'sbatch');
  const waits = words.some((word) => word === '--wait' || word === '-W');
  if (scheduler === undefined && isSbatch && !waits) {
    const found =
      'sbatch ends as soon as the job is queued, which would be taken for the end of the training';
    return [stopped('scheduler', found, 'Set finetune.trainer.scheduler: {}, or give sbatch --wait.')];
  }
  if (scheduler === undefined) return [];
  for (const key of ['statusCommand', 'cancelCommand'] as const) {
    const [program = ''] = scheduler[key];
    if (await isProgram(program, place)) continue;
    const remedy = 'Start the run where the commands of the scheduler are installed, or set that command.';
    return [stopped('scheduler', `no program ${program}, which trainer.scheduler.${key} runs`, remedy)];
  }
  return [fine('scheduler', 'its commands are installed')];
}

/** How the name of the model becomes known. @param models the names that `trainer.model` gives */
async function checkResult(
  words: readonly string[],
  { config, baseFolder }: Place,
  models: readonly string[],
): Promise<Finding> {
  const check = 'trained model';
  const { model, modelPattern, templates } = config;
  if (model !== undefined && new Set(models).size < models.length) {
    const found = `trainer.model names several trained judges ${models[0] ?? ''}, so that they cannot be told apart`;
    return stopped(check, found, 'Put {{jobKey}} into the name.');
  }
  if (model !== undefined) return fine(check, `named by trainer.model: ${model}`);
  if (modelPattern !== undefined)
    return fine(check, 'named by the log, in which trainer.modelPattern finds it');
  const paths = [...templates, ...words.filter((word) => SCRIPT.test(word))].map((name) =>
    resolve(baseFolder, name),
  );
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => '')));
  if ([...words, ...texts].some((text) => /resultFile|RESULT_FILE|result\.json/.test(text)))
    return fine(check, 'named by the result file that the trainer writes');
  return warned(
    check,
    'no setting names it, and no template or script mentions the result file',
    'Let the trainer write {"model": "<name>"} to $AUTODIDACT_RESULT_FILE, or set trainer.model: judge-{{jobKey}}.',
  );
}
