// The report of a run as a document: set-up, curve, tables, drops, and the command to reproduce it.
import { stringify } from 'yaml';
import { printable } from '../core/text.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { ModelRecord } from '../schema/fine-tuned-model.js';
import type { IterationManifest, RunManifest } from '../schema/manifest.js';
import type { OverlapReport } from '../schema/overlap.js';
import type { PairAudit } from '../schema/pair-audit.js';
import type { SelectionSummary } from '../schema/selection-summary.js';
import { accuracyChartSpec, biasChart } from './curve-charts.js';
import {
  assemble,
  chartBlock,
  codeBlock,
  spans,
  tableBlock,
  text,
  type Block,
  type ReportDocument,
  type Span,
} from './document.js';
import { byReason, count, headline, percent, pointsWithInterval, pValue } from './format.js';
import type { JudgmentSamples } from './judgment-samples.js';
import { lossesIn } from './run-losses.js';
import { metricExplanations, metricsIn } from './metric-columns.js';
import { overlappingItemsTable, overlapPlacesTable, whatBecame } from './overlap-table.js';
import { pairAuditBlocks } from './pair-audit-table.js';
import { reproductionBlocks, type ReproductionPart } from './reproduction-table.js';
import { groupChart, stageChart, voteChart } from './run-charts.js';
import {
  biasTable,
  calibrated,
  checkpointTable,
  costTable,
  groupTable,
  iterationTable,
  modelTable,
  stageTable,
  voteTable,
  type IterationChoices,
} from './run-tables.js';
import { figureTable, labelLines } from './score-tables.js';
import { selectionChartSpec } from './selection-chart.js';
import { selectionBlocks } from './selection-table.js';
import { trivialBlocks } from './trivial-table.js';

/** Most overlapping items that a report lists. */
const MOST_PLACES = 20;

const SHOWN_AS = {
  'both orders': 'every pair is shown in both orders',
  'one order':
    'every pair is shown in one order, drawn by item, so that "says A" can differ from 50 for an unbiased judge',
  'single grades': 'no pair is shown: each response is graded alone, and the higher grade wins',
} as const;

/** The input of a report. */
export interface ReportParts {
  name: string;
  description: string;
  /** The resolved configuration. */
  config: unknown;
  iterations: readonly IterationMetrics[];
  manifests: readonly IterationManifest[];
  /** null: the run is not finished. */
  manifest: RunManifest | null;
  /** The command that makes this run. */
  command: string;
  /** How the pairs are judged; absent: in both orders. */
  judging?: keyof typeof SHOWN_AS | undefined;
  /** A summary of the configuration. */
  setUp?: readonly { term: string; fact: string }[] | undefined;
  /** The figures to compare with the paper's; shown only if the paper reports the benchmark. */
  reproduction?: ReproductionPart | undefined;
  /** Overlap of its instructions and its benchmark; null: not checked. */
  overlap?: OverlapReport | null | undefined;
  /** Overlap of each iteration's training texts and the benchmark; empty: not checked. */
  trainingOverlaps?: readonly OverlapReport[] | undefined;
  /** What the surface of each iteration's pairs tells about their winners. */
  pairAudits?: readonly { iteration: number; value: PairAudit }[] | undefined;
  /** What the pool offered and what was chosen. */
  selection?: SelectionSummary | null | undefined;
  /** The compared checkpoints and the choice; empty where the last checkpoint was taken without a comparison. */
  checkpointChoices?: readonly IterationChoices[] | undefined;
  /** The models that the run trained. */
  models?: readonly ModelRecord[] | undefined;
  /** The sampled judgments. */
  samples?: JudgmentSamples | undefined;
}

