// Votes: several verdicts about one pair in one order, and their majority.
import { checkList, checkNumber, COUNT, refuse } from '../core/statistics/checks.js';
import type { Verdict, VoteCount } from '../schema/verdict.js';

/** Counts of verdicts. @throws RangeError for a value that is not a verdict */
export function countVotes(verdicts: readonly Verdict[]): VoteCount {
  const votes: VoteCount = { A: 0, B: 0, tie: 0, unparsed: 0 };
  checkList(verdicts, 'countVotes');
  verdicts.forEach(({ kind }, i) => {
    if (!Object.hasOwn(votes, kind))
      refuse('countVotes', `A, B, tie or unparsed as kind at index ${i}`, kind);
    votes[kind]++;
  });
  return votes;
}

/** The verdict with most votes; equally many for A and B is a tie; votes without a verdict do not count. @throws RangeError for other counts than whole ones */
export function majority(votes: VoteCount): Verdict {
  nVotes(votes);
  if (votes.A + votes.B + votes.tie === 0) return { kind: 'unparsed', reason: 'no-marker' };
  if (votes.A > votes.B && votes.A > votes.tie) return { kind: 'A' };
  if (votes.B > votes.A && votes.B > votes.tie) return { kind: 'B' };
  return { kind: 'tie' };
}

/** How many judgments there were, with and without a verdict. @throws RangeError as {@link majority} */
export function nVotes({ A, B, tie, unparsed }: VoteCount): number {
  checkNumber(A, 'votes(A)', COUNT);
  checkNumber(B, 'votes(B)', COUNT);
  checkNumber(tie, 'votes(tie)', COUNT);
  checkNumber(unparsed, 'votes(unparsed)', COUNT);
  return A + B + tie + unparsed;
}
