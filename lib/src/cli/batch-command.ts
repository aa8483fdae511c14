// `autodidact batch`: hands requests over as files for `vllm run-batch` or its like, and reads the answers back.
import { own } from '../core/own.js';
import type { Command } from 'commander';
import { join } from 'node:path';
import { exportBatches, type ExportResult } from '../experiment/batch-rounds/batch-export.js';
import { importBatches, type ImportResult } from '../experiment/batch-rounds/batch-import.js';
import type { WalkedStage } from '../experiment/batch-rounds/batch-walk.js';
import { shellWord } from '../core/shell-word.js';
import { printable } from '../core/text.js';
import { count, NO_VALUE, toText } from '../report/index.js';
import { stageName } from '../schema/manifest.js';
import { byteSize } from './byte-size.js';
import { notBlank, wholeNumber } from './option-values.js';
import {
  completionsOption,
  COMPLETIONS_FOLDER,
  experimentCommand,
  experimentOf,
  jsonOption,
  printResult,
  RESULTS_FOLDER,
  type ExperimentCommandOptions,
} from './shared-options.js';

/** Bounds of the OpenAI Batch API. */
const MOST_REQUESTS = 50_000;
const MOST_BYTES = 200 * 2 ** 20;

type ExportCommandOptions = ExperimentCommandOptions & {
  out: string;
  maxRequests?: number;
  maxBytes?: number;
};

/** Adds `batch export` and `batch import` to the program. */
export function addBatchCommand(program: Command, signal: AbortSignal): void {
  const batch = program
    .command('batch')
    .description('write requests to batch files, and read the answers: export, import');
  experimentCommand(
    batch,
    'export',
    'write the requests that a run would send now, and that have no stored answer, into files; nothing is sent',
  )
    .requiredOption('--out <folder>', 'folder of the rounds of exports', notBlank)
    .option('--max-requests <number>', 'most requests in a file', wholeNumber(1, MOST_REQUESTS))
    .option('--max-bytes <number>', 'most bytes in a file', wholeNumber(1024, MOST_BYTES))
    .action(async (configPath: string, options: ExportCommandOptions) => {
      const { out: outFolder, maxRequests, maxBytes } = options;
      const limits = {
        ...(maxRequests === undefined ? {} : { maxRequests }),
        ...(maxBytes === undefined ? {} : { maxBytes }),
      };
      const exported = await exportBatches({
        ...experimentOf(configPath, options),
        outFolder,
        limits,
        signal,
      });
      printResult(exported, options, (result) => describeExport(result, { configPath, options }));
    });
  batch
    .command('import')
    .description('store the answers to the last export, for runs and further exports')
    .argument('<folder>', 'the folder of the export: its --out')
    .option(
      '--outputs <files...>',
      'files with answers (default: requests-<number>.<anything>.jsonl beside the requests)',
    )
    .addOption(completionsOption())
    .addOption(jsonOption())
    .action(
      async (outFolder: string, options: { outputs?: string[]; completions: string; json: boolean }) => {
        const { outputs: outputFiles, completions: completionsFolder } = options;
        const imported = await importBatches({ outFolder, outputFiles, completionsFolder, signal });
        printResult(imported, options, describeImport);
      },
    );
}

