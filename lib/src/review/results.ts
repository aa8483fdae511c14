// What people's answers say of a stage: approval with its interval, agreement among people and with the judge, and whether it is enough.
import { groupBy } from '../core/group-by.js';
import { altTest, cohensKappa, krippendorffAlpha, wilsonInterval } from '../core/statistics/index.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import type { Estimate } from '../schema/estimate.js';
import type { ReviewAnswer, ReviewItem, ReviewNote, ReviewResult } from '../schema/review.js';
import { standingAnswers } from './answers.js';

/** What people have to say. */
export interface ReviewNeed {
  /** Approval that the lower end of its interval has to reach, above 0 and below 1. */
  share: number;
  /** Items that have to be answered at least; absent: as many as settle it. */
  items?: number | undefined;
}

/** How answers are read. */
export interface ReviewResultOptions {
  /** Absent: none. */
  need?: ReviewNeed | undefined;
  /** Of the alternative annotator test; default 0.2, its source's value for experts. */
  epsilon?: number;
}

/** An answer with the item that it is for. */
interface Answered {
  item: ReviewItem;
  reviewer: string;
  answer: ReviewAnswer['answer'];
}

/**
 * Results of one stage of one iteration.
 * @param items of that stage and iteration, at least one
 * @param answers in the order in which they were given; those to other items are left out
 */
export function reviewResult(
  items: readonly [ReviewItem, ...ReviewItem[]],
  answers: Iterable<ReviewAnswer>,
  { need, epsilon = 0.2 }: ReviewResultOptions = {},
): ReviewResult {
  const byId = new Map(items.map((item) => [item.itemId, item]));
  const given = [...standingAnswers(answers)].flatMap(([reviewer, own]) =>
    [...own.values()].flatMap(({ itemId, answer }): Answered[] => {
      const item = byId.get(itemId);
      return item ? [{ item, reviewer, answer }] : [];
    }),
  );
  const answered = given.filter(({ answer }) => answer !== 'skip');
  const byItem = groupBy(answered, ({ item }) => item.itemId);
  const approval = approvalOf(answered);
  const [{ stage, benchmark, iteration }] = items;
  return {
    stage,
    ...(benchmark === undefined ? {} : { benchmark }),
    iteration,
    nItems: items.length,
    nAnswered: byItem.size,
    nSkipped: given.length - answered.length,
    reviewers: [...groupBy(answered, ({ reviewer }) => reviewer)].map(([reviewer, own]) => ({
      reviewer,
      nAnswers: own.length,
    })),
    approval,
    approvalByStratum: Object.fromEntries(
      [...groupBy(answered, ({ item }) => item.stratum)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([stratum, of]) => [stratum, approvalOf(of)]),
    ),
    ...betweenReviewers([...byItem.values()]),
    ...withJudge(answered, epsilon),
    ...(need === undefined ? {} : { need: needOf(approval, need, byItem.size) }),
  };
}

/** 1 for an answer that speaks for the run, 0 against it, a half for a tie; null where there is nothing to hold it against. */
function approves({ item, answer }: Answered): number | null {
  if (answer === 'yes') return 1;
  if (answer === 'no') return 0;
  const { better } = item.hidden;
  if (better === undefined) return null;
  if (answer === better) return 1;
  return answer === 'tie' || better === 'tie' ? 0.5 : 0;
}

function approvalOf(answered: readonly Answered[]): Estimate {
  return shareOf(answered.map((one) => ({ itemId: one.item.itemId, score: approves(one) })));
}

/** The scores of one item are a cluster; null has no score. */
function shareOf(scores: readonly { itemId: string; score: number | null }[]): Estimate {
  const counter = new ShareCounter();
  for (const { itemId, score } of scores) counter.addOne(score, { cluster: itemId });
  return counter.estimate();
}

function betweenReviewers(byItem: readonly (readonly Answered[])[]): Pick<ReviewResult, 'betweenReviewers'> {
  const shared = byItem.filter(({ length }) => length > 1);
  if (shared.length === 0) return {};
  const agreement = shareOf(shared.flatMap(pairwiseAgreement));
  const chanceCorrected = krippendorffAlpha(shared.map((of) => of.map(({ answer }) => answer)));
  return { betweenReviewers: { agreement, chanceCorrected } };
}

