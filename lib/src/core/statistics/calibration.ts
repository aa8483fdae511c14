// Calibration of stated probabilities: Brier score, expected calibration error, and the bins of a reliability diagram.
import { checkList, checkNumber, checkNumbers, checkSameLength, SHARE, wholeFrom } from './checks.js';

/** One bin of a reliability diagram: probabilities above `low` and up to `high`; the first also holds 0. */
export interface CalibrationBin {
  low: number;
  high: number;
  /** Predictions in the bin, from 1. */
  n: number;
  meanProbability: number;
  /** Mean outcome. */
  shareRight: number;
}

/** Running sums of one bin. */
interface BinSums {
  n: number;
  probabilities: number;
  outcomes: number;
}

/** Adds predictions one by one, in constant memory. */
export class Calibration {
  readonly #bins: BinSums[];
  #n = 0;
  #squaredErrors = 0;

  /**
   * @param options.nBins bins of equal width from 0 to 1; 1 to 10,000, default 10
   * @throws RangeError for another number of bins
   */
  constructor({ nBins = 10 }: { nBins?: number } = {}) {
    checkNumber(nBins, 'Calibration(nBins)', wholeFrom(1, 10_000));
    this.#bins = Array.from({ length: nBins }, () => ({ n: 0, probabilities: 0, outcomes: 0 }));
  }

  /**
   * @param probability stated chance of being right, 0 to 1
   * @param outcome whether it was: true or 1 for right, false or 0 for wrong; values in between (a tie at 1/2) count in part
   * @throws RangeError for anything outside 0 to 1
   */
  add(probability: number, outcome: number | boolean): void {
    const right = typeof outcome === 'boolean' ? Number(outcome) : outcome;
    checkNumber(probability, 'Calibration(probability)', SHARE);
    checkNumber(right, 'Calibration(outcome)', SHARE);
    this.#n++;
    this.#squaredErrors += (probability - right) ** 2;
    const bin = this.#bins[this.#binOf(probability)];
    if (bin === undefined) return;
    bin.n++;
    bin.probabilities += probability;
    bin.outcomes += right;
  }

  /** Predictions taken. */
  get n(): number {
    return this.#n;
  }

  /** Mean squared error, 0 to 1, lower is better (G. W. Brier 1950, Monthly Weather Review 78:1-3, halved); null for none. */
  brierScore(): number | null {
    return this.#n === 0 ? null : this.#squaredErrors / this.#n;
  }

  /**
   * Mean distance of share right from mean probability over the bins, weighted by their n: 0 to 1 (M. P. Naeini, G. F. Cooper and M.
   * Hauskrecht 2015, AAAI 29; C. Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3). It depends on the number of bins, so
   * report that with it.
   * @returns null for no predictions
   */
  expectedCalibrationError(): number | null {
    if (this.#n === 0) return null;
    const gaps = this.#bins.map(({ probabilities, outcomes }) => Math.abs(outcomes - probabilities));
    return gaps.reduce((total, gap) => total + gap, 0) / this.#n;
  }

  /** The non-empty bins, from low to high. */
  bins(): CalibrationBin[] {
    return this.#bins
      .map(({ n, probabilities, outcomes }, i) => ({
        low: i / this.#bins.length,
        high: (i + 1) / this.#bins.length,
        n,
        meanProbability: probabilities / n,
        shareRight: outcomes / n,
      }))
      .filter(({ n }) => n > 0);
  }

  #binOf(probability: number): number {
    const nBins = this.#bins.length;
    const bin = Math.max(0, Math.ceil(probability * nBins) - 1);
    // The product can round past a whole number: 0.07 * 100 is above 7, yet 0.07 is the upper edge of the seventh bin.
    if (bin > 0 && probability <= bin / nBins) return bin - 1;
    return probability > (bin + 1) / nBins ? bin + 1 : bin;
  }
}

/**
 * Brier score of a list; see {@link Calibration.brierScore}.
 * @throws RangeError for lists of unequal length or values outside 0 to 1
 */
export function brierScore(
  probabilities: readonly number[],
  outcomes: readonly (number | boolean)[],
): number | null {
  return calibrationOf(probabilities, outcomes, {}).brierScore();
}

/**
 * Expected calibration error of a list, with the bins that it comes from; see
 * {@link Calibration.expectedCalibrationError}.
 * @returns `error` is null for no predictions
 * @throws RangeError for lists of unequal length, values outside 0 to 1, or no bins
 */
export function expectedCalibrationError(
  probabilities: readonly number[],
  outcomes: readonly (number | boolean)[],
  options: { nBins?: number } = {},
): { error: number | null; bins: CalibrationBin[] } {
  const calibration = calibrationOf(probabilities, outcomes, options);
  return { error: calibration.expectedCalibrationError(), bins: calibration.bins() };
}

function calibrationOf(
  probabilities: readonly number[],
  outcomes: readonly (number | boolean)[],
  options: { nBins?: number },
): Calibration {
  checkNumbers(probabilities, 'calibration(probabilities)', { expected: SHARE });
  checkList(outcomes, 'calibration(outcomes)');
  const rights = outcomes.map((outcome) => (typeof outcome === 'boolean' ? Number(outcome) : outcome));
  checkNumbers(rights, 'calibration(outcomes)', { expected: SHARE });
  checkSameLength(probabilities, rights, 'calibration');
  const calibration = new Calibration(options);
  probabilities.forEach((probability, i) => calibration.add(probability, rights[i] ?? NaN));
  return calibration;
}
