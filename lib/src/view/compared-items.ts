// The items of two judges, matched, as columns in memory: who is right where, filtered and counted without reading a text.
import { setImmediate } from 'node:timers/promises';
import type { JudgmentCatalogue } from './judgment-catalogue.js';
import {
  BETTER,
  SHOWN_ORDERS,
  STANDINGS,
  type CompareFilter,
  type ComparedItem,
  type ItemOutcome,
  type ItemVerdict,
  type Standing,
  type Who,
} from './compare-records.js';
import { OUTCOMES, type JudgedSubject, type JudgmentOutcome } from './view-records.js';

/** The evaluation of a judge: its rows in the catalogue of its run. */
export interface JudgedItems {
  catalogue: JudgmentCatalogue;
  /** The number of its source. */
  source: number;
}

const SCORES: Readonly<Record<JudgmentOutcome, number>> = { right: 1, tie: 0.5, wrong: 0, unscored: NaN };
const SCORE_OF = Float64Array.from(OUTCOMES, (outcome) => SCORES[outcome]);

/** Rows of an item: of a in both orders, then of b. */
const N_ORDERS = SHOWN_ORDERS.length;
const ROWS = 2 * N_ORDERS;
const NO_ROW = -1;

/** Rows, or items, that are worked on before others have a turn. */
const A_TURN = 1 << 14;

/** The items that at least one of two judges was shown. */
export class ComparedItems {
  readonly #sides: readonly [JudgedItems, JudgedItems];
  readonly #subjects: JudgedSubject[] = [];
  /** Of items, by slice and id. */
  readonly #numbers = new Map<string, Map<string, number>>();
  readonly #errorKinds = new Set<string>();
  /** How many items each judge was shown. */
  readonly nShown: [number, number] = [0, 0];
  /** Judgments of both judges. */
  nJudgments = 0;
  readonly #rows: number[] = [];
  #standings = new Uint8Array(0);
  /** 0 where an item is not compared. */
  #differences = new Float64Array(0);

  private constructor(sides: readonly [JudgedItems, JudgedItems]) {
    this.#sides = sides;
  }

  /**
   * Matches items as `autodidact compare` does, by slice and id, and lets others have a turn.
   * @param otherTexts ids of items that are not the same in both runs
   */
  static async matched(
    sides: readonly [JudgedItems, JudgedItems],
    otherTexts: ReadonlySet<string>,
  ): Promise<ComparedItems> {
    const items = new ComparedItems(sides);
    for (const side of [0, 1] as const) await items.#addRows(side);
    items.#standings = new Uint8Array(items.size);
    items.#differences = new Float64Array(items.size);
    for (let item = 0; item < items.size; item++) {
      if (item % A_TURN === 0) await setImmediate();
      items.#pair(item, otherTexts);
    }
    return items;
  }

  get size(): number {
    return this.#subjects.length;
  }

