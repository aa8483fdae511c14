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

interface Weighed {
  sum: number;
  size: number;
  cluster: string | undefined;
}

interface Counted {
  nSignificant: number;
  hasStrength: boolean;
  unscored: number;
  items: Map<string, Weighed>;
}

/** Counts the verdicts of each judge by their weight. */
export class WeightedVerdicts {
  readonly #byJudge = new Map<string, Counted>();

  add({ judge, subset, item: { itemId, gold, cluster }, shown, verdict }: ReadJudgment): void {
    const counted = this.#byJudge.get(judge) ?? {
      nSignificant: 0,
      hasStrength: false,
      unscored: 0,
      items: new Map<string, Weighed>(),
    };
    this.#byJudge.set(judge, counted);
    if (gold === null) return;
    if (verdict.kind === 'unparsed') {
      counted.unscored++;
      return;
    }
    const strength = verdict.kind === 'tie' ? undefined : verdict.strength;
    const weight = strength === 'significant' ? SIGNIFICANT_WEIGHT : 1;
    counted.hasStrength ||= strength !== undefined;
    if (strength === 'significant') counted.nSignificant++;
    const score = verdict.kind === labelOf(gold, shown) ? 1 : verdict.kind === 'tie' ? 0.5 : 0;
    const key = JSON.stringify([subset, itemId]);
    const { sum, size } = counted.items.get(key) ?? { sum: 0, size: 0 };
    counted.items.set(key, { sum: sum + weight * score, size: size + weight, cluster });
  }

  /** The judges with verdicts that say how much better. */
  judges(): WeightedAccuracy[] {
    return [...this.#byJudge]
      .filter(([, { hasStrength }]) => hasStrength)
      .map(([judge, { nSignificant, unscored, items }]) => {
        const counter = new ShareCounter();
        for (const item of items.values()) counter.add(item, item);
        counter.addUnscored(unscored);
        return { judge, nSignificant, accuracy: counter.estimate() };
      });
  }
}
