// What the view's server sends to its pages. The pages import this file, so nothing of Node stands behind it.
import { visibleText } from '../core/text.js';
import type { Level } from '../schema/assessment.js';
import type { Estimate } from '../schema/estimate.js';
import type {
  JudgmentKind,
  JudgmentOutcome,
  PairOutcome,
  VerdictChange,
} from '../schema/judgment-outcome.js';
import type { Order } from '../schema/verdict.js';

/** A run as the list shows it. */
export interface ListedRun {
  kind: 'run';
  /** Its folder below the results, `<experiment>/<run>`. */
  run: string;
  experiment: string;
  state: string;
  /** What it waits for, which cap ended it, or the failure that was seen last; null for a finished run, and where there is nothing. */
  why: string | null;
  /** ISO 8601. */
  updatedAt: string;
  nIterations: number;
  /** Accuracy of each judge so far, the seed's first. */
  accuracies: Estimate[];
  /** Of the last judge; null before there is one, and until it is assessed. */
  assessment: ListedAssessment | null;
  /** The stage at work; null where none is. */
  stage: ListedStage | null;
  /** What is left of the run: milliseconds, without stages that were not measured yet; null where it is not at work or nothing is known. */
  left: { ms: number; unmeasured: string[] } | null;
  /** Failed attempts of requests by cause, and how many were repeated, since the last start. */
  errors: Record<string, number>;
  retries: number;
  /** Of all starts, so far; null where a model has no price. */
  costUsd: number | null;
}

/** Whether a judge can be trusted, or why that could not be said. */
export type ListedAssessment =
  { level: Level; answer: string; /** What was found first. */ found: string | null } | { problem: string };

/** A stage at work. */
export interface ListedStage {
  name: string;
  iteration: number;
  done: number;
  /** null: not known in advance. */
  total: number | null;
  /** Inputs, over the last seconds; null at the start. */
  perSecond: number | null;
  leftMs: number | null;
  /** What the trainer says. */
  detail: string | null;
}

/** A matrix of runs as the list shows it. */
export interface ListedMatrix {
  kind: 'matrix';
  /** Its folder below the results, `<experiment>/matrix-<hash>`. */
  matrix: string;
  experiment: string;
  /** `running` where one of its runs is, `failed` where one has and none is; else `waiting`, until all are `finished`. */
  state: string;
  /** What its runs wait for or failed with. */
  problems: string[];
  /** ISO 8601. */
  updatedAt: string;
  baseline: string;
  nSeeds: number;
  /** Mean accuracies over the finished seeds, by iteration. */
  arms: { label: string; accuracies: (number | null)[] }[];
  /** Runs by state. */
  states: Record<string, number>;
  /** Arms by what their paired comparison with the baseline found. */
  findings: Record<string, number>;
  /** Of its runs; null where that of one is not known. */
  costUsd: number | null;
}

/** What is below the results and cannot be shown. */
export interface Unreadable {
  kind: 'unreadable';
  folder: string;
  reason: string;
}

/** A line of the list. */
export type Listed = ListedRun | ListedMatrix | Unreadable;

export { CHANGES, OUTCOMES, PAIR_OUTCOMES } from '../schema/judgment-outcome.js';
export type { JudgmentKind, JudgmentOutcome, PairOutcome, VerdictChange };

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
  /** Of both orders of a held-out pair; of a training judgment, which is one of many, `no two verdicts`. */
  bothOrders: PairOutcome;
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

/** In what words are searched for: lower case. */
export function searchedText({ judgment, thinking, instruction, responses }: JudgmentTexts): string {
  const texts = [thinking, judgment, instruction, responses?.A, responses?.B];
  return visibleText(texts.filter((text) => text != null).join('\n')).toLowerCase();
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
  /** The items that this reviewer has answered, the first answer first. */
  given: string[];
  /** How many of the items each reviewer has answered, by name; none of what they said. */
  reviewers: Record<string, number>;
}

/** A request that changes nothing, as a page sends it. */
export interface ReadingRequest {
  /** After the token. */
  path: string;
  /** JSON, of those that are posted. */
  body?: string | undefined;
}

/** The routes whose answers a shared file may hold, and how they are asked. Nothing that changes a run is among them. */
export const READING_ROUTES: Readonly<Record<string, 'GET' | 'POST'>> = {
  'api/runs': 'GET',
  'api/judgments': 'POST',
  'api/judgment': 'GET',
  'api/compare': 'POST',
  'api/compare-figures': 'POST',
  'api/review': 'POST',
};

/** The route of a request; null for one that a file does not hold. */
export function readingRoute({ path }: ReadingRequest): string | null {
  const [route = ''] = path.split('?');
  return Object.hasOwn(READING_ROUTES, route) ? route : null;
}

/** The request for one judgment of a run. */
export function judgmentPath(run: string, row: number): string {
  return `api/judgment?run=${encodeURIComponent(run)}&row=${row}`;
}

/** The name of a request among answers. */
export function requestKey({ path, body = '' }: ReadingRequest): string {
  return `${path}\n${body}`;
}

/** How much of something a shared file holds. */
export interface SharedCount {
  what: 'judgments' | 'runs' | 'answers of the server';
  n: number;
  of: number;
  /** Whether there may be more than `of`: a search of texts ends early. */
  isAtLeast?: boolean;
  /** Where only judgments of the items that a comparison shows are meant: how many there are of them. */
  ofShown?: { nItems: number; nJudgments: number };
}

/** What a shared file shows. */
export interface SharedView {
  /** The place that was shared. */
  hash: string;
  /** ISO 8601. */
  at: string;
  /** By {@link requestKey}. */
  answers: Record<string, unknown>;
  /** Judgments that pass the filter of a list; the facets are of all of them. */
  judgments: { run: string; items: WholeJudgment[]; facets: Facets } | null;
  counts: SharedCount[];
}
