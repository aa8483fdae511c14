// Classification against gold labels: counts per class, accuracy, and macro-averaged precision, recall and F1.
import { checkLabels, checkNumber, COUNT } from './checks.js';

/** Counts and scores of one class. Scores are 0 to 1, and 0 where their denominator is 0 (scikit-learn's `zero_division=0`). */
export interface ClassScores<Label> {
  label: Label;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  /** Items whose gold label this is. */
  support: number;
  precision: number;
  recall: number;
  f1: number;
}

/** Means over classes, each class alike. */
export interface MacroScores {
  precision: number;
  recall: number;
  /** Mean of the classes' F1, not the F1 of the means. */
  f1: number;
}

/**
 * Counts items by gold and predicted label. The classes are all labels that occur as either, as in scikit-learn's
 * `precision_recall_fscore_support`.
 */
export class ConfusionMatrix<Label extends string | number | boolean> {
  readonly #rows = new Map<Label, Map<Label, number>>();
  #n = 0;
  #nRight = 0;
  readonly #known: readonly Label[];

  /** @param labels classes that count even without items, as in a resample */
  constructor(labels: readonly Label[] = []) {
    checkLabels(labels, 'ConfusionMatrix(labels)');
    this.#known = labels;
  }

  /**
   * @param times how many such items, whole, from 0
   * @throws RangeError for another number of times, and for a label that is missing
   */
  add(gold: Label, predicted: Label, times = 1): void {
    checkLabels([gold, predicted], 'ConfusionMatrix(gold, predicted)');
    checkNumber(times, 'ConfusionMatrix(times)', COUNT);
    if (times === 0) return;
    const row = this.#rows.get(gold) ?? new Map<Label, number>();
    this.#rows.set(gold, row);
    row.set(predicted, (row.get(predicted) ?? 0) + times);
    this.#n += times;
    if (gold === predicted) this.#nRight += times;
  }

  /** Items counted. */
  get n(): number {
    return this.#n;
  }

  /** How many items with this gold label were given this prediction. */
  count(gold: Label, predicted: Label): number {
    return this.#rows.get(gold)?.get(predicted) ?? 0;
  }

  /** Classes in ascending order: numbers by value, anything else by code units. */
  labels(): Label[] {
    const labels = new Set([
      ...this.#known,
      ...[...this.#rows].flatMap(([gold, row]) => [gold, ...row.keys()]),
    ]);
    return [...labels].sort((a, b) => (a < b ? -1 : Number(a > b)));
  }

  /** Share of items whose prediction is the gold label; null for no items. */
  accuracy(): number | null {
    return this.#n === 0 ? null : this.#nRight / this.#n;
  }

  /** Every class, in the order of {@link labels}; none for no items. */
  perClass(): ClassScores<Label>[] {
    const labels = this.labels();
    return labels.map((label) => {
      const truePositives = this.count(label, label);
      const support = labels.reduce((total, predicted) => total + this.count(label, predicted), 0);
      const nPredicted = labels.reduce((total, gold) => total + this.count(gold, label), 0);
      return {
        label,
        truePositives,
        falsePositives: nPredicted - truePositives,
        falseNegatives: support - truePositives,
        support,
        precision: ratio(truePositives, nPredicted),
        recall: ratio(truePositives, support),
        f1: ratio(2 * truePositives, nPredicted + support),
      };
    });
  }

  /** Means over the classes; null for no items. */
  macro(): MacroScores | null {
    const classes = this.perClass();
    if (classes.length === 0) return null;
    const meanOf = (score: keyof MacroScores): number =>
      classes.reduce((total, scores) => total + scores[score], 0) / classes.length;
    return { precision: meanOf('precision'), recall: meanOf('recall'), f1: meanOf('f1') };
  }
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
