// The report of a run, in Markdown: set-up, curve, tables, and how to reproduce it.
import { stringify } from 'yaml';
import { printable } from '../core/text.js';
import type { IterationMetrics } from '../schema/evaluation.js';
import type { IterationManifest, RunManifest } from '../schema/manifest.js';
import type { OverlapReport } from '../schema/overlap.js';
import type { SelectionSummary } from '../schema/selection-summary.js';
import { costTable } from './cost-table.js';
import { count, percent, percentWithInterval, pointsWithInterval, pValue } from './format.js';
import { overlappingItemsTable } from './overlap-table.js';
import { reproductionSection, type ReproductionPart } from './reproduction-table.js';
import { figureTable } from './score-tables.js';
import { selectionMarkdown } from './selection-table.js';
import { biasTable, groupTable, iterationTable, stageTable, toMarkdown, voteTable } from './tables.js';

const SHOWN_AS = {
  'both orders': 'every pair is shown in both orders',
  'one order':
    'every pair is shown in one order, drawn by item, so that *says A* need not be 50 for an unbiased judge',
  'single grades': 'no pair is shown: each response is graded alone, and the higher grade wins',
} as const;

/** What a report is made of. */
export interface ReportParts {
  name: string;
  description: string;
  /** The resolved configuration, shown as it is. */
  config: unknown;
  iterations: readonly IterationMetrics[];
  manifests: readonly IterationManifest[];
  manifest: RunManifest;
  /** File of the chart, relative to the report. */
  chartFile: string;
  /** The command that makes this run. */
  command: string;
  /** How the pairs were judged; absent: in both orders. */
  judging?: keyof typeof SHOWN_AS | undefined;
  /** Sets the run beside the paper; shown only where its benchmark is one that the paper reports. */
  reproduction?: ReproductionPart | undefined;
  /** What its instructions and its benchmark have in common; null: not looked at. */
  overlap?: OverlapReport | null | undefined;
  /** What a pool held and what was chosen of it, with the file of its chart, relative to the report. */
  selection?: { summary: SelectionSummary; chartFile: string } | null | undefined;
}

/** Renders the report. It holds no text that a model wrote. */
export function renderReport(parts: ReportParts): string {
  const { manifest, iterations } = parts;
  const { git, usage } = manifest;
  return `# ${parts.name}

${parts.description.trim()}

${summary(iterations)}

![Accuracy by iteration](${parts.chartFile})

## Iterations

${toMarkdown(iterationTable(iterations))}

Accuracy is the share of right greedy verdicts; ${SHOWN_AS[parts.judging ?? 'both orders']}. Verdicts that could not be read are
counted under *unparsed* and are in no share; a tie counts half. Verdicts are read by the rule ${code(iterations[0]?.rule ?? '')}. Intervals: ${iterations[0]?.metrics.accuracy.method ?? ''}.
Change: ${iterations.at(-1)?.againstSeed?.method ?? ''}; each p by itself, not corrected for how many there are.${detectable(iterations)}

## By slice and kind of error

${toMarkdown(groupTable(iterations))}

## Position, length, family, calibration

${toMarkdown(biasTable(iterations))}

*First shown wins*: of the pairs on which the two orders contradict each other, the share in which the response shown first won both
times. *Longer chosen* and *own family chosen* are as if the longer response, or that of the judge's own model family, were the
winner half of the time: 50 is unbiased, however good the judge is, as long as pairs of either kind are equally hard. Calibration is of ${calibrated(iterations)}; 0 is best.
${voteSection(iterations)}${publishedSection(iterations)}${reproductionSection(parts.reproduction)}${selectionSection(parts.selection)}${overlapSection(parts.overlap)}
## Stages

${toMarkdown(stageTable(parts.manifests))}

Asked of the models, by the attempts that finished their stages: ${count(usage.requests)} requests, ${count(usage.completions)} completions
(${count(usage.cachedCompletions)} more from the completion store), ${count(usage.promptTokens)} tokens in,
${count(usage.completionTokens)} out, ${count(usage.retries)} retries${errorsOf(usage.errors)}.
${costSection(manifest)}
## Models

${parts.manifests.map(({ iteration, resultModel, fineTunedModel }) => `${iteration}. ${code(resultModel)}${fineTunedModel ? `, from ${code(fineTunedModel.parent)} on ${count(fineTunedModel.nExamples)} kept judgments` : ', the seed model'}`).join('\n')}

## Reproduce

\`\`\`sh
${parts.command}
\`\`\`

Seed ${manifest.seed}, configuration ${manifest.configHash.slice(0, 12)}, ${git ? `commit ${git.commit.slice(0, 12)}${git.dirty ? ' with changes' : ''}` : 'no commit'}, ${Object.entries(
    manifest.versions,
  )
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.

\`\`\`yaml
${stringify(parts.config).trim()}
\`\`\`
`;
}

