// What the view's server sends of two judges that are compared. The pages import this file, so nothing of Node stands behind it.
import type { JudgeComparison } from '../schema/comparison-report.js';
import type { Order } from '../schema/verdict.js';
import type { CataloguedJudgment, JudgedSubject } from './view-records.js';

/** How a judge did on an item, in the orders in which both judges named a verdict: `partly` is right in some of them, or a tie. */
export const ITEM_OUTCOMES = ['right', 'partly', 'wrong'] as const;
/** See {@link ITEM_OUTCOMES}. */
export type ItemOutcome = (typeof ITEM_OUTCOMES)[number];

/** Why an item is not compared: as in `autodidact compare`, and items of one id with different texts. */
export const NOT_COMPARED = ['only a', 'only b', 'no common order', 'no verdict', 'other texts'] as const;
/** See {@link NOT_COMPARED}. */
export type NotCompared = (typeof NOT_COMPARED)[number];

/** How judges a and b did on an item, or why it is not compared. */
export type Standing = `${ItemOutcome}/${ItemOutcome}` | NotCompared;
/** All of them. */
export const STANDINGS: readonly Standing[] = [
  ...ITEM_OUTCOMES.flatMap((a) => ITEM_OUTCOMES.map((b) => `${a}/${b}` as const)),
  ...NOT_COMPARED,
];

/** Items by who has the higher score: `differ` are those of either judge. */
export const BETTER = ['differ', 'a better', 'b better'] as const;
/** Which items are shown by who is right: one standing, or all with different scores. */
export type Who = (typeof BETTER)[number] | Standing;

/** Which items are shown; what is absent does not matter. As lib/src/view/compare-judges.ts reads it. */
export interface CompareFilter {
  slice?: string | undefined;
  errorKind?: string | undefined;
  who?: Who | undefined;
  /** In a judgment of either judge, the instruction or a response; letter case does not matter. */
  text?: string | undefined;
}

/** A judgment of an item in one order; its texts are those of its row in the run. */
export type ItemVerdict = Pick<CataloguedJudgment, 'row' | 'order' | 'verdict' | 'outcome'>;

/** An item that at least one of the judges was shown. */
export interface ComparedItem {
  /** Its number in the comparison. */
  item: number;
  subject: JudgedSubject;
  standing: Standing;
  /** Score of b minus that of a over the orders that both were scored in, -1 to 1; null where it is not compared. */
  difference: number | null;
  a: ItemVerdict[];
  b: ItemVerdict[];
}

/** A judge that is compared. */
export interface ComparedSide {
  run: string;
  iteration: number;
  model: string;
  /** Of several benchmarks, the one whose items are compared; null where there is one. */
  benchmark: string | null;
  /** All of them; empty where there is one. */
  benchmarks: string[];
  nItems: number;
  /** Items of the benchmark that it could not judge; null where that is not recorded. */
  nDropped: number | null;
}

/** Two judges on the same items; a is the baseline. */
export interface ComparedJudges {
  a: ComparedSide;
  b: ComparedSide;
  /** How items were matched; `problem` says why their texts could not be compared. */
  texts: { areCompared: boolean; problem: string | null };
  slices: string[];
  errorKinds: string[];
  /** Items by standing, and those with different scores, of the slice and kind of error of the filter. */
  counts: Record<Who, number>;
  items: ComparedItem[];
  /** How many pass; where a text is searched for, those found so far. */
  total: number;
  /** Whether all texts were searched. */
  isWhole: boolean;
  nAll: number;
  /** Of both judges, of all items. */
  nJudgments: number;
}

/** The figures of two judges as `autodidact compare` gives them, with its seed and resamples; no filter changes them. */
export interface ComparedFigures {
  overall: JudgeComparison;
  bySlice: JudgeComparison[];
}

/** The orders in which an item can be shown, as rows of both judges are kept. */
export const SHOWN_ORDERS: readonly Order[] = ['winner-first', 'loser-first'];
