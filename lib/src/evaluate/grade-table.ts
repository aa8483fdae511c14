// Grades by judge, model and turn, and their means.
import { deriveRandom } from '../core/random.js';
import { bootstrapRatio } from '../core/statistics/bootstrap.js';
import { TypeCounts } from '../core/statistics/type-counts.js';
import type { GradeSet } from '../schema/scoring.js';
import type { ReadGrade } from './recorded/recorded-format.js';

interface Grades extends Omit<GradeSet, 'meanGrade'> {
  /** Grades of one question are one cluster; samples of it share it. */
  byItem: Map<string, { sum: number; size: number }>;
  unscored: number;
}

/** Collects grades. */
export class GradeTable {
  readonly #sets = new Map<string, Grades>();

  add({ judge, model, turn, itemId, rule, grade }: ReadGrade): void {
    const key = JSON.stringify([judge, model, turn]);
    const set: Grades = this.#sets.get(key) ?? {
      judge,
      model,
      turn,
      rule,
      byItem: new Map(),
      unscored: 0,
    };
    this.#sets.set(key, set);
    if (grade === null) {
      set.unscored++;
      return;
    }
    const item = set.byItem.get(itemId) ?? { sum: 0, size: 0 };
    set.byItem.set(itemId, { sum: item.sum + grade, size: item.size + 1 });
  }

  /** Mean grades with percentile bootstrap intervals over questions, by judge, model and turn. */
  sets(): GradeSet[] {
    const byKey = [...this.#sets].sort(([a], [b]) => (a < b ? -1 : 1));
    return byKey.map(([key, { byItem, unscored, ...set }]) => {
      const types = new TypeCounts();
      let n = 0;
      for (const { sum, size } of byItem.values()) {
        types.add(sum, size);
        n += size;
      }
      const interval = bootstrapRatio(types, { random: deriveRandom('grades', key) });
      const method = 'mean; percentile bootstrap 95% over questions, 2,000 resamples';
      const meanGrade = { value: types.ratio(), n, unscored, ...interval, method };
      return {
        ...set,
        meanGrade: { ...meanGrade, ...(unscored > 0 && { unscoredReasons: { 'no-grade': unscored } }) },
      };
    });
  }
}
