// `autodidact export`: writes training examples in the format of a trainer.
import { Option, type Command } from 'commander';
import { basename, resolve } from 'node:path';
import { printable } from '../core/text.js';
import { exportSet, type ExportedSetResult } from '../experiment/index.js';
import { EXPORT_FORMATS, EXPORT_KINDS, type ExportFormatName, type ExportKind } from '../exports/index.js';
import { count, NO_VALUE, toText } from '../report/index.js';
import type { SetStatistics } from '../schema/set-statistics.js';
import { byteSize } from './byte-size.js';
import { notBlank, number, wholeNumber } from './option-values.js';
import { jsonOption, printResult } from './shared-options.js';

interface ExportCommandOptions {
  in: string;
  format: ExportFormatName;
  out: string;
  kind?: ExportKind;
  validationShare?: number;
  validation?: string;
  seed: number;
  name?: string;
  run?: string;
  license: string;
  json: boolean;
}

const MOST_SEED = 2 ** 31 - 1;

/** Adds `export` to the program. */
export function addExportCommand(program: Command, signal: AbortSignal): void {
  program
    .command('export')
    .description("write training examples in a trainer's format, with a card")
    .requiredOption('--in <file>', 'training examples or preference examples, JSON Lines', notBlank)
    .addOption(
      new Option('--format <name>', 'format of the trainer').choices(EXPORT_FORMATS).makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'folder of the files', notBlank)
    .addOption(
      new Option('--kind <name>', 'kind of the examples (default: detected from the first one)').choices(
        EXPORT_KINDS,
      ),
    )
    .addOption(
      new Option('--validation-share <share>', 'share of the instructions for the validation set, e.g. 0.1')
        .argParser(number((value) => value > 0 && value < 1, 'a number above 0 and below 1'))
        .conflicts('validation'),
    )
    .option('--validation <file>', 'examples of other instructions, as the validation set', notBlank)
    .option('--seed <number>', 'seed of the draw of the share', wholeNumber(0, MOST_SEED), 1)
    .option('--name <name>', 'name of the data set (default: that of the folder)', notBlank)
    .option('--run <folder>', 'the run that made the examples, for the card', notBlank)
    .option('--license <id>', "the set's license, for the card", notBlank, 'other')
    .addOption(jsonOption())
    .action(async ({ json, ...options }: ExportCommandOptions) => {
      const {
        in: inFile,
        out: outFolder,
        run: runFolder,
        validation: file,
        validationShare: share,
        ...rest
      } = options;
      const validation = file !== undefined ? { file } : share === undefined ? undefined : { share };
      const set = { name: basename(resolve(outFolder)), ...rest, inFile, outFolder, runFolder, validation };
      printResult(await exportSet({ ...set, signal }), { json }, describe);
    });
}

function describe({ folder, files, statistics, kind, format }: ExportedSetResult): string {
  const fileTable = toText({
    header: ['file', 'examples', 'size', 'SHA-256'],
    rows: files.map(({ path, nExamples, bytes, sha256 }) => [
      path,
      nExamples === null ? '' : count(nExamples),
      byteSize(bytes),
      sha256,
    ]),
  });
  const { train, validation } = statistics;
  const sets = toText({
    header: ['set', 'examples', 'pairs', 'instructions', 'A', 'B', 'tokens', 'mean', '99%', 'longest'],
    rows: [setRow('train', train), ...(validation ? [setRow('validation', validation)] : [])],
  });
  const head = printable(`${kind} examples for ${format} in ${folder}`, Number.POSITIVE_INFINITY);
  return `${head}\n\n${fileTable}\n\n${sets}\ntokens: ${train.tokens.counter}`;
}

function setRow(name: string, { nExamples, nPairs, nInstructions, labels, tokens }: SetStatistics): string[] {
  const { total, mean, p99, longest } = tokens.example;
  const rounded = (value: number | null): string => (value === null ? NO_VALUE : count(Math.round(value)));
  return [
    name,
    ...[nExamples, nPairs, nInstructions, labels.A, labels.B, Math.round(total)].map(count),
    ...[mean, p99, longest?.tokens ?? null].map(rounded),
  ];
}
