// A verdict: the label that a judgment names, or why it has none. A failure to parse is never a score.
import { z } from 'zod';
import { checkOneOf } from '../core/statistics/checks.js';

/** How much better, where the judge's labels say it, as Arena-Hard's do: [[A>B]] or [[A>>B]]. */
export const strengthSchema = z.enum(['slight', 'significant']);
/** Why a judgment has no verdict. */
export const UNPARSED_REASONS = ['no-marker', 'both-markers', 'truncated', 'no-completion'] as const;
export type UnparsedReason = (typeof UNPARSED_REASONS)[number];

export const verdictSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('A'), strength: strengthSchema.optional() }),
  z.strictObject({ kind: z.literal('B'), strength: strengthSchema.optional() }),
  z.strictObject({ kind: z.literal('tie') }),
  z.strictObject({
    kind: z.literal('unparsed'),
    reason: z.enum(UNPARSED_REASONS),
  }),
]);
/**
 * A is the response shown first, B the one shown second.
 * @example const verdict: Verdict = { kind: 'A' };
 */
export type Verdict = z.infer<typeof verdictSchema>;

export const orderSchema = z.enum(['winner-first', 'loser-first']);
/** Which response of a pair the judge sees as A. */
export type Order = z.infer<typeof orderSchema>;

/** The two orders, in the sequence in which they are sent. */
export const ORDERS: readonly Order[] = ['winner-first', 'loser-first'];

/** The label under which the known winner is shown. @throws RangeError for another order */
export function winnerLabel(order: Order): 'A' | 'B' {
  checkOneOf(order, 'order', ORDERS);
  return order === 'winner-first' ? 'A' : 'B';
}

/**
 * The score of a verdict against the known winner: 1 right, 0 wrong, 0.5 for a tie, and null where there is no verdict, so that it is
 * counted separately and never averaged.
 * @throws RangeError for another kind of verdict or another order
 * @example verdictScore({ kind: 'A' }, 'winner-first'); // 1
 */
export function verdictScore(verdict: Verdict, order: Order): number | null {
  checkOneOf(verdict.kind, 'verdictScore(verdict.kind)', ['A', 'B', 'tie', 'unparsed']);
  switch (verdict.kind) {
    case 'A':
    case 'B':
      return verdict.kind === winnerLabel(order) ? 1 : 0;
    case 'tie':
      return 0.5;
    case 'unparsed':
      return null;
  }
}

export const voteCountSchema = z.strictObject({
  A: z.int().min(0),
  B: z.int().min(0),
  tie: z.int().min(0),
  unparsed: z.int().min(0),
});
/** How N judgments of one prompt voted. */
export type VoteCount = z.infer<typeof voteCountSchema>;
