// What the view's server sends to its pages. The pages import this file, so nothing of Node stands behind it.
import type { Estimate } from '../schema/estimate.js';
import type { Order } from '../schema/verdict.js';

/** A run as the list shows it. */
export interface ListedRun {
  /** Its folder below the results, `<experiment>/<run>`. */
  run: string;
  experiment: string;
  state: string;
  /** ISO 8601. */
  updatedAt: string;
  nIterations: number;
  /** Accuracy of each judge so far, the seed's first. */
  accuracies: Estimate[];
  /** The stage at work; null where none is. */
  stage: { name: string; iteration: number; done: number; total: number | null } | null;
  costUsd: number | null;
  lastError: string | null;
}

/** What a judgment is of: the pairs that a judge is measured on, or those that it trains on. */
export const JUDGMENT_KINDS = ['held-out', 'training'] as const;
/** See {@link JUDGMENT_KINDS}. */
export type JudgmentKind = (typeof JUDGMENT_KINDS)[number];

/** Of a verdict against the known winner. */
export const OUTCOMES = ['right', 'wrong', 'tie', 'unscored'] as const;
/** See {@link OUTCOMES}. */
export type JudgmentOutcome = (typeof OUTCOMES)[number];

/** What became of a verdict on the same pair in the same order; `new` where there is none before it. */
export const CHANGES = ['new', 'same', 'became right', 'became wrong', 'other'] as const;
/** See {@link CHANGES}. */
export type VerdictChange = (typeof CHANGES)[number];

/** A file of judgments. */
export interface JudgmentSource {
  kind: JudgmentKind;
  iteration: number;
  /** Of several benchmarks. */
  benchmark?: string;
  path: string;
}

/** A pair that is judged. */
export interface JudgedSubject {
  id: string;
  slice: string;
  errorKind: string;
}

/** One judgment without its texts. */
export interface CataloguedJudgment {
  /** Its number in the catalogue. */
  row: number;
  source: JudgmentSource;
  subject: JudgedSubject;
  order: Order;
  /** null: the greedy judgment, whose verdict counts. */
  sampleIndex: number | null;
  /** A, B, tie, or why there is none. */
  verdict: string;
  outcome: JudgmentOutcome;
  sinceSeed: VerdictChange;
  sinceBefore: VerdictChange;
  /** Share of the votes for the known winner, 0 to 1; null where no votes were taken. */
  winnerVotes: number | null;
  /** Where its record stands in the file of its source, in bytes: a line of held-out records, or the judgment itself. */
  place: { start: number; length: number };
}

/** What a page of judgments shows. */
export interface JudgmentPage {
  judgments: CataloguedJudgment[];
  /** How many pass; where a text is searched for, those found so far. */
  total: number;
  /** Whether all texts were searched; a page that is full ends the search. */
  isWhole: boolean;
}

/** How many judgments each value of a column has among some rows. */
export interface Facets {
  iteration: Record<string, number>;
  kind: Record<string, number>;
  slice: Record<string, number>;
  errorKind: Record<string, number>;
  verdict: Record<string, number>;
  outcome: Record<string, number>;
}

/** Judgments that pass a filter, some of them, and how many of each kind there are. */
export interface FilteredJudgments extends JudgmentPage {
  facets: Facets;
  /** Judgments of the run. */
  nAll: number;
}

/** A judgment with its texts. */
export interface WholeJudgment extends CataloguedJudgment {
  texts: JudgmentTexts;
  /** null where it cannot be estimated. */
  usage: JudgmentUsage | null;
}

/** What a judgment took, estimated by characters from what its whole stage took. */
export interface JudgmentUsage {
  /** Of the prompt that was sent. */
  promptTokens: number;
  completionTokens: number;
  /** Judgments that one prompt was sent for. */
  sharedBy: number;
  /** US dollars by the prices of the experiment, with its share of the prompt; null where the model has none. */
  costUsd: number | null;
  /** Completions of the stage whose tokens the server counted, and judgments of it whose characters were. */
  nStage: number;
  nCounted: number;
}

/** What a judge was shown and said, as text. All of it is of models: hostile. */
export interface JudgmentTexts {
  /** null: the pair is not at hand any more. */
  instruction: string | null;
  /** A and B as they were shown, and which of them is the known winner. */
  responses: { A: string; B: string; winner: 'A' | 'B' } | null;
  /** The thinking before the answer, where there is some. */
  thinking: string | null;
  judgment: string;
  /** The messages as they were sent; null where the pair or the prompts are not at hand. */
  prompt: { role: string; content: string }[] | null;
  /** Why something is not at hand. */
  problem: string | null;
}

/** A question to a reviewer. Nothing of it tells the known winner. */
export interface AskedItem {
  itemId: string;
  instruction: string;
  /** A and B, in the order in which they are shown. */
  responses: readonly [string, string] | null;
  reasoning: string | null;
  /** What this reviewer has answered; null: nothing yet. */
  answer: string | null;
  note: string | null;
}

/** What a reviewer is asked, in its order. */
export interface ReviewQueue {
  question: string;
  /** What can be answered, besides `skip`. */
  words: string[];
  items: AskedItem[];
}