  /** The kinds of error that occur, in the order of the alphabet. */
  get errorKinds(): string[] {
    return [...this.#errorKinds].sort();
  }

  /** The slices, in the order of the alphabet. */
  get slices(): string[] {
    return [...this.#numbers.keys()].sort();
  }

  async #addRows(side: 0 | 1): Promise<void> {
    const { catalogue, source } = this.#sides[side];
    const { columns, subjects } = catalogue;
    for (let row = 0; row < catalogue.size; row++) {
      if (row % A_TURN === 0) await setImmediate();
      const subject = subjects[columns.subject[row] ?? -1];
      if (columns.source[row] !== source || !subject) continue;
      const ofSlice = this.#numbers.get(subject.slice) ?? new Map<string, number>();
      this.#numbers.set(subject.slice, ofSlice);
      let item = ofSlice.get(subject.id);
      if (item === undefined) {
        item = this.#subjects.push(subject) - 1;
        ofSlice.set(subject.id, item);
        this.#errorKinds.add(subject.errorKind);
        for (let i = 0; i < ROWS; i++) this.#rows.push(NO_ROW);
      }
      if (!this.#wasShown(item, side)) this.nShown[side]++;
      const order = columns.isLoserFirst[row] ?? 0;
      if (this.#rowAt(item, side, order) === NO_ROW) this.nJudgments++;
      this.#rows[item * ROWS + side * N_ORDERS + order] = row;
    }
  }

  #rowAt(item: number, side: 0 | 1, order: number): number {
    return this.#rows[item * ROWS + side * N_ORDERS + order] ?? NO_ROW;
  }

  #wasShown(item: number, side: 0 | 1): boolean {
    return this.#rowAt(item, side, 0) !== NO_ROW || this.#rowAt(item, side, 1) !== NO_ROW;
  }

  /** Sets where an item stands: as `autodidact compare` pairs it, over the orders that both judges were scored in. */
  #pair(item: number, otherTexts: ReadonlySet<string>): void {
    const [a, b] = this.#sides.map(({ catalogue }) => catalogue.columns.outcome) as [
      readonly number[],
      readonly number[],
    ];
    let [sumA, sumB, sum, nOrders] = [0, 0, 0, 0];
    let haveCommonOrder = false;
    for (let order = 0; order < N_ORDERS; order++) {
      const [rowA, rowB] = [this.#rowAt(item, 0, order), this.#rowAt(item, 1, order)];
      if (rowA === NO_ROW || rowB === NO_ROW) continue;
      haveCommonOrder = true;
      const [scoreA = NaN, scoreB = NaN] = [SCORE_OF[a[rowA] ?? -1], SCORE_OF[b[rowB] ?? -1]];
      if (Number.isNaN(scoreA + scoreB)) continue;
      sumA += scoreA;
      sumB += scoreB;
      sum += scoreB - scoreA;
      nOrders++;
    }
    const isOther = otherTexts.has(this.#subjects[item]?.id ?? '');
    const isScored = nOrders > 0 && !isOther;
    const standing: Standing = isOther
      ? 'other texts'
      : isScored
        ? `${outcomeOf(sumA / nOrders)}/${outcomeOf(sumB / nOrders)}`
        : !this.#wasShown(item, 1)
          ? 'only a'
          : !this.#wasShown(item, 0)
            ? 'only b'
            : haveCommonOrder
              ? 'no verdict'
              : 'no common order';
    this.#standings[item] = STANDINGS.indexOf(standing);
    this.#differences[item] = isScored ? sum / nOrders : 0;
  }

  /** The numbers of the items that pass, and how many of each standing there are, whoever is right. Their texts are not searched. */
  filtered({ slice, errorKind, who }: Omit<CompareFilter, 'text'>): {
    items: number[];
    counts: Record<Who, number>;
  } {
    const counts = Object.fromEntries([...BETTER, ...STANDINGS].map((word) => [word, 0])) as Record<
      Who,
      number
    >;
    const items: number[] = [];
    this.#subjects.forEach((subject, item) => {
      if (slice !== undefined && subject.slice !== slice) return;
      if (errorKind !== undefined && subject.errorKind !== errorKind) return;
      const difference = this.#differences[item] ?? 0;
      const standing = this.#standingAt(item);
      const better = difference === 0 ? null : difference > 0 ? 'b better' : 'a better';
      counts[standing]++;
      if (better) {
        counts.differ++;
        counts[better]++;
      }
      if (who === undefined || who === standing || who === better || (who === 'differ' && better))
        items.push(item);
    });
    return { items, counts };
  }

  #standingAt(item: number): Standing {
    const standing = STANDINGS[this.#standings[item] ?? -1];
    if (standing === undefined)
      throw new RangeError(`item: expected 0 to ${this.size - 1}, received ${item}`);
    return standing;
  }

  /** @throws RangeError for an item that is not there */
  at(item: number): ComparedItem {
    const standing = this.#standingAt(item);
    const subject = this.#subjects[item] as JudgedSubject;
    const isCompared = standing.includes('/');
    return {
      item,
      subject,
      standing,
      difference: isCompared ? (this.#differences[item] ?? null) : null,
      a: this.#verdicts(item, 0),
      b: this.#verdicts(item, 1),
    };
  }

  #verdicts(item: number, side: 0 | 1): ItemVerdict[] {
    return SHOWN_ORDERS.map((_, order) => this.#rowAt(item, side, order))
      .filter((row) => row !== NO_ROW)
      .map((at) => {
        const { row, order, verdict, outcome } = this.#sides[side].catalogue.at(at);
        return { row, order, verdict, outcome };
      });
  }
}

/** @param score 0 to 1, over the orders that both were scored in */
function outcomeOf(score: number): ItemOutcome {
  return score === 1 ? 'right' : score === 0 ? 'wrong' : 'partly';
}
