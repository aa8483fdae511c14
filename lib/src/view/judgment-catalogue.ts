// All judgments of a run, held-out and for training, as columns in memory: what can be filtered and sorted by without reading a text.
import { verdictOutcome } from '../evaluate/index.js';
import type { EvaluatedItem } from '../schema/evaluation.js';
import { verdictWordOf } from '../schema/judgment-index.js';
import { verdictScore, type Order, type Verdict } from '../schema/verdict.js';
import {
  CHANGES,
  OUTCOMES,
  PAIR_OUTCOMES,
  type CataloguedJudgment,
  type JudgedSubject,
  type JudgmentSource,
  type PairOutcome,
  type VerdictChange,
} from './view-records.js';

/** The columns; each has an entry for every judgment. */
interface Columns {
  source: number[];
  subject: number[];
  isLoserFirst: number[];
  sample: number[];
  verdict: number[];
  outcome: number[];
  bothOrders: number[];
  sinceSeed: number[];
  sinceBefore: number[];
  winnerVotes: number[];
  start: number[];
  length: number[];
}

const GREEDY = -1;
const NO_VOTES = -1;

/** The judgments of a run. */
export class JudgmentCatalogue {
  readonly sources: JudgmentSource[] = [];
  readonly subjects: JudgedSubject[] = [];
  readonly #subjectNumbers = new Map<string, number>();
  readonly verdicts: string[] = [];
  readonly #columns: Columns = {
    source: [],
    subject: [],
    isLoserFirst: [],
    sample: [],
    verdict: [],
    outcome: [],
    bothOrders: [],
    sinceSeed: [],
    sinceBefore: [],
    winnerVotes: [],
    start: [],
    length: [],
  };

  get size(): number {
    return this.#columns.source.length;
  }

  get columns(): Readonly<Record<keyof Columns, readonly number[]>> {
    return this.#columns;
  }

  /** @returns the number of the source */
  addSource(source: JudgmentSource): number {
    return this.sources.push(source) - 1;
  }

  /** @returns the number of the subject */
  subjectOf(subject: JudgedSubject): number {
    const key = `${subject.slice}\n${subject.errorKind}\n${subject.id}`;
    const known = this.#subjectNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.subjects.push(subject) - 1;
    this.#subjectNumbers.set(key, number);
    return number;
  }

  add(judgment: {
    source: number;
    subject: number;
    order: Order;
    sampleIndex: number | null;
    verdict: Verdict;
    isGoldTie?: boolean;
    bothOrders: PairOutcome;
    sinceSeed: VerdictChange;
    sinceBefore: VerdictChange;
    winnerVotes: number | null;
    place: { start: number; length: number };
  }): void {
    const { order, sampleIndex, verdict, winnerVotes, place } = judgment;
    const columns = this.#columns;
    columns.source.push(judgment.source);
    columns.subject.push(judgment.subject);
    columns.isLoserFirst.push(Number(order === 'loser-first'));
    columns.sample.push(sampleIndex ?? GREEDY);
    columns.verdict.push(numberIn(this.verdicts, verdictWordOf(verdict)));
    columns.outcome.push(OUTCOMES.indexOf(verdictOutcome(verdict, order, judgment.isGoldTie)));
    columns.bothOrders.push(PAIR_OUTCOMES.indexOf(judgment.bothOrders));
    columns.sinceSeed.push(CHANGES.indexOf(judgment.sinceSeed));
    columns.sinceBefore.push(CHANGES.indexOf(judgment.sinceBefore));
    columns.winnerVotes.push(winnerVotes ?? NO_VOTES);
    columns.start.push(place.start);
    columns.length.push(place.length);
  }

  /** @throws RangeError for a row that is not there */
  at(row: number): CataloguedJudgment {
    const at = (column: keyof Columns): number => {
      const value = this.#columns[column][row];
      if (value === undefined) throw new RangeError(`row: expected 0 to ${this.size - 1}, received ${row}`);
      return value;
    };
    return {
      row,
      source: entry(this.sources, at('source')),
      subject: entry(this.subjects, at('subject')),
      order: at('isLoserFirst') === 1 ? 'loser-first' : 'winner-first',
      sampleIndex: at('sample') === GREEDY ? null : at('sample'),
      verdict: entry(this.verdicts, at('verdict')),
      outcome: entry(OUTCOMES, at('outcome')),
      bothOrders: entry(PAIR_OUTCOMES, at('bothOrders')),
      sinceSeed: entry(CHANGES, at('sinceSeed')),
      sinceBefore: entry(CHANGES, at('sinceBefore')),
      winnerVotes: at('winnerVotes') === NO_VOTES ? null : at('winnerVotes'),
      place: { start: at('start'), length: at('length') },
    };
  }
}

function numberIn(words: string[], word: string): number {
  const known = words.indexOf(word);
  return known >= 0 ? known : words.push(word) - 1;
}

function entry<Value>(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`expected 0 to ${values.length - 1}, received ${index}`);
  return value;
}

/** What the greedy verdicts of a pair say in its two orders together, with a tie as right where the pair is one. */
export function pairOutcomeOf({ orders, goldTie }: EvaluatedItem): PairOutcome {
  const scores = orders.map(({ verdict, order }) => verdictScore(verdict, order));
  const [first, second] = scores;
  if (first == null || second == null) return 'no two verdicts';
  if (first === second) return first === (goldTie ? 0.5 : 1) ? 'both right' : 'both wrong';
  if (scores.includes(0.5)) return 'a tie once';
  return orders[0]?.verdict.kind === 'A' ? 'first twice' : 'second twice';
}
