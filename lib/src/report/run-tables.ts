// The tables of a run: its figures by iteration, its stages and their cost, its models and their checkpoints.
import { addRecords } from '../core/number-records.js';
import { prose } from '../core/prose.js';
import { benchmarksIn, onBenchmark, type IterationMetrics } from '../schema/evaluation.js';
import type { Estimate } from '../schema/estimate.js';
import type { CheckpointChoices, ModelCheckpoint, ModelRecord } from '../schema/fine-tuned-model.js';
import type { CountedJudgments } from '../schema/judgment-filter.js';
import { stageName, type IterationManifest, type StageRecord } from '../schema/manifest.js';
import type { MetricKey } from '../schema/metrics.js';
import type { StageSpending } from '../schema/spending.js';
import {
  byReason,
  count,
  duration,
  NO_VALUE,
  percent,
  percentWithInterval,
  pointsWithInterval,
  pValue,
  unscored,
  usd,
} from './format.js';
import { changedOf, countedBy, heldOut, scoredOf, unscoredOf } from './counted-judgments.js';
import { biasColumns, figureColumns, oneOrderNote } from './metric-columns.js';
import { makeTable, toText, type Column, type Table } from './tables.js';

const SCORED = { counted: (row: IterationMetrics) => scoredOf(row, row.metrics.accuracy) };
const UNSCORED = { counted: (row: IterationMetrics) => unscoredOf(row, row.metrics.nUnparsed) };

function countedIn(row: IterationMetrics, key: MetricKey): CountedJudgments | undefined {
  return countedBy(row, key, row.metrics[key]);
}

/**
 * Iteration by metric, with the change against the seed.
 * @example showTable(iterationTable(run.iterations));
 */
export function iterationTable(iterations: readonly IterationMetrics[]): Table {
  return makeTable(iterations, [
    ITERATION,
    ['accuracy % [95%]', ({ metrics }) => percentWithInterval(metrics.accuracy), SCORED],
    [
      'change against seed [95%]',
      ({ againstSeed }) => againstSeed && pointsWithInterval(againstSeed),
      { optional: true, counted: changedOf },
    ],
    ['p', ({ againstSeed }) => againstSeed && pValue(againstSeed.pValue), { optional: true }],
    ...figureColumns(({ metrics }: IterationMetrics) => metrics, countedIn),
    ['n', ({ metrics }) => count(metrics.accuracy.n), SCORED],
    ['unscored', ({ metrics }) => unscored(metrics.accuracy), UNSCORED],
  ]);
}

/** The figures of a run for a terminal; those of several benchmarks by name. @param iterations at least one */
export function iterationsText(iterations: readonly IterationMetrics[]): string {
  const several = benchmarkTable(iterations);
  // Where none was judged in both, the benchmark or the experiment asks for one.
  const last = iterations.slice(-1).map(({ metrics }) => metrics);
  const oneOrder = oneOrderNote(last.filter(({ bothOrdersCorrect }) => bothOrdersCorrect.n > 0));
  const figures = [toText(iterationTable(iterations)), ...oneOrder.map((note) => prose([`${note}.`]))].join(
    '\n',
  );
  if (several.rows.length < 2) return figures;
  const note = iterations.length > 1 ? '\nEach p is of one test, not corrected for their number.' : '';
  return `On ${iterations[0]?.benchmark}, the headline:\n\n${figures}\n\n${toText(several)}${note}`;
}

/** Benchmark by seed and last iteration, with the change; no rows where the only benchmark has no name. */
export function benchmarkTable(iterations: readonly IterationMetrics[]): Table {
  const rows = benchmarksIn(iterations).map((benchmark) => {
    const [seed, ...others] = onBenchmark(iterations, benchmark);
    return { benchmark, seed, last: others.at(-1) };
  });
  const accuracyOf = (one: IterationMetrics | undefined) => one && percentWithInterval(one.metrics.accuracy);
  const optional = { optional: true };
  type Row = (typeof rows)[number];
  const counting = ({ counted }: typeof SCORED, of: (row: Row) => IterationMetrics | undefined) => ({
    counted: (row: Row) => [of(row) ?? []].flat().map(counted)[0],
  });
  const latest = ({ seed, last = seed }: Row) => last;
  return makeTable(rows, [
    ['benchmark', ({ benchmark }) => benchmark],
    ['seed % [95%]', ({ seed }) => accuracyOf(seed), counting(SCORED, ({ seed }) => seed)],
    [
      'last iteration % [95%]',
      ({ last }) => accuracyOf(last),
      { ...optional, ...counting(SCORED, ({ last }) => last) },
    ],
    [
      'change [95%]',
      ({ last }) => last?.againstSeed && pointsWithInterval(last.againstSeed),
      { ...optional, ...counting({ counted: changedOf }, ({ last }) => last) },
    ],
    ['p', ({ last }) => last?.againstSeed && pValue(last.againstSeed.pValue), optional],
    ['n', ({ seed, last }) => count((last ?? seed)?.metrics.accuracy.n ?? 0), counting(SCORED, latest)],
    [
      'unscored',
      ({ seed, last = seed }) => last && unscored(last.metrics.accuracy),
      counting(UNSCORED, latest),
    ],
  ]);
}

