// The summary of a single stage, in a few lines.
import { printable } from '../core/text.js';
import type { EvaluationResult, FineTuneFileResult, SingleStageResult } from '../experiment/index.js';
import { byReason, count, duration, percentWithInterval, unscored, usd } from '../report/index.js';
import type { StageRecord } from '../schema/manifest.js';

/** What was kept and dropped, what was paid for, and where it is. */
export function stageLines({ record, outFile, dropsFile }: SingleStageResult): string[] {
  const nDropped = record.nInput - record.nKept;
  return [
    `${countsOf(record)} in ${duration(record.wallMs)}`,
    ...thinkingLines(record),
    ...usageLines(record),
    `kept: ${outFile}`,
    ...(nDropped > 0 ? [`dropped: ${dropsFile}`] : []),
  ];
}

/** The same of a training, and its model. */
export function fineTuneLines({ record, outFile, fineTuned, choice }: FineTuneFileResult): string[] {
  const { model, parent, method = 'supervised' } = fineTuned;
  return [
    `${countsOf(record)} in ${duration(record.wallMs)}`,
    printable(`model: ${model}, ${method}, from ${parent}`),
    ...(choice
      ? [
          printable(
            `best of ${choice.scores.length} checkpoints on ${choice.validationSet}: ${percentWithInterval(choice.chosen.accuracy)} % right, n ${count(choice.chosen.accuracy.n)}`,
          ),
        ]
      : []),
    ...usageLines(record),
    `kept: ${outFile}`,
  ];
}

/** The same of an evaluation, and its accuracy. */
export function evaluationLines(result: EvaluationResult): string[] {
  const { metrics, model, rule } = result;
  const { accuracy, voteAccuracy } = metrics;
  return [
    ...stageLines(result),
    printable(`judge: ${model}, verdicts read by ${rule}`),
    `accuracy % [95%]: ${percentWithInterval(accuracy)}, n ${count(accuracy.n)}, unscored ${unscored(accuracy)}`,
    ...(voteAccuracy
      ? [
          `of the vote: ${percentWithInterval(voteAccuracy)}, n ${count(voteAccuracy.n)}, unscored ${unscored(voteAccuracy)}`,
        ]
      : []),
  ];
}

/** Kept + dropped = input. */
function countsOf({ stage, nInput, nKept, drops }: StageRecord): string {
  const reasons = byReason(drops);
  const dropped = `${count(nInput - nKept)} dropped${reasons === '' ? '' : ` (${reasons})`}`;
  return `${stage}: ${count(nKept)} kept + ${dropped} = ${count(nInput)}`;
}

function thinkingLines({ thinkingRemoved }: StageRecord): string[] {
  if (!thinkingRemoved) return [];
  return [`thinking removed from ${count(thinkingRemoved.n)} of ${count(thinkingRemoved.of)} texts`];
}

/** None for a stage that sent no requests. */
export function usageLines({ usage }: Pick<StageRecord, 'usage'>): string[] {
  const { completions, cachedCompletions, promptTokens, completionTokens, costUsd, retries } = usage;
  if (completions + cachedCompletions === 0) return [];
  const parts = [
    `completions ${count(completions)}, from the store ${count(cachedCompletions)}`,
    `tokens ${count(promptTokens)} in, ${count(completionTokens)} out`,
    ...(retries > 0 ? [`retries ${count(retries)}`] : []),
    `cost ${costUsd === null ? 'unknown (no price set)' : usd(costUsd)}`,
  ];
  return [parts.join('; ')];
}