function describeExport(
  { experiment, roundFolder, round, stages }: ExportResult,
  { configPath, options }: { configPath: string; options: ExportCommandOptions },
): string {
  const table = toText({ header: ['stage', 'requests', 'inputs waiting', 'state'], rows: stages.map(rowOf) });
  const lost = lostLines(stages);
  const asBefore = [
    ...options.set.map((override) => ` --set ${shellWord(override)}`),
    ...(options.results === RESULTS_FOLDER ? [] : [` --results ${shellWord(options.results)}`]),
    whereCompletionsAre(options),
  ].join('');
  const config = shellWord(configPath);
  if (roundFolder === null || round === null) {
    return [
      `${experiment}: nothing to ask, ${whyNothing(stages)}`,
      table,
      ...lost,
      `go on with:\n  npx autodidact run ${config}${asBefore}`,
    ].join('\n\n');
  }
  const answering = round.files.map(({ name, model }) => {
    const path = join(roundFolder, name);
    const answers = path.replace(/\.jsonl$/, '.out.jsonl');
    return `  vllm run-batch -i ${shellWord(path)} -o ${shellWord(answers)} --model ${shellWord(model)}`;
  });
  const out = shellWord(options.out);
  const limits = [
    ...(options.maxRequests === undefined ? [] : [` --max-requests ${options.maxRequests}`]),
    ...(options.maxBytes === undefined ? [] : [` --max-bytes ${options.maxBytes}`]),
  ].join('');
  const nBytes = round.files.reduce((sum, file) => sum + file.nBytes, 0);
  const nFiles = `${count(round.files.length)} ${round.files.length === 1 ? 'file' : 'files'}`;
  return [
    `${experiment}: nothing was sent; ${count(round.nRequests)} requests are in ${nFiles} of ${roundFolder}, ${byteSize(nBytes)}`,
    table,
    ...lost,
    [
      'next:',
      ...answering,
      `  npx autodidact batch import ${out}${whereCompletionsAre(options)}`,
      `  npx autodidact batch export ${config} --out ${out}${asBefore}${limits}`,
    ].join('\n'),
  ].join('\n\n');
}

function whereCompletionsAre({ completions }: { completions: string }): string {
  return completions === COMPLETIONS_FOLDER ? '' : ` --completions ${shellWord(completions)}`;
}

const STATES: Readonly<Record<WalkedStage['state'], string>> = {
  done: 'done by a run',
  asks: 'waits for answers',
  'in-store': 'nothing left to ask',
  next: 'a run can train now',
  waits: 'waits for the stages before it',
};

function rowOf({ iteration, stage, benchmark, state, nWritten, nWaiting }: WalkedStage): string[] {
  const figures = state === 'asks' ? [count(nWritten), count(nWaiting)] : [NO_VALUE, NO_VALUE];
  return [`${iteration} ${stageName({ stage, benchmark })}`, ...figures, STATES[state]];
}

function whyNothing(stages: readonly WalkedStage[]): string {
  const training = stages.find(({ state }) => state === 'next');
  if (training) return `and iteration ${training.iteration} can be trained, which only a run does`;
  return stages.every(({ state }) => state === 'done' || state === 'in-store')
    ? 'and nothing is missing'
    : 'and the next step is one that only a run does';
}

/** Requests that no round can have answered. */
function lostLines(stages: readonly WalkedStage[]): string[] {
  return stages
    .filter(({ nGivenUp, nTooLarge }) => nGivenUp + nTooLarge > 0)
    .map(({ iteration, stage, nGivenUp, nTooLarge }) => {
      const parts = [
        ...(nGivenUp > 0 ? [`${count(nGivenUp)} that failed for good before`] : []),
        ...(nTooLarge > 0 ? [`${count(nTooLarge)} too large for a file`] : []),
      ];
      return `${iteration} ${stage}: requests not written, ${parts.join(', ')}; a run will ask for them`;
    });
}

function describeImport({ roundFolder, outputFiles, counts, examples }: ImportResult): string {
  const { nRequests, nImported, nThereBefore, nShort, nMissing, nUnknown, nDuplicates, nUnreadable } = counts;
  const nFiles = `${count(outputFiles.length)} ${outputFiles.length === 1 ? 'file' : 'files'}`;
  const told = [
    [nThereBefore, 'were in the store before'],
    [nShort, 'have fewer completions than were asked for; the next export asks for the rest'],
    [nMissing, 'have no answer yet'],
  ] as const;
  const strange = [
    [nUnknown, 'to requests that are not in this round'],
    [nDuplicates, 'to requests that were answered before'],
    [nUnreadable, 'that cannot be read'],
  ] as const;
  return [
    `${roundFolder}: ${count(nImported)} of ${count(nRequests)} requests imported from ${nFiles}`,
    ...told.filter(([n]) => n > 0).map(([n, what]) => `  ${count(n)} ${what}`),
    ...Object.entries(counts.failures).map(
      ([code, n]) => `  ${count(n)} failed: ${printable(code)}, e.g. ${own(examples, code) ?? NO_VALUE}`,
    ),
    ...strange.filter(([n]) => n > 0).map(([n, what]) => `  passed over: ${count(n)} lines ${what}`),
  ].join('\n');
}
