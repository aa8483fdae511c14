// What a judgment says of a pair whose winner is known, in words. Pages in a browser import this file.

/** What a judgment is of: the pairs that a judge is measured on, or those that it trains on. */
export const JUDGMENT_KINDS = ['held-out', 'training'] as const;
/** See {@link JUDGMENT_KINDS}. */
export type JudgmentKind = (typeof JUDGMENT_KINDS)[number];

/** Of a verdict against the known winner. */
export const OUTCOMES = ['right', 'wrong', 'tie', 'unscored'] as const;
/** See {@link OUTCOMES}. */
export type JudgmentOutcome = (typeof OUTCOMES)[number];

/** What became of a verdict on the same pair in the same order; `new` where there is none before it. */
export const CHANGES = ['new', 'same', 'became right', 'became wrong', 'other'] as const;
/** See {@link CHANGES}. */
export type VerdictChange = (typeof CHANGES)[number];

/**
 * What the greedy verdicts of a pair say in its two orders: the right response twice, the same wrong answer twice, the response shown first
 * (or second) twice, a response once and a tie once, or that there are no two verdicts.
 */
export const PAIR_OUTCOMES = [
  'both right',
  'both wrong',
  'first twice',
  'second twice',
  'a tie once',
  'no two verdicts',
] as const;
/** See {@link PAIR_OUTCOMES}. */
export type PairOutcome = (typeof PAIR_OUTCOMES)[number];
