// The report of a run as a document: set-up, curve, tables, drops, and the command to reproduce it.
import { stringify } from 'yaml';
import { printable } from '../core/text.js';
import type { Assessment } from '../schema/assessment.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { ModelRecord } from '../schema/fine-tuned-model.js';
import type { IterationManifest, RunManifest } from '../schema/manifest.js';
import type { OverlapReport } from '../schema/overlap.js';
import type { PairAudit } from '../schema/pair-audit.js';
import type { ReviewNote, ReviewResult } from '../schema/review.js';
import type { SelectionSummary } from '../schema/selection-summary.js';
import {
  assemble,
  chartBlock,
  codeBlock,
  serverName,
  spans,
  tableBlock,
  text,
  type Block,
  type ReportDocument,
} from './document.js';
import {
  benchmarkBlocks,
  curve,
  figureSections,
  severalBenchmarks,
  summary,
  type BenchmarkOverlap,
  type BenchmarkPart,
  type Judging,
} from './figure-blocks.js';
import { byReason, count } from './format.js';
import { judgeAuditBlocks } from './judge-audit-table.js';
import type { JudgmentSamples } from './judgment-samples.js';
import { lossesIn } from './run-losses.js';
import { overlappingItemsTable, overlapPlacesTable, whatBecame } from './overlap-table.js';
import { pairAuditBlocks } from './pair-audit-table.js';
import { reviewBlocks, type LostAnswers } from './review-tables.js';
import { reproductionBlocks, type ReproductionPart } from './reproduction-table.js';
import { stageChart } from './run-charts.js';
import { checkpointTable, costTable, modelTable, stageTable, type IterationChoices } from './run-tables.js';
import { labelLines } from './score-tables.js';
import { selectionChartSpec } from './selection-chart.js';
import { selectionBlocks } from './selection-table.js';

/** Most overlapping items that a report lists. */
const MOST_PLACES = 20;

/** The input of a report. */
export interface ReportParts {
  name: string;
  description: string;
  /** The resolved configuration. */
  config: unknown;
  iterations: readonly IterationMetrics[];
  /** Of the last judge; absent where nothing is measured. */
  assessment?: Assessment | undefined;
  manifests: readonly IterationManifest[];
  /** null: the run is not finished. */
  manifest: RunManifest | null;
  /** The command that makes this run. */
  command: string;
  /** How the pairs are judged; absent: in both orders. */
  judging?: Judging | undefined;
  /** The figures on other benchmarks; `iterations`, `judging` and `reproduction` are of the headline. */
  others?: readonly BenchmarkPart[] | undefined;
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
  /** The same of the examples that each was trained on. */
  trainingSets?: readonly { iteration: number; value: PairAudit }[] | undefined;
  /** The same of each benchmark but the first. */
  laterOverlaps?: readonly BenchmarkOverlap[] | undefined;
  /** What the pool offered and what was chosen. */
  selection?: SelectionSummary | null | undefined;
  /** The compared checkpoints and the choice; empty where the last checkpoint was taken without a comparison. */
  checkpointChoices?: readonly IterationChoices[] | undefined;
  /** The models that the run trained. */
  models?: readonly ModelRecord[] | undefined;
  /** What people say, and what they remarked; empty where nobody was asked. */
  reviews?: readonly ReviewResult[] | undefined;
  reviewNotes?: readonly ReviewNote[] | undefined;
  /** Answers that do not count. */
  lostAnswers?: LostAnswers | undefined;
  /** The sampled judgments. */
  samples?: JudgmentSamples | undefined;
}

/** The report of a run. Texts of models appear only in its samples, and names from servers are shown as code. */
export function runDocument(parts: ReportParts): ReportDocument {
  const { name, description, iterations, assessment, manifests, manifest, setUp = [] } = parts;
  const plain = description.trim();
  const { others = [], reproduction } = parts;
  const { Iterations, ...figures } = figureSections(parts);
  return assemble({
    title: name,
    opened: ['Iterations'],
    lead: [
      assessment ? [{ kind: 'assessment', assessment }] : [],
      plain === '' ? [] : text`${plain}`,
      manifest ? [] : unfinished(iterations),
      manifests.flatMap(lossesIn),
      summary(iterations, { isFinished: manifest !== null }),
      curve(iterations, name),
      severalBenchmarks(iterations),
    ],
    sections: {
      'Set-up': setUp.length === 0 ? [] : [factsBlock(setUp)],
      Iterations: [
        ...Iterations,
        labelLines(manifest?.benchmark.labels).map((line) => text`The benchmark’s ${line}.`),
      ],
      'Comparison with the paper': reproductionBlocks([
        reproduction,
        ...others.map((other) => other.reproduction),
      ]),
      ...figures,
      ...Object.fromEntries(others.map((other) => [`On ${other.benchmark}`, benchmarkBlocks(other)])),
      'What people say': reviewBlocks(parts.reviews, parts.reviewNotes, parts.lostAnswers),
      'Sample judgments': samplesBlocks(parts.samples),
      'Selection of instructions': selectionSection(parts),
      'Audit of the judge': judgeAuditBlocks(iterations),
      'Surface of the pairs': pairAuditBlocks(parts.pairAudits, parts.trainingSets),
      'Overlap of training and benchmark': [overlapBlocks(parts), ...laterOverlapBlocks(parts)],
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

function factsBlock(facts: readonly { term: string; fact: string }[]): Block {
  return { kind: 'facts', facts: facts.map(({ term, fact }) => ({ term, fact: [printable(fact)] })) };
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
function overlapBlocks({
  overlap,
  trainingOverlaps = [],
}: Pick<ReportParts, 'overlap' | 'trainingOverlaps'>): Block[] {
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

function laterOverlapBlocks({ laterOverlaps = [] }: ReportParts): Block[][] {
  return laterOverlaps.map(({ benchmark, ...found }) => [
    text`${{ strong: `On ${benchmark}` }}`,
    ...overlapBlocks(found),
  ]);
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
      ? spans`${serverName(resultModel)}, from ${serverName(fineTunedModel.parent)} on ${count(fineTunedModel.nExamples)} kept judgments`
      : spans`${serverName(resultModel)}, the seed model`,
  );
  return [
    ...(items.length > 0 ? [{ kind: 'list' as const, ordered: true, items }] : []),
    ...tableBlock(modelTable(models)),
  ];
}

/** The choice of checkpoints; empty where none were compared. */
function checkpointBlocks(iterations: ReportParts['checkpointChoices'] = []): Block[] {
  const all = iterations.flatMap(({ choices }) =>
    [choices.supervised, choices.dpo, choices.reinforcement].filter((each) => each !== undefined),
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