/** The report of a run. Texts of models appear only in its samples, and names from servers are shown as code. */
export function runDocument(parts: ReportParts): ReportDocument {
  const { name, description, iterations, manifests, manifest, setUp = [] } = parts;
  const plain = description.trim();
  return assemble({
    title: name,
    lead: [
      plain === '' ? [] : text`${plain}`,
      manifest ? [] : unfinished(iterations),
      manifests.flatMap(lossesIn),
      summary(iterations, { isFinished: manifest !== null }),
      curve(iterations, name),
    ],
    sections: {
      'Set-up': setUp.length === 0 ? [] : [factsBlock(setUp)],
      Iterations: [
        tableBlock(iterationTable(iterations)),
        howCounted(parts),
        labelLines(manifest?.benchmark.labels).map((line) => text`The benchmark’s ${line}.`),
      ],
      'Comparison with the paper': reproductionBlocks(parts.reproduction),
      'By slice and kind of error': [groupChart(iterations), tableBlock(groupTable(iterations))],
      'Position, length, family, calibration': [
        biasChart(iterations),
        tableBlock(biasTable(iterations)),
        howBiased(iterations),
      ],
      'Beside trivial judges': trivialBlocks(iterations),
      'Majority vote': voteBlocks(iterations),
      'Figures by the benchmark’s conventions': publishedBlocks(iterations),
      'Sample judgments': samplesBlocks(parts.samples),
      'Selection of instructions': selectionSection(parts),
      'Surface of the pairs': pairAuditBlocks(parts.pairAudits),
      'Overlap of training and benchmark': overlapBlocks(parts),
      Stages: [stageChart(manifests), tableBlock(stageTable(manifests)), manifest ? asked(manifest) : []],
      Cost: costBlocks(manifest),
      Models: modelBlocks(parts),
      Checkpoints: checkpointBlocks(parts.checkpointChoices),
      Reproduce: reproduceBlocks(parts),
    },
  });
}

function unfinished(iterations: readonly IterationMetrics[]): Block {
  return text`${{ strong: 'The run is not finished.' }} This report covers its ${iterations.length === 1 ? 'seed evaluation alone' : `iterations up to ${iterations.length - 1}`}.`;
}

function summary(iterations: readonly IterationMetrics[], { isFinished }: { isFinished: boolean }): Block[] {
  const first = iterations[0];
  const last = iterations.at(-1);
  if (isFinished && first && first === last)
    return [text`The seed model, ${{ strong: 'not trained' }}: ${headline(first.metrics.accuracy)}.`];
  if (!first || !last?.againstSeed) return [];
  const { metrics, againstSeed } = last;
  return [
    text`The seed model: ${headline(first.metrics.accuracy)}. Iteration ${last.iteration}: ${headline(metrics.accuracy)}. A change of
      ${{ strong: `${pointsWithInterval(againstSeed)} points` }} over ${count(againstSeed.n)} pairs (p ${pWithSign(againstSeed.pValue)}).`,
  ];
}

/** One point is no curve. */
function curve(iterations: readonly IterationMetrics[], title: string): Block[] {
  if (iterations.length < 2) return [];
  return [chartBlock('accuracy', curveInWords(iterations), accuracyChartSpec(iterations, { title }))];
}

function curveInWords(iterations: readonly IterationMetrics[]): string {
  const values = iterations.map(({ metrics }) => percent(metrics.accuracy.value));
  return `Accuracy in percent, from the seed model to iteration ${iterations.length - 1}: ${values.join(', ')}`;
}

function factsBlock(facts: readonly { term: string; fact: string }[]): Block {
  return { kind: 'facts', facts: facts.map(({ term, fact }) => ({ term, fact: [printable(fact)] })) };
}

function howCounted({ iterations, judging = 'both orders' }: ReportParts): Block[] {
  const last = iterations.at(-1);
  return [
    text`Figures are of greedy verdicts; ${SHOWN_AS[judging]}. Verdicts that could not be read, and pairs that could not be judged, are counted as ${{ em: 'unscored' }} by their reason and are in no share. Verdicts are parsed by the rule ${code(iterations[0]?.rule ?? '')}.
      Intervals: ${iterations[0]?.metrics.accuracy.method ?? ''}.
      ${change(last)}`,
    ...metricExplanations(['accuracy', ...metricsIn('figures')], metricsOf(iterations)),
  ];
}

