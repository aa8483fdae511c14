// Checks that training texts do not overlap with the benchmark: models may write it from memory.
import { auditOverlap, requireNoOverlap, textsOfPair } from '../../audit/index.js';
import type { AuditedText, OverlapReport } from '../../schema/overlap.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import {
  preferenceExampleSchema,
  rewardExampleSchema,
  trainingExampleSchema,
} from '../../schema/training-example.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';
import type { OpenedEvaluation } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { overlapOptionsOf } from '../open/overlap-check.js';
import { ITERATION_FILES } from '../layout/run-files.js';

/**
 * Compares the responses and judgments that an iteration trains on with a benchmark, and writes what was found to its folder. Their
 * instructions were compared before. Texts of the embedded world need no audit, as its instructions need none.
 * @returns what was found, all of it waived; null if there was nothing to compare
 * @throws DataError for an overlap that the experiment does not waive; the signal's reason when it aborts
 */
export async function checkTrainingTexts(
  folder: RunFolder,
  evaluation: OpenedEvaluation,
  { config, signal }: Pick<OpenedExperiment, 'config' | 'signal'>,
): Promise<OverlapReport | null> {
  const { finetune } = config;
  const { benchmark, files, isFirst, name } = evaluation;
  const overlap = overlapOptionsOf(evaluation, config);
  if (instructionsOf(config).source === 'embedded' || !overlap.trainingFields.includes('response'))
    return null;
  const texts = trainingTexts(folder, finetune);
  const report = await auditOverlap(texts, benchmark.items, { options: overlap, signal });
  await folder.writeJson(files.overlap, report);
  requireNoOverlap(report, {
    subject: `overlap of training and ${isFirst ? 'benchmark' : name}, ${folder.file(files.overlap)}`,
    remedy:
      'Leave the instructions of these pairs out, or list the overlap with its reason under overlap.waive, if it does no harm. ' +
      'Completions stay in the store.',
  });
  return report;
}

/** The responses of every pair that has an example or a prompt for rewards, each once, and the judgments of the examples. */
async function* trainingTexts(
  folder: RunFolder,
  { dpo, reinforcement }: ExperimentConfig['finetune'],
): AsyncGenerator<AuditedText> {
  const judgments = async function* (): AsyncGenerator<{ pairId: string; texts: string[] }> {
    for await (const { pairId, completion } of folder.records(
      ITERATION_FILES.examples,
      trainingExampleSchema,
    ))
      yield { pairId, texts: [completion] };
    if (!dpo) return;
    for await (const example of folder.records(ITERATION_FILES.preferences, preferenceExampleSchema))
      yield { pairId: example.pairId, texts: [example.chosen, example.rejected] };
  };
  const sliceOfPair = new Map<string, string>();
  for await (const { pairId } of judgments()) sliceOfPair.set(pairId, '');
  if (reinforcement)
    for await (const { pairId } of folder.records(ITERATION_FILES.rewardPrompts, rewardExampleSchema))
      sliceOfPair.set(pairId, '');
  for await (const pair of folder.records(ITERATION_FILES.pairs, responsePairSchema)) {
    if (!sliceOfPair.has(pair.pairId)) continue;
    sliceOfPair.set(pair.pairId, pair.slice);
    yield* textsOfPair(pair, ['response']);
  }
  for await (const { pairId: id, texts } of judgments()) {
    const subset = sliceOfPair.get(id) ?? '';
    for (const text of texts) yield { id, field: 'response', text, subset };
  }
}
