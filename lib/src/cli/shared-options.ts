// What several commands have in common: options with the same words and defaults, and how a result is printed.
import { Option, type Command } from 'commander';
import { prose, PROSE_WIDTH } from '../core/prose.js';
import { ROW_FORMATS } from '../datasets/index.js';
import { notBlank } from './option-values.js';

/** Default folder of runs. */
export const RESULTS_FOLDER = 'results';
/** Default folder of completions. */
export const COMPLETIONS_FOLDER = '.autodidact/completions';

/** For options that can be given several times. */
export function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

/** `--results`. */
export const resultsOption = (): Option =>
  new Option('--results <folder>', 'folder of runs').argParser(notBlank).default(RESULTS_FOLDER);

/** `--completions`. */
export const completionsOption = (): Option =>
  new Option('--completions <folder>', 'folder of stored completions, shared by all runs')
    .argParser(notBlank)
    .default(COMPLETIONS_FOLDER);

/** Which of several benchmarks. */
export const benchmarkOption = (): Option =>
  new Option('--benchmark <name>', 'one of several benchmarks (default: the headline)').argParser(notBlank);

/** The format of files of rows. */
export const fileFormatOption = (): Option =>
  new Option('--file-format <name>', 'format of the files (default: detected from their names)').choices(
    ROW_FORMATS,
  );

/** `--json`. */
export const jsonOption = (): Option => new Option('--json', 'print as JSON').default(false);

/** Options of every command about an experiment file. */
export interface ExperimentCommandOptions {
  set: string[];
  results: string;
  completions: string;
  json: boolean;
}

/** A command about an experiment file, with {@link ExperimentCommandOptions}. */
export function experimentCommand(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<config>', 'experiment file, e.g. experiments/quickstart.yaml')
    .option('--set <key=value>', 'replace a setting, e.g. judge.samples=1 (repeatable)', collect, [])
    .addOption(resultsOption())
    .addOption(completionsOption())
    .addOption(jsonOption());
}

/** Which experiment, and where its runs and completions are. */
export function experimentOf(configPath: string, options: ExperimentCommandOptions) {
  const { set, results, completions } = options;
  return { configPath, overrides: set, resultsFolder: results, completionsFolder: completions };
}

/** Prints a result on standard output: as JSON, or as it is described. */
export function printResult<Result>(
  result: Result,
  { json }: { json: boolean },
  describe: (result: Result) => string,
): void {
  print(json ? JSON.stringify(result) : describe(result));
}

/** How wide prose is on standard output, in characters. */
export function proseWidth(): number {
  return Math.min(Math.max(process.stdout.columns || PROSE_WIDTH, 40), PROSE_WIDTH);
}

/** Sentences as they are shown on standard output. */
export function shownProse(sentences: readonly string[]): string {
  return prose(sentences, proseWidth());
}

/** Prints a line, or several, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