/** Failed attempts by cause. */
function errorsOf(errors: Readonly<Record<string, number>>): string {
  const causes = Object.entries(errors).sort(([, a], [, b]) => b - a);
  if (causes.length === 0) return '';
  return ` (failed attempts: ${causes.map(([cause, n]) => `${cause} ${count(n)}`).join(', ')})`;
}

/** What was paid for; runs that were made before this was kept have none. */
function costSection({ spentByStage }: RunManifest): string {
  const table = costTable(spentByStage);
  if (table.rows.length === 0) return '';
  return `\n## Cost\n\n${toMarkdown(table)}\n\nAll attempts of the run together, interrupted ones included, by the tokens that the servers told.\n`;
}

/** How the majority vote grows with its samples; empty where none was taken. */
function voteSection(iterations: readonly IterationMetrics[]): string {
  const table = voteTable(iterations);
  if (table.rows.length === 0) return '';
  return `\n## Majority vote\n\n${toMarkdown(table)}\n\nThe mean over all choices of that many of the samples, so that their order does not matter.\n`;
}

function calibrated(iterations: readonly IterationMetrics[]): string {
  if (iterations.some(({ metrics }) => metrics.probabilityCalibration))
    return 'the probability of each greedy verdict, as the server told it';
  return iterations.some(({ metrics }) => metrics.calibration)
    ? 'the share of votes for the known winner'
    : 'nothing here: neither votes nor probabilities were asked for';
}

/** The figures by the conventions of the benchmark's own publications; empty for benchmarks without any. */
function publishedSection(iterations: readonly IterationMetrics[]): string {
  const judges = iterations.flatMap(({ iteration, published = {}, publishedVote = {} }) => [
    { judge: `iteration ${iteration}`, figures: published },
    { judge: `iteration ${iteration}, majority vote`, figures: publishedVote },
  ]);
  const { header, rows } = figureTable(judges);
  if (rows.length === 0) return '';
  return `\n## As the benchmark's publications count\n\n${toMarkdown({ header, rows })}\n`;
}

/** What the iterations took their instructions from; empty where that was no pool. */
function selectionSection(selection: ReportParts['selection']): string {
  if (!selection) return '';
  const { summary, chartFile } = selection;
  const tables = selectionMarkdown(summary, { title: 'Selection of instructions' });
  return `\n${tables}\n![Shares of the pool and of what was taken](${chartFile})\n`;
}

/** Whether the judge was measured on what it was trained on. */
function overlapSection(overlap: OverlapReport | null | undefined): string {
  if (!overlap) return '';
  const { overlappingItems, training } = overlap;
  return `\n## Overlap of training and benchmark\n\n${toMarkdown(overlappingItemsTable(overlap))}\n\n${count(training.instruction.n)} instructions of the pool were looked at; ${overlappingItems.length === 0 ? 'no item overlaps with any of them' : `${count(overlappingItems.length)} items overlap, each with a waiver`}.\n`;
}

/** A name from a server, as code: nothing in it can end the code. */
function code(name: string): string {
  return `\`${printable(name).replaceAll('`', "'")}\``;
}

function summary(iterations: readonly IterationMetrics[]): string {
  const first = iterations[0];
  const last = iterations.at(-1);
  if (!first || !last?.againstSeed) return '';
  const { metrics, againstSeed } = last;
  return `The seed model judges **${percentWithInterval(first.metrics.accuracy)} %** of ${count(first.metrics.accuracy.n)} verdicts right, iteration ${last.iteration} **${percentWithInterval(metrics.accuracy)} %**: a change of ${pointsWithInterval(againstSeed)} points over ${count(againstSeed.n)} pairs (p ${pWithSign(againstSeed.pValue)}).`;
}

/** What could not have been seen at all. */
function detectable(iterations: readonly IterationMetrics[]): string {
  const smallest = iterations.at(-1)?.againstSeed?.minimumDetectable ?? null;
  if (smallest === null) return '';
  return ` With so many pairs, a true difference of ${percent(smallest)} points is found in 4 of 5 cases.`;
}

function pWithSign(p: number | null): string {
  const text = pValue(p);
  return text.startsWith('<') ? text : `= ${text}`;
}