function metricsOf(iterations: readonly IterationMetrics[]): IterationMetrics['metrics'][] {
  return iterations.map(({ metrics }) => metrics);
}

/** How the change against the seed is tested; empty for the seed alone. */
function change(last: IterationMetrics | undefined): string {
  if (!last?.againstSeed) return '';
  return `Change: ${last.againstSeed.method}; each p is of one test, not corrected for their number.${detectable(last)}`;
}

/** The smallest detectable difference. */
function detectable(last: IterationMetrics | undefined): string {
  const smallest = last?.againstSeed?.minimumDetectable ?? null;
  if (smallest === null) return '';
  return ` With so many pairs, a true difference of ${percent(smallest)} points is detected in 4 of 5 cases.`;
}

function howBiased(iterations: readonly IterationMetrics[]): Block[] {
  return [
    ...metricExplanations(metricsIn('biases'), metricsOf(iterations)),
    text`Calibration is of ${calibrated(iterations)}; 0 is best.`,
  ];
}

/** Accuracy of the majority vote by its number of samples; empty without a vote. */
function voteBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const table = tableBlock(voteTable(iterations));
  if (table.length === 0) return [];
  const how = text`Each figure is the mean over all choices of that many samples, so their order does not matter.`;
  return [...voteChart(iterations), ...table, how];
}

/** The figures by the conventions of the benchmark's publications; empty for benchmarks without any. */
function publishedBlocks(iterations: readonly IterationMetrics[]): Block[] {
  const judges = iterations.flatMap(({ iteration, published = {}, publishedVote = {} }) => [
    { judge: `iteration ${iteration}`, figures: published },
    { judge: `iteration ${iteration}, majority vote`, figures: publishedVote },
  ]);
  return tableBlock(figureTable(judges));
}

function samplesBlocks(samples: JudgmentSamples | undefined): Block[] {
  if (!samples || samples.groups.length === 0) return [];
  return [
    text`Drawn at random from the judgments of ${samples.judge}, by outcome, with the seed model's judgment of the same pair in the same order. Texts of models are shown unchanged.`,
    { kind: 'judgments', samples },
  ];
}

function selectionSection({ selection, name }: ReportParts): Block[] {
  if (!selection) return [];
  const spec = selectionChartSpec(selection, { title: `${name}: instructions of the pool` });
  const alt = 'Shares of the pool and of what was taken, by category, complexity and slice';
  return [chartBlock('selection', alt, spec), ...selectionBlocks(selection)];
}

/** Whether the training texts overlap with the benchmark. */
function overlapBlocks({ overlap, trainingOverlaps = [] }: ReportParts): Block[] {
  if (!overlap) return [];
  const { overlappingItems, training } = overlap;
  const nItems = overlappingItems.length;
  const found =
    nItems === 0
      ? 'none overlaps with a benchmark item'
      : `${count(nItems)} benchmark items overlap, ${whatBecame(overlap)}`;
  return [
    { kind: 'table', table: overlappingItemsTable(overlap) },
    text`${count(training.instruction.n)} instructions of the pool were checked; ${found}.${trainedOn(trainingOverlaps)}`,
    ...tableBlock(overlapPlacesTable(overlap, { most: MOST_PLACES })),
    ...(nItems > MOST_PLACES ? [text`Not shown: ${count(nItems - MOST_PLACES)} more items.`] : []),
  ];
}

