// The items of two judges, matched, as columns in memory: who is right where, filtered and counted without reading a text.
import { pairingsOf, type JudgeTables, type Pairing } from '../evaluate/index.js';
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
import type { JudgedSubject } from './view-records.js';

/** The evaluation of a judge: its rows in the catalogue of its run, and its verdicts by slice. */
export interface JudgedItems {
  catalogue: JudgmentCatalogue;
  /** The number of its source. */
  source: number;
  tables: JudgeTables;
}

const UNSCORED_STANDINGS = {
  oneJudgeOnly: 'only a',
  noGold: 'no gold label',
  noCommonOrder: 'no common order',
  noVerdict: 'no verdict',
} as const satisfies Record<string, Standing>;

/** Rows of an item: of a in both orders, then of b. */
const ROWS = 2 * SHOWN_ORDERS.length;
const NO_ROW = -1;

/** The items that at least one of two judges was shown. */
export class ComparedItems {
  readonly #a: JudgmentCatalogue;
  readonly #b: JudgmentCatalogue;
  readonly #subjects: JudgedSubject[] = [];
  readonly #rows: number[] = [];
  readonly #standings: Uint8Array;
  /** 0 where an item is not compared. */
  readonly #differences: Float64Array;

  /** @param otherTexts ids of items that are not the same in both runs; the tables are without them */
  constructor(a: JudgedItems, b: JudgedItems, otherTexts: ReadonlySet<string>) {
    this.#a = a.catalogue;
    this.#b = b.catalogue;
    const numbers = new Map<string, number>();
    this.#addRows(a, 0, numbers);
    const nOfA = this.#subjects.length;
    this.#addRows(b, SHOWN_ORDERS.length, numbers);
    const isOther = this.#subjects.map(({ id }) => otherTexts.has(id));
    this.#standings = Uint8Array.from(isOther, (other, item) =>
      STANDINGS.indexOf(other ? 'other texts' : item < nOfA ? 'only a' : 'only b'),
    );
    this.#differences = new Float64Array(this.#subjects.length);
    for (const [slice, baseline] of a.tables.bySubset)
      for (const { itemId, pairing } of pairingsOf({ baseline, judge: b.tables.bySubset.get(slice) })) {
        const item = numbers.get(keyOf(slice, itemId));
        if (item === undefined) continue;
        this.#standings[item] = STANDINGS.indexOf(standingOf(pairing));
        this.#differences[item] = pairing.kind === 'scored' ? pairing.difference : 0;
      }
  }

  get size(): number {
    return this.#subjects.length;
  }

  /** The kinds of error that occur, in the order of the alphabet. */
  get errorKinds(): string[] {
    return [...new Set(this.#subjects.map(({ errorKind }) => errorKind))].sort();
  }

  #addRows({ catalogue, source }: JudgedItems, first: number, numbers: Map<string, number>): void {
    const { columns, subjects } = catalogue;
    columns.source.forEach((of, row) => {
      const subject = subjects[columns.subject[row] ?? -1];
      if (of !== source || !subject) return;
      const key = keyOf(subject.slice, subject.id);
      let item = numbers.get(key);
      if (item === undefined) {
        item = this.#subjects.push(subject) - 1;
        numbers.set(key, item);
        for (let i = 0; i < ROWS; i++) this.#rows.push(NO_ROW);
      }
      this.#rows[item * ROWS + first + (columns.isLoserFirst[row] ?? 0)] = row;
    });
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
      a: this.#verdicts(this.#a, item * ROWS),
      b: this.#verdicts(this.#b, item * ROWS + SHOWN_ORDERS.length),
    };
  }

  #verdicts(catalogue: JudgmentCatalogue, first: number): ItemVerdict[] {
    return this.#rows
      .slice(first, first + SHOWN_ORDERS.length)
      .filter((row) => row !== NO_ROW)
      .map((at) => {
        const { row, order, verdict, outcome } = catalogue.at(at);
        return { row, order, verdict, outcome };
      });
  }
}

/** Items are matched as `autodidact compare` does: by slice and id. */
function keyOf(slice: string, id: string): string {
  return `${slice}\n${id}`;
}

function standingOf(pairing: Pairing): Standing {
  if (pairing.kind === 'unscored') return UNSCORED_STANDINGS[pairing.reason];
  return `${outcomeOf(pairing.baseline)}/${outcomeOf(pairing.judge)}`;
}

/** @param score 0 to 1, over the orders that both were scored in */
function outcomeOf(score: number): ItemOutcome {
  return score === 1 ? 'right' : score === 0 ? 'wrong' : 'partly';
}
