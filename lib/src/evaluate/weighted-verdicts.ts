// Accuracy with the weights of Arena-Hard, for judges whose verdicts say how much better a response is.
import type { Estimate } from '../schema/estimate.js';
import type { WeightedAccuracy } from '../schema/scoring.js';
import type { ReadJudgment } from './recorded/index.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import { labelOf } from './verdict-table.js';

/**
 * A verdict of significantly better, [[A>>B]], counts as so many. The default of `weight` in lmarena/arena-hard-auto, show_result.py, for
 * both v0.1 (commit 0489bf3) and v2.0 (196f6b8).
 */
export const SIGNIFICANT_WEIGHT = 3;

/** A mean of scores with these weights. Its n are the scores, whatever they weigh. */
export class WeightedShare {
  readonly #counter = new ShareCounter();
  #nScored = 0;
  #weight = 0;

  /** Takes a score, 0 to 1; null has none, for a reason. */
  add(
    score: number | null,
    { isSignificant, cluster, reason }: { isSignificant: boolean; cluster: string; reason: string },
  ): void {
    const size = score === null ? 0 : isSignificant ? SIGNIFICANT_WEIGHT : 1;
    this.#counter.add(
      { sum: (score ?? 0) * size, size },
      { cluster, ...(score === null && { unscored: { [reason]: 1 } }) },
    );
    this.#nScored += Number(score !== null);
    this.#weight += size;
  }

  estimate(): Estimate {
    return this.#counter.estimate(this.#weight === 0 ? 1 : this.#nScored / this.#weight);
  }
}

interface Counted {
  counter: WeightedShare;
  nSignificant: number;
  nSlight: number;
}

/** Counts the verdicts of each judge by their weight. */
export class WeightedVerdicts {
  readonly #byJudge = new Map<string, Counted>();

  add({ judge, subset, item: { itemId, gold, cluster }, shown, verdict }: ReadJudgment): void {
    const counted = this.#byJudge.get(judge) ?? { counter: new WeightedShare(), nSignificant: 0, nSlight: 0 };
    this.#byJudge.set(judge, counted);
    if (gold === null) return;
    const { kind } = verdict;
    const strength = kind === 'A' || kind === 'B' ? verdict.strength : undefined;
    if (strength === 'significant') counted.nSignificant++;
    if (strength === 'slight') counted.nSlight++;
    const score = kind === labelOf(gold, shown) ? 1 : kind === 'tie' ? 0.5 : 0;
    counted.counter.add(kind === 'unparsed' ? null : score, {
      isSignificant: strength === 'significant',
      cluster: cluster ?? JSON.stringify([subset, itemId]),
      reason: verdict.kind === 'unparsed' ? verdict.reason : '',
    });
  }

  /** The judges with verdicts that say how much better. */
  judges(): WeightedAccuracy[] {
    return [...this.#byJudge]
      .filter(([, { nSignificant, nSlight }]) => nSignificant + nSlight > 0)
      .map(([judge, { counter, nSignificant }]) => ({ judge, nSignificant, accuracy: counter.estimate() }));
  }
}
