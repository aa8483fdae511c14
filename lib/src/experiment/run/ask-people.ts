// What a run asks people after its stages, and where it waits for what they say.
import { DataError, ReviewError } from '../../core/errors.js';
import { reviewResult } from '../../review/index.js';
import { count, percent, percentWithInterval } from '../../report/index.js';
import type { ReviewItem, ReviewResult, ReviewStage } from '../../schema/review.js';
import { headlineOf } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { readRunAnswers, reviewCommand, reviewItems } from '../review/run-review.js';

/** After which stage of which iteration. */
export interface AskedPlace {
  stage: ReviewStage;
  iteration: number;
  /** Whether the loop has gone on from there already, so that there is nothing to wait for. */
  isPast?: boolean;
}

/**
 * Draws what people are asked about a stage, where the experiment names it, and keeps it with the run. Held-out pairs are those of the
 * headline.
 * @throws ReviewError where the run waits and the need is open; DataError where it waits for a stage that leaves nothing to ask about
 */
export async function askPeople(
  opened: OpenedExperiment,
  { stage, iteration, isPast = false }: AskedPlace,
): Promise<void> {
  const { config, folder, evaluations, observers } = opened;
  const { review } = config;
  if (!review?.after.includes(stage)) return;
  const request = { runFolder: folder.path, stage, iteration };
  const need = review.wait && !isPast ? review.need : undefined;
  const heldOut = () => {
    const { items } = headlineOf(evaluations).benchmark;
    return Promise.resolve(new Map(items.map((item) => [item.itemId, item])));
  };
  let items: ReviewItem[];
  try {
    items = await reviewItems({ ...request, heldOut });
  } catch (thrown) {
    if (need || !(thrown instanceof DataError)) throw thrown;
    observers.warn(`people are not asked about ${stage} of iteration ${iteration}: ${thrown.message}`);
    return;
  }
  const [first, ...others] = items;
  if (!need || !first) return;
  const { answers } = await readRunAnswers(folder.path);
  const result = reviewResult([first, ...others], answers, { need });
  if (result.need?.state !== 'met') throw waiting(result, request);
}

function waiting(
  { stage, iteration, nItems, nAnswered, approval, need }: ReviewResult,
  request: { runFolder: string; stage: ReviewStage; iteration: number },
): ReviewError {
  const { share = 0, items = 0, nMoreItems = null } = need ?? {};
  const nNeeded = nMoreItems === null ? null : nAnswered + nMoreItems;
  const draw = nNeeded !== null && nNeeded > nItems ? { nItems: nNeeded } : {};
  const soFar = approval.n === 0 ? '' : `, approval ${percentWithInterval(approval)}%`;
  return new ReviewError({
    subject: `the run waits for people after ${stage} of iteration ${iteration}`,
    expected: `approval of at least ${percent(share)}%, the lower end of its interval${items > 0 ? `, on ${count(items)} items or more` : ''}`,
    received: `${count(nAnswered)} of ${count(nItems)} items answered${soFar}`,
    remedy:
      nNeeded === null
        ? `More answers would not tell, since approval is about ${percent(share)}%. Set another review.need.share, which is no part of what names the run.`
        : `About ${count(nNeeded)} answered items settle it. Ask people: ${reviewCommand({ ...request, ...draw })} and then run the same command again.`,
  });
}