/** The overlap of the texts on which iterations were trained. */
function trainedOn(overlaps: readonly OverlapReport[]): string {
  if (overlaps.length === 0) return '';
  const sum = (numberOf: (report: OverlapReport) => number): string =>
    count(overlaps.reduce((total, report) => total + numberOf(report), 0));
  const nTexts = sum(({ training }) => training.response.n);
  const nOverlapping = sum(
    ({ training: { response } }) => response.sameText + response.nearDuplicate + response.sharedRun,
  );
  return ` The responses and judgments of each training were checked as well: ${nTexts} texts, of which ${nOverlapping} overlap with an item${nOverlapping === '0' || overlaps.some(({ nNotWaived }) => nNotWaived > 0) ? '' : ', each with a waiver'}.`;
}

function asked({ usage }: RunManifest): Block {
  return text`Requests of the attempts that finished their stages: ${count(usage.requests)} requests,
    ${count(usage.completions)} completions (${count(usage.cachedCompletions)} more from the completion store),
    ${count(usage.promptTokens)} tokens in, ${count(usage.completionTokens)} out, ${count(usage.retries)} retries${errorsOf(usage.errors)}.`;
}

/** Failed attempts by cause. */
function errorsOf(errors: Readonly<Record<string, number>>): string {
  const causes = byReason(errors);
  return causes === '' ? '' : ` (failed attempts: ${causes})`;
}

/** Spending; absent from runs of versions that did not record it. */
function costBlocks(manifest: RunManifest | null): Block[] {
  const table = tableBlock(costTable(manifest?.spentByStage ?? []));
  if (table.length === 0) return [];
  return [
    ...table,
    text`All attempts of the run, interrupted ones included, by the tokens that the servers reported.`,
  ];
}

function modelBlocks({ manifests, models = [] }: ReportParts): Block[] {
  const items = manifests.map(({ resultModel, fineTunedModel }) =>
    fineTunedModel
      ? spans`${code(resultModel)}, from ${code(fineTunedModel.parent)} on ${count(fineTunedModel.nExamples)} kept judgments`
      : spans`${code(resultModel)}, the seed model`,
  );
  return [
    ...(items.length > 0 ? [{ kind: 'list' as const, ordered: true, items }] : []),
    ...tableBlock(modelTable(models)),
  ];
}

/** The choice of checkpoints; empty where none were compared. */
function checkpointBlocks(iterations: ReportParts['checkpointChoices'] = []): Block[] {
  const all = iterations.flatMap(({ choices }) =>
    [choices.supervised, choices.dpo].filter((each) => each !== undefined),
  );
  if (all.length === 0) return [];
  const sets = [...new Set(all.map(({ validationSet }) => validationSet))]
    .map((set) => printable(set))
    .join(', ');
  const nEarly = all.filter(({ stoppedEarly }) => stoppedEarly).length;
  const early =
    nEarly === 0
      ? ''
      : ` ${count(nEarly)} of ${count(all.length)} trainings ended early, since later checkpoints were no better.`;
  return [
    { kind: 'table', table: checkpointTable(iterations) },
    text`Accuracy of greedy verdicts on ${{ code: sets }}, pairs that are not in the benchmark. The best checkpoint is taken, the earliest of equals; since it is the best of several, its figure is too high on average.${early}`,
  ];
}

function reproduceBlocks({ manifest, command, config }: ReportParts): Block[] {
  return [
    codeBlock('sh', command),
    ...(manifest ? [provenance(manifest)] : []),
    {
      kind: 'folded',
      summary: 'Configuration with all defaults',
      blocks: [codeBlock('yaml', stringify(config).trim())],
    },
  ];
}

function provenance({ seed, configHash, git, versions, finishedAt }: RunManifest): Block {
  const commit = git ? `commit ${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}` : 'no commit';
  const software = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return text`Seed ${seed}, configuration ${configHash.slice(0, 12)}, ${commit}, ${software.join(', ')}; finished ${finishedAt.slice(0, 10)}.`;
}

/** A name from a server. */
function code(name: string): Span {
  return { code: printable(name) };
}

function pWithSign(p: number | null): string {
  const shown = pValue(p);
  return shown.startsWith('<') ? shown : `= ${shown}`;
}