const ITERATION: Column<IterationMetrics> = [
  'iteration',
  ({ iteration }) => (iteration === 0 ? '0 (seed)' : String(iteration)),
];

/** Whether calibration is of probabilities: where every judge has them, or none has votes. Rows of a table are to be of one kind. */
function showsProbabilities(iterations: readonly IterationMetrics[]): boolean {
  const have = iterations.filter(({ metrics }) => metrics.probabilityCalibration).length;
  return have === iterations.length || (have > 0 && !iterations.some(({ metrics }) => metrics.calibration));
}

/** What the calibration of {@link biasTable} is of, in a sentence. */
export function calibrated(iterations: readonly IterationMetrics[]): string {
  if (showsProbabilities(iterations))
    return 'Calibration is of the probability of each greedy verdict, as the server reported it; 0 is best.';
  return iterations.some(({ metrics }) => metrics.calibration)
    ? 'Calibration is of the share of votes for the known winner; 0 is best.'
    : 'There is no calibration, since the run has neither votes nor probabilities.';
}

/** Biases towards a position, length and the judge's own family, and the calibration of its confidence. */
export function biasTable(iterations: readonly IterationMetrics[]): Table {
  const key = showsProbabilities(iterations) ? 'probabilityCalibration' : 'calibration';
  const calibrationOf = ({ metrics }: IterationMetrics) => metrics[key];
  const optional = { optional: true };
  return makeTable(iterations, [
    ITERATION,
    ...biasColumns(({ metrics }: IterationMetrics) => metrics, countedIn),
    ['Brier', (row) => calibrationOf(row)?.brier?.toFixed(3), optional],
    ['calibration error', (row) => calibrationOf(row)?.expectedCalibrationError?.toFixed(3), optional],
    ['n', (row) => calibrationOf(row) && count(calibrationOf(row)?.n ?? 0), optional],
  ]);
}

/** Accuracy of a majority vote by its number of samples; no rows without votes. */
export function voteTable(iterations: readonly IterationMetrics[]): Table {
  const voted = iterations.filter(({ metrics }) => metrics.voteAccuracyByK);
  const byK = ({ metrics }: IterationMetrics) => metrics.voteAccuracyByK ?? {};
  const ks = [...new Set(voted.flatMap((row) => Object.keys(byK(row))))].sort(
    (a, b) => Number(a) - Number(b),
  );
  const mostScored = (row: IterationMetrics): Estimate | undefined =>
    Object.values(byK(row)).sort((a, b) => b.n - a.n)[0];
  // Of fewer samples a judgment may count in part, where some of its votes have no verdict.
  const votes = (row: IterationMetrics, estimate: Estimate | undefined): CountedJudgments | undefined =>
    estimate?.n === row.metrics.voteAccuracy?.n ? countedBy(row, 'voteAccuracy', estimate) : undefined;
  return makeTable(voted, [
    ITERATION,
    ...ks.map((k): Column<IterationMetrics> => [
      `${k} ${k === '1' ? 'sample' : 'samples'} %`,
      (row) => percent(byK(row)[k]?.value ?? null),
      { counted: (row) => votes(row, byK(row)[k]) },
    ]),
    ['n', (row) => count(mostScored(row)?.n ?? 0), { counted: (row) => votes(row, mostScored(row)) }],
    ['unscored', (row) => unscored(mostScored(row) ?? { unscored: 0 })],
  ]);
}

/** Inputs, kept and dropped records of every stage, with the reasons of the drops. */
export function stageTable(manifests: readonly IterationManifest[]): Table {
  const stages = manifests.flatMap(({ iteration, stages: ofIteration }) =>
    ofIteration.map((stage) => ({ iteration, ...stage })),
  );
  return makeTable(stages, [
    ['stage', ({ iteration, ...stage }) => `${iteration} ${stageName(stage)}`],
    ['input', ({ nInput }) => count(nInput)],
    ['kept', ({ nKept }) => count(nKept), { counted: judgmentsOfStage }],
    ['dropped', ({ drops }) => byReason(drops)],
    [
      'thinking removed',
      ({ thinkingRemoved: found }) => found && `${count(found.n)} of ${count(found.of)}`,
      { optional: true },
    ],
    ['completions', ({ usage }) => count(usage.completions)],
    ['from store', ({ usage }) => count(usage.cachedCompletions)],
    ['tokens in', ({ usage }) => count(usage.promptTokens)],
    ['tokens out', ({ usage }) => count(usage.completionTokens)],
    ['time', ({ wallMs }) => duration(wallMs)],
  ]);
}

