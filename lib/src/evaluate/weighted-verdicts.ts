// Accuracy with the weights of Arena-Hard, for judges whose verdicts say how much better a response is.
import type { WeightedAccuracy } from '../schema/scoring.js';
import type { ReadJudgment } from './recorded/index.js';
import { ShareCounter } from './share-counter.js';
import { labelOf } from './verdict-table.js';

/**
 * A verdict of significantly better, [[A>>B]], counts as so many. The default of `weight` in lmarena/arena-hard-auto, show_result.py, for
 * both v0.1 (commit 0489bf3) and v2.0 (196f6b8).
 */
export const SIGNIFICANT_WEIGHT = 3;

/** Counts the verdicts of each judge by their weight. */
export class WeightedVerdicts {
  readonly #byJudge = new Map<string, { counter: ShareCounter; nSignificant: number; nSlight: number }>();

  add({ judge, subset, item: { itemId, gold, cluster }, shown, verdict }: ReadJudgment): void {
    const counted = this.#byJudge.get(judge) ?? { counter: new ShareCounter(), nSignificant: 0, nSlight: 0 };
    this.#byJudge.set(judge, counted);
    if (gold === null) return;
    const { kind } = verdict;
    const strength = kind === 'A' || kind === 'B' ? verdict.strength : undefined;
    if (strength === 'significant') counted.nSignificant++;
    if (strength === 'slight') counted.nSlight++;
    const size = kind === 'unparsed' ? 0 : strength === 'significant' ? SIGNIFICANT_WEIGHT : 1;
    const score = kind === labelOf(gold, shown) ? 1 : kind === 'tie' ? 0.5 : 0;
    counted.counter.add(
      { sum: size * score, size },
      { cluster: cluster ?? JSON.stringify([subset, itemId]), unscored: Number(kind === 'unparsed') },
    );
  }

  /** The judges with verdicts that say how much better. */
  judges(): WeightedAccuracy[] {
    return [...this.#byJudge]
      .filter(([, { nSignificant, nSlight }]) => nSignificant + nSlight > 0)
      .map(([judge, { counter, nSignificant }]) => ({ judge, nSignificant, accuracy: counter.estimate() }));
  }
}