/** 1 for every two answers to an item that are the same, 0 for every two that differ. */
function pairwiseAgreement(of: readonly Answered[]): { itemId: string; score: number }[] {
  return of.flatMap(({ item: { itemId }, answer }, i) =>
    of.slice(i + 1).map((other) => ({ itemId, score: Number(other.answer === answer) })),
  );
}

function withJudge(
  answered: readonly Answered[],
  epsilon: number,
): Pick<ReviewResult, 'withJudge' | 'altTest'> {
  const compared = answered.flatMap(({ item, answer }) =>
    item.hidden.judge === undefined ? [] : [{ itemId: item.itemId, answer, judge: item.hidden.judge }],
  );
  if (compared.length === 0) return {};
  const agreement = shareOf(
    answered.map(({ item: { itemId, hidden }, answer }) => ({
      itemId,
      score: hidden.judge === undefined ? null : Number(answer === hidden.judge),
    })),
  );
  const chanceCorrected = cohensKappa(
    compared.map(({ answer }) => answer),
    compared.map(({ judge }) => judge),
  );
  const annotators = new Map(
    [...groupBy(answered, ({ reviewer }) => reviewer)].map(([reviewer, given]) => [
      reviewer,
      new Map(given.map(({ item, answer }) => [item.itemId, answer])),
    ]),
  );
  const judge = new Map(compared.map((one) => [one.itemId, one.judge]));
  return {
    withJudge: { agreement, chanceCorrected },
    ...(annotators.size > 1 ? { altTest: { epsilon, ...altTest(annotators, judge, { epsilon }) } } : {}),
  };
}

/** Whether a need is met or has failed: by an interval beyond its share, of enough items. */
function needOf(
  approval: Estimate,
  { share, items }: ReviewNeed,
  nItems: number,
): NonNullable<ReviewResult['need']> {
  const of = { share, ...(items === undefined ? {} : { items }) };
  const settlement = settled(approval, { need: share, nItems });
  const nMissing = Math.max(0, (items ?? 0) - nItems);
  if (nMissing === 0) return { ...of, ...settlement };
  const { nMoreItems } = settlement;
  return { ...of, state: 'open', nMoreItems: nMoreItems === null ? null : Math.max(nMoreItems, nMissing) };
}

/** What reviewers remarked on these items with the answers that stand. */
export function reviewNotes(items: readonly ReviewItem[], answers: Iterable<ReviewAnswer>): ReviewNote[] {
  const byId = new Map(items.map((item) => [item.itemId, item]));
  return [...standingAnswers(answers).values()].flatMap((own) =>
    [...own.values()].flatMap(({ itemId, reviewer, answer, note }) => {
      const item = byId.get(itemId);
      if (!item || note === undefined) return [];
      const { stage, iteration } = item;
      return [{ stage, iteration, itemId, reviewer, answer, note }];
    }),
  );
}

/** So many items settle nothing any more, within reason. */
const MOST_ITEMS = 100_000;

/** Whether an approval is shown to reach what is needed, or not to, and how many more items would show it. */
function settled(
  { value, low, high }: Estimate,
  { need, nItems }: { need: number; nItems: number },
): { state: 'met' | 'failed' | 'open'; nMoreItems: number | null } {
  if (low !== null && low >= need) return { state: 'met', nMoreItems: 0 };
  if (high !== null && high < need) return { state: 'failed', nMoreItems: 0 };
  // Of the share so far, the least number of items whose interval leaves the threshold out.
  const share = value ?? 1;
  const isSettled = (nAnswers: number): boolean => {
    const interval = wilsonInterval(share, nAnswers);
    return (interval.low ?? 0) >= need || (interval.high ?? 1) < need;
  };
  if (!isSettled(MOST_ITEMS)) return { state: 'open', nMoreItems: null };
  let [tooFew, enough] = [0, MOST_ITEMS];
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (isSettled(middle)) enough = middle;
    else tooFew = middle;
  }
  return { state: 'open', nMoreItems: Math.max(1, enough - nItems) };
}