/** Of the pairs that were judged, all judgments. */
function judgmentsOfStage({ iteration, stage, benchmark, nKept }: StageRecord & { iteration: number }) {
  if (nKept === 0) return undefined;
  if (stage === 'evaluate') return heldOut({ iteration, benchmark }, {}, 'All held-out judgments');
  if (stage !== 'judge') return undefined;
  const filter = { kind: 'training' as const, iteration: [iteration] };
  return { filter, inWords: `All judgments for the training of iteration ${iteration}` };
}

/** Requests, tokens and cost of each stage over all attempts, and their sum; no rows without spending. */
export function costTable(spentByStage: readonly StageSpending[]): Table {
  const rows = spentByStage.map(({ iteration, stage, ...spent }) => ({
    name: `${iteration} ${stage}`,
    spent,
  }));
  const nothing = { requests: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 };
  const total = rows.reduce<(typeof rows)[number]['spent']>(
    (sum, { spent }) => addRecords(sum, spent),
    nothing,
  );
  return makeTable(rows.length > 0 ? [...rows, { name: 'in all', spent: total }] : [], [
    ['stage', ({ name }) => name],
    ['requests', ({ spent }) => count(spent.requests)],
    ['tokens in', ({ spent }) => count(spent.promptTokens)],
    ['tokens out', ({ spent }) => count(spent.completionTokens)],
    ['cost', ({ spent }) => usd(spent.costUsd)],
  ]);
}

/** The checkpoints of an iteration. */
export interface IterationChoices {
  iteration: number;
  choices: CheckpointChoices;
}

/** The checkpoints of each training with their accuracy, in the order in which they were saved, and which one was taken. */
export function checkpointTable(iterations: readonly IterationChoices[]): Table {
  const scores = iterations.flatMap(({ iteration, choices }) =>
    (['supervised', 'dpo', 'reinforcement'] as const).flatMap((method) => {
      const choice = choices[method];
      return (choice?.scores ?? []).map((score) => ({
        iteration,
        method,
        ...score,
        isTaken: score.checkpoint.model === choice?.chosen.checkpoint.model,
      }));
    }),
  );
  return makeTable(scores, [
    ['iteration', ({ iteration }) => String(iteration)],
    ['training', ({ method }) => method],
    ['checkpoint', ({ checkpoint }) => checkpointName(checkpoint)],
    ['accuracy % [95%]', ({ accuracy }) => percentWithInterval(accuracy)],
    ['n', ({ accuracy }) => count(accuracy.n)],
    ['unscored', ({ accuracy }) => unscored(accuracy)],
    ['taken', ({ isTaken }) => (isTaken ? 'yes' : '')],
  ]);
}

/** The step or epoch where the trainer reports it, else the model. */
function checkpointName({ model, step, epoch }: ModelCheckpoint): string {
  if (step !== undefined) return `step ${step}`;
  return epoch === undefined ? model : `epoch ${epoch}`;
}

/** Every trained model: its parent, its training, and the accuracy of its chosen checkpoint on the validation set. */
export function modelTable(models: readonly ModelRecord[]): Table {
  return makeTable(models, [
    ['model', ({ model }) => model],
    ['from', ({ parent }) => parent],
    ['method', ({ method }) => method],
    ['examples', ({ nExamples }) => count(nExamples)],
    ['training file', ({ trainingFileHash }) => trainingFileHash.slice(0, 12)],
    ['seed', ({ seed }) => String(seed)],
    ['job', ({ jobId }) => jobId],
    [
      'checkpoint',
      ({ choice }) =>
        choice ? `${checkpointName(choice.chosen.checkpoint)}, best of ${choice.nScored}` : 'last',
    ],
    ['validation set', ({ choice }) => choice?.validationSet],
    [
      'accuracy % [95%]',
      ({ choice }) => choice && percentWithInterval(choice.chosen.accuracy),
      { blank: NO_VALUE },
    ],
    ['n', ({ choice }) => choice && count(choice.chosen.accuracy.n)],
    ['unscored', ({ choice }) => choice && unscored(choice.chosen.accuracy)],
  ]);
}
