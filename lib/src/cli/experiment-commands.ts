// `autodidact run`, `plan` and `matrix`: runs an experiment or all arms of its matrix, or says before what that would cost.
import { Option, type Command } from 'commander';
import { dirname, join } from 'node:path';
import { DataError, GateError, ReviewError } from '../core/errors.js';
import { shellWord } from '../core/shell-word.js';
import {
  listMatrix,
  loadMatrix,
  planExperiment,
  runExperiment,
  runMatrix,
  type MatrixResult,
  type RunResult,
} from '../experiment/index.js';
import {
  armComparisonTable,
  armTable,
  assessmentLines,
  iterationsText,
  matrixListingTable,
  matrixBenchmark,
  matrixNotes,
  matrixTable,
  toText,
} from '../report/index.js';
import { assumptionLines, capLines, planTable } from '../report/plan-table.js';
import type { MatrixRun } from '../schema/matrix.js';
import type { MatrixListing } from '../schema/matrix-listing.js';
import type { Plan } from '../schema/plan.js';
import { timeSpan } from './option-values.js';
import { withDisplay } from './live-text.js';
import { MatrixDisplay } from './matrix-display.js';
import { ProgressDisplay } from './progress-display.js';
import {
  experimentCommand,
  experimentOf,
  printResult,
  type ExperimentCommandOptions,
  shownProse,
} from './shared-options.js';

/** Adds `run`, `plan` and `matrix` to the program. */
export function addExperimentCommands(program: Command, signal: AbortSignal): void {
  const add = (
    name: string,
    description: string,
    command: (configPath: string, options: ExperimentCommandOptions, signal: AbortSignal) => Promise<void>,
  ): Command =>
    experimentCommand(program, name, description).action(
      (configPath: string, options: ExperimentCommandOptions) => command(configPath, options, signal),
    );
  add(
    'run',
    'run an experiment, or all arms of its matrix; run again, it continues where it stopped',
    runCommand,
  )
    .addOption(
      new Option(
        '--supervise [time]',
        'when servers go away, wait for them and go on, for so long without any progress, e.g. 90m, 6h or 2d',
      )
        .preset('24h')
        .argParser(timeSpan),
    )
    .option(
      '--accept <reason>',
      'go on in spite of what a gate has ended the run for; the report shows the reason',
    );
  add('plan', 'show calls, tokens, cost and time of a run; nothing is sent', planCommand);
  add('matrix', 'list the arms of a matrix: what is finished, and what the rest would cost', matrixCommand);
}

/** @throws as the run does; DataError where runs of a matrix failed */
async function runCommand(
  configPath: string,
  options: ExperimentCommandOptions & { supervise?: number; accept?: string },
  signal: AbortSignal,
): Promise<void> {
  const places = experimentOf(configPath, options);
  const experiment = {
    ...places,
    environment: process.env,
    superviseMs: options.supervise,
    accept: options.accept,
    signal,
  };
  if ((await loadMatrix({ configPath }, options.set)) === null) {
    const display = new ProgressDisplay(process.stderr);
    const run = withDisplay(display, signal, (onEvent) => runExperiment({ ...experiment, onEvent }));
    printResult(await run, options, describeRun);
    return;
  }
  const result = await withDisplay(new MatrixDisplay(process.stderr), signal, (onEvent) =>
    runMatrix({ ...experiment, onEvent }),
  );
  printResult(result, options, describeMatrix);
  requireAll(result);
}

function describeRun({ iterations, assessment, reportPath }: RunResult): string {
  const page = `as a page: npx autodidact report ${shellWord(dirname(reportPath))}`;
  return `\n${assessmentLines(assessment).join('\n')}\n\n${iterationsText(iterations)}\n\nreport: ${reportPath}\n${page}`;
}

