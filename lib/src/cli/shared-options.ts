// Options that several commands have in common, with the same words and defaults.
import { Option } from 'commander';
import { notBlank } from './option-values.js';

/** Where runs are kept unless told otherwise. */
export const RESULTS_FOLDER = 'results';
/** Where completions are kept unless told otherwise. */
export const COMPLETIONS_FOLDER = '.autodidact/completions';

/** `--set`, repeatable. */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'replace a value of the file, e.g. judge.samples=1 (repeatable)')
    .argParser((value: string, earlier: string[]) => [...earlier, value])
    .default([]);

/** `--results`. */
export const resultsOption = (): Option =>
  new Option('--results <folder>', 'where runs are kept').argParser(notBlank).default(RESULTS_FOLDER);

/** `--completions`. */
export const completionsOption = (): Option =>
  new Option('--completions <folder>', 'where completions are kept, shared by all runs')
    .argParser(notBlank)
    .default(COMPLETIONS_FOLDER);

/** `--json`. */
export const jsonOption = (): Option => new Option('--json', 'print as JSON').default(false);
