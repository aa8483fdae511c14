// Rejection sampling: keep one right judgment a pair, and as many A as B verdicts (paper, section 3.2).
import { deriveRandom } from '../core/random.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import { verdictScore } from '../schema/verdict.js';

/** What is kept. */
export interface FilterOptions {
  /** true: only judgments whose verdict is the known winner; false: any judgment with a verdict, as a control. */
  correctOnly: boolean;
  /** true: as many kept judgments that say A as that say B. */
  balanceLabels: boolean;
  seed: number;
}

/** A judgment that was kept, with its verdict made plain. */
export interface KeptJudgment {
  judgment: Judgment;
  verdict: 'A' | 'B';
}

/** Keeps at most one judgment of every pair, drawn at random, in input order. */
export async function* filterJudgments(
  judgedPairs: AsyncIterable<JudgedPair> | Iterable<JudgedPair>,
  options: FilterOptions,
): AsyncGenerator<Outcome<KeptJudgment>> {
  const outcomes: Outcome<KeptJudgment>[] = [];
  for await (const judgedPair of judgedPairs) outcomes.push(keepOne(judgedPair, options));
  const surplus = options.balanceLabels ? surplusOf(outcomes, options.seed) : new Set<string>();
  for (const outcome of outcomes) {
    if (outcome.kind === 'kept' && surplus.has(outcome.record.judgment.pairId)) {
      yield dropped(outcome.record.judgment.pairId, 'label-balance', outcome.record.verdict);
    } else yield outcome;
  }
}

function keepOne(
  { pairId, judgments }: JudgedPair,
  { correctOnly, seed }: FilterOptions,
): Outcome<KeptJudgment> {
  const withVerdict = judgments.flatMap((judgment): KeptJudgment[] => {
    const { kind } = judgment.verdict;
    return kind === 'A' || kind === 'B' ? [{ judgment, verdict: kind }] : [];
  });
  if (withVerdict.length === 0) return dropped(pairId, 'no-verdict');
  const candidates = correctOnly
    ? withVerdict.filter(({ judgment }) => verdictScore(judgment.verdict, judgment.order) === 1)
    : withVerdict;
  if (candidates.length === 0) return dropped(pairId, 'no-correct-judgment');
  return kept(deriveRandom(seed, 'keep-one', pairId).pick(candidates));
}

/** The pairs to let go so that both verdicts are equally frequent; which ones is random. */
function surplusOf(outcomes: readonly Outcome<KeptJudgment>[], seed: number): Set<string> {
  const pairIds: Record<'A' | 'B', string[]> = { A: [], B: [] };
  for (const outcome of outcomes) {
    if (outcome.kind === 'kept') pairIds[outcome.record.verdict].push(outcome.record.judgment.pairId);
  }
  const size = Math.min(pairIds.A.length, pairIds.B.length);
  const random = deriveRandom(seed, 'label-balance');
  return new Set([...random.shuffled(pairIds.A).slice(size), ...random.shuffled(pairIds.B).slice(size)]);
}