function describeMatrix({ folder, report }: MatrixResult): string {
  const comparisons = armComparisonTable(report);
  const parts = [
    ...matrixBenchmark(report),
    toText(matrixTable(report)),
    ...(comparisons.rows.length === 0 ? [] : [toText(comparisons)]),
    shownProse(matrixNotes(report)),
    `report: ${join(folder, 'matrix.md')}\nas a page: npx autodidact report ${shellWord(folder)}`,
  ];
  return `\n${parts.join('\n\n')}`;
}

/** What ends a command although a matrix is not finished, the worst first. */
const UNFINISHED = [
  {
    Ended: DataError,
    how: 'failed',
    isSo: ({ state }: MatrixRun) => state === 'failed',
    remedy: 'Fix the causes, which are shown above; then the same command runs what is missing.',
  },
  {
    Ended: GateError,
    how: 'a gate has ended',
    isSo: ({ waitsAt }: MatrixRun) => waitsAt === 'gate',
    remedy: 'Settle what is red, which is shown above; or let all of them go on with --accept "<reason>".',
  },
  {
    Ended: ReviewError,
    how: 'wait for people',
    isSo: ({ waitsAt }: MatrixRun) => waitsAt === 'review',
    remedy: 'Once they have answered, the same command goes on.',
  },
] as const;

/** @throws one of {@link UNFINISHED}: the command must not look as if all runs were there */
function requireAll({ report: { experiment, arms } }: MatrixResult): void {
  const runs = arms.flatMap(({ label, runs: ofArm }) => ofArm.map((run) => ({ label, ...run })));
  for (const { Ended, how, isSo, remedy } of UNFINISHED) {
    const names = runs.filter(isSo).map(({ label, seed }) => `${label}, seed ${seed}`);
    if (names.length === 0) continue;
    const received = `${names.length} that ${how}: ${names.join('; ')}`;
    throw new Ended({ subject: experiment, expected: `${runs.length} finished runs`, received, remedy });
  }
}

async function planCommand(
  configPath: string,
  options: ExperimentCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  // Of a matrix the sum over its runs matters.
  if (await loadMatrix({ configPath }, options.set)) return matrixCommand(configPath, options, signal);
  printResult(await planExperiment({ ...experimentOf(configPath, options), signal }), options, describePlan);
}

function describePlan(plan: Plan): string {
  const { experiment, stages, folder, epochs } = plan;
  const nDone = stages.filter(({ state }) => state === 'done').length;
  const place =
    nDone === 0
      ? `the run would be kept in ${folder}`
      : `${nDone} of ${stages.length} stages are done in ${folder}`;
  const training = stages.some(({ stage }) => stage === 'finetune')
    ? `finetune: at most so many examples, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}, not priced`
    : 'iterations: 0 measures the seed model alone; nothing is trained';
  return [
    `${experiment}: nothing was sent; ${place}`,
    `${toText(planTable(plan))}\n${training}`,
    ...(plan.caps.length > 0 ? [shownProse(capLines(plan))] : []),
    shownProse(['assumed:', ...assumptionLines(plan).map((line) => `  ${line}`)]),
  ].join('\n\n');
}

async function matrixCommand(
  configPath: string,
  options: ExperimentCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  printResult(await listMatrix({ ...experimentOf(configPath, options), signal }), options, describeListing);
}

function describeListing(listing: MatrixListing): string {
  const { experiment, arms, seeds, runs, folder } = listing;
  const nFinished = runs.filter(({ state }) => state === 'finished').length;
  return [
    shownProse([
      `${experiment}: nothing was sent; ${arms.length} arms by loop seeds ${seeds.join(', ')}, ${nFinished} of ${runs.length} runs finished; the report would be kept in ${folder}`,
    ]),
    toText(armTable(listing)),
    toText(matrixListingTable(listing)),
    shownProse([
      'Requests that several runs share are counted in the first of them. Amounts are upper bounds: judges that are not trained yet may send the same requests. Training is not priced. Caps of the budget hold for each run. For the stages of a run: autodidact plan <config> --set matrix=',
    ]),
  ].join('\n\n');
}
