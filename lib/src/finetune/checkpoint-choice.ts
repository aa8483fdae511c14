// Which checkpoint of a training is taken: the one with the best pairwise accuracy on a validation set, as in the authors' repository
// (https://github.com/facebookresearch/RAM/tree/main/projects/self_taught_evaluator), which used HelpSteer2's.
import { DataError } from '../core/errors.js';
import type { Estimate } from '../schema/estimate.js';
import type { CheckpointChoice, CheckpointScore, ModelCheckpoint } from '../schema/fine-tuned-model.js';

/** How checkpoints are compared. */
export interface ChoiceOptions {
  /** Names the held-out pairs in the record. Never the reported benchmark: choosing on it would fit to it. */
  validationSet: string;
  /** Pairwise accuracy of a checkpoint on those pairs. */
  score: (checkpoint: ModelCheckpoint, signal: AbortSignal) => Promise<Estimate>;
  /** Stops after this many checkpoints in a row that are no better than the best, from 1; absent: all are scored. */
  patience?: number | undefined;
  signal: AbortSignal;
}

/**
 * Scores checkpoints in their order and takes the best. With `patience` it may stop before the end, so that a training in progress can
 * be cancelled.
 * @throws DataError when there is no checkpoint, or none could be scored; whatever `score` throws
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
      'Look at the answers of the checkpoints on that set. If the trainer saves no checkpoints, remove the choice.',
  });
}

/** The most accurate checkpoint; of equals the earliest, which was trained least. Null if none could be scored. */
export function bestCheckpoint(scores: readonly CheckpointScore[]): CheckpointScore | null {
  let best: CheckpointScore | null = null;
  for (const each of scores) {
    const { value } = each.accuracy;
    if (value !== null && (best === null || value > (best.accuracy.value ?? -1))) best = each;
  }
  return best;
}

/** The number of checkpoints after the best one; 0 before the first that could be scored. */
function nSinceBest(scores: readonly CheckpointScore[]): number {
  const best = bestCheckpoint(scores);
  return best === null ? 0 : scores.length - 1 - scores.indexOf(best);
}
