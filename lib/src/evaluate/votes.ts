// Votes: several verdicts about one pair in one order, and their majority.
import type { Verdict, VoteCount } from '../schema/verdict.js';

/** Counts of verdicts. */
export function countVotes(verdicts: readonly Verdict[]): VoteCount {
  const votes: VoteCount = { A: 0, B: 0, tie: 0, unparsed: 0 };
  for (const verdict of verdicts) votes[verdict.kind]++;
  return votes;
}

/** The verdict with most votes; equally many for A and B is a tie; votes without a verdict do not count. */
export function majority(votes: VoteCount): Verdict {
  if (votes.A + votes.B + votes.tie === 0) return { kind: 'unparsed', reason: 'no-marker' };
  if (votes.A > votes.B && votes.A > votes.tie) return { kind: 'A' };
  if (votes.B > votes.A && votes.B > votes.tie) return { kind: 'B' };
  return { kind: 'tie' };
}

/** How many judgments there were, with and without a verdict. */
export function nVotes({ A, B, tie, unparsed }: VoteCount): number {
  return A + B + tie + unparsed;
}
