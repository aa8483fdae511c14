// What a run asks people after its stages, and where it waits for what they say.
import { DataError, ReviewError } from '../../core/errors.js';
import { peopleChecks } from '../../assess/index.js';
import { reviewResult, type ReviewNeed } from '../../review/index.js';
import { count, counted, percent, percentWithInterval } from '../../report/index.js';
import type { ReviewItem, ReviewResult, ReviewStage } from '../../schema/review.js';
import { headlineOf } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { readRunAnswers, reviewCommand, reviewItems } from '../review/run-review.js';
import { readAcceptances } from './assess-run.js';
import { closedGate, openGate } from './gate.js';

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
 * @throws ReviewError where the run waits and the need is open; GateError where it has failed and nobody has accepted that; DataError where it waits for a stage that leaves nothing to ask about
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
  if (result.need?.state === 'open') throw waiting(result, request);
  const red = peopleChecks([result], iteration).filter(({ level }) => level === 'red');
  const accepted = new Set((await readAcceptances(folder)).flatMap(({ checks }) => checks));
  if (red.every(({ id }) => accepted.has(id))) return openGate(folder);
  throw await closedGate(folder, { iteration, expected: neededIn(need), red });
}

function neededIn({ share, items }: ReviewNeed): string {
  const least = items === undefined ? '' : `, on ${counted(items, 'item')} or more`;
  return `people to approve of at least ${percent(share)}%, the lower end of the interval${least} (review.need)`;
}

function waiting(
  { stage, iteration, nItems, nAnswered, approval, need }: ReviewResult,
  request: { runFolder: string; stage: ReviewStage; iteration: number },
): ReviewError {
  const { share = 0, items, nMoreItems = null } = need ?? {};
  const nNeeded = nMoreItems === null ? null : nAnswered + nMoreItems;
  const isMore = nNeeded !== null && nNeeded > nItems;
  const soFar = approval.n === 0 ? '' : `, approval ${percentWithInterval(approval)}%`;
  const ask = reviewCommand({ ...request, ...(isMore ? { nItems: nNeeded } : {}) });
  const other = 'set another review.need, which is no part of what names the run';
  return new ReviewError({
    subject: `the run waits after ${stage} of iteration ${iteration}`,
    expected: neededIn({ share, items }),
    received: `${count(nAnswered)} of ${count(nItems)} items answered${soFar}`,
    remedy:
      nNeeded === null
        ? `More answers would not tell, since approval is about ${percent(share)}%: ${other}.`
        : `${approval.n === 0 ? 'At least' : 'About'} ${counted(nNeeded, 'answered item')} settle it. Ask people with: ${ask} and then run the same command again.` +
          (isMore ? ` Where the stage has no more records, ${other}.` : ''),
  });
}
