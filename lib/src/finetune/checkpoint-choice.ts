// Which checkpoint of a training is taken: the one with the best pairwise accuracy on a validation set, as in the authors' repository
// (https://github.com/facebookresearch/RAM/tree/main/projects/self_taught_evaluator), which used HelpSteer2's.
import { DataError } from '../core/errors.js';
import type { Estimate } from '../schema/estimate.js';
import type { CheckpointChoice, CheckpointScore, ModelCheckpoint } from '../schema/fine-tuned-model.js';

/** How checkpoints are compared. */
export interface ChoiceOptions {
  /** Names the held-out pairs in the record; never the benchmark that is reported, which would then be fitted to. */
  validationSet: string;
  /** Pairwise accuracy of a checkpoint on those pairs. */
  score: (checkpoint: ModelCheckpoint, signal: AbortSignal) => Promise<Estimate>;
  /** After so many checkpoints in a row that are no better than the best, no more are looked at; absent: all are. 1 or more. */
  patience?: number | undefined;
  signal: AbortSignal;
}

/**
 * Scores checkpoints in their order and takes the best. With `patience` it may stop before the end; where they come from a training
 * under way, that can then be ended.
 * @throws DataError when there is no checkpoint, or none that could be scored; whatever `score` throws
 */
export async function chooseCheckpoint(
  checkpoints: Iterable<ModelCheckpoint> | AsyncIterable<ModelCheckpoint>,
  { validationSet, score, patience, signal }: ChoiceOptions,
): Promise<CheckpointChoice> {
  const scores: CheckpointScore[] = [];
  let stoppedEarly = false;
  for await (const checkpoint of checkpoints) {
    scores.push({ checkpoint, accuracy: await score(checkpoint, signal) });
    if (patience === undefined || nSinceBest(scores) < patience) continue;
    stoppedEarly = true;
    break;
  }
  const chosen = bestCheckpoint(scores);
  if (chosen !== null) return { validationSet, scores, chosen, stoppedEarly };
  throw new DataError({
    subject: `choice of a checkpoint on ${validationSet}`,
    expected: 'at least one checkpoint with an accuracy',
    received: scores.length === 0 ? 'no checkpoints' : `${scores.length}, none of which could be scored`,
    remedy:
      'Look at what the checkpoints answer there; a trainer without checkpoints needs no choice, so leave it out.',
  });
}

/** The most accurate; of equals the earliest, which was trained least. Null where none could be scored. */
export function bestCheckpoint(scores: readonly CheckpointScore[]): CheckpointScore | null {
  let best: CheckpointScore | null = null;
  for (const each of scores) {
    const { value } = each.accuracy;
    if (value !== null && (best === null || value > (best.accuracy.value ?? -1))) best = each;
  }
  return best;
}

/** How many have come after the best; those before the first that could be scored do not count. */
function nSinceBest(scores: readonly CheckpointScore[]): number {
  const best = bestCheckpoint(scores);
  return best === null ? 0 : scores.length - 1 - scores.indexOf(best);
}
