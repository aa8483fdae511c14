// From judgments to what a judge is trained on: rejection sampling (paper, section 3.2), and pairs of a right and a wrong judgment.
import type { Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import type { FilterOptions } from './draw-judgments.js';
import type { PreferenceOptions } from './draw-preferences.js';
import { drawFrom, type DrawTask } from './draw-task.js';
import { drawFromFile, type DrawnJudgments } from './judgment-file.js';
import { balanced } from './label-balance.js';

/** A judgment that was kept, with its verdict made plain. */
export interface KeptJudgment {
  judgment: Judgment;
  verdict: 'A' | 'B';
}

/** A right judgment and one that is not, of the same pair in the same order. */
export interface KeptPreference {
  chosen: Judgment;
  rejected: Judgment;
  /** Of the chosen one. */
  verdict: 'A' | 'B';
}

type JudgedPairs = AsyncIterable<JudgedPair> | Iterable<JudgedPair>;

/**
 * Keeps at most `perPair` judgments of every pair, drawn at random, in input order. The inputs that are counted are pairs; of a pair
 * with several kept judgments each counts as one. Drops: `no-verdict`, `no-correct-judgment`, `low-correct-share`, `label-balance`.
 */
export async function* filterJudgments(
  judgedPairs: JudgedPairs,
  options: FilterOptions,
): AsyncGenerator<Outcome<KeptJudgment>> {
  for await (const outcome of drawFromPairs(judgedPairs, { kind: 'judgments', options })) {
    yield keptAs(outcome, keptJudgment);
  }
}

/**
 * The same, of a JSON Lines file of judged pairs: the same outcomes as {@link filterJudgments} gives for its records, in a fraction of
 * the time, and no text that is not kept is held.
 * @param threads.nThreads absent: as many as the file is worth and the machine has
 * @throws DataError naming file and line when the file is missing or a line is no judged pair in UTF-8
 */
export async function* filterJudgmentFile(
  path: string,
  options: FilterOptions,
  threads: { nThreads?: number } = {},
): AsyncGenerator<Outcome<KeptJudgment>> {
  for await (const outcome of drawFromFile(path, { kind: 'judgments', options }, threads)) {
    yield keptAs(outcome, keptJudgment);
  }
}

/**
 * Matches right judgments of a pair with wrong ones of the same prompt, at most `perPair` times a pair. Counted as in
 * {@link filterJudgments}. Drops: `no-right-judgment`, `no-wrong-judgment`, `no-order-with-both`, `low-correct-share`, `label-balance`.
 */
export async function* filterPreferences(
  judgedPairs: JudgedPairs,
  options: PreferenceOptions,
): AsyncGenerator<Outcome<KeptPreference>> {
  for await (const outcome of drawFromPairs(judgedPairs, { kind: 'preferences', options })) {
    yield keptAs(outcome, keptPreference);
  }
}

/** The same, of a file; see {@link filterJudgmentFile}. @throws DataError */
export async function* filterPreferenceFile(
  path: string,
  options: PreferenceOptions,
  threads: { nThreads?: number } = {},
): AsyncGenerator<Outcome<KeptPreference>> {
  for await (const outcome of drawFromFile(path, { kind: 'preferences', options }, threads)) {
    yield keptAs(outcome, keptPreference);
  }
}

async function* drawFromPairs(
  judgedPairs: JudgedPairs,
  task: DrawTask,
): AsyncGenerator<Outcome<DrawnJudgments>> {
  const held: Outcome<DrawnJudgments>[] = [];
  for await (const judgedPair of judgedPairs) {
    for (const outcome of drawFrom(judgedPair, task)) {
      const withTexts = keptAs(outcome, ({ pairId, verdict, places }) => ({
        pairId,
        verdict,
        judgments: places.flatMap((place) => judgedPair.judgments.slice(place, place + 1)),
      }));
      if (task.options.balanceLabels) held.push(withTexts);
      else yield withTexts;
    }
  }
  yield* balanced(held, task.options.seed);
}

function keptAs<From, To>(outcome: Outcome<From>, convert: (record: From) => To): Outcome<To> {
  return outcome.kind === 'kept' ? { kind: 'kept', record: convert(outcome.record) } : outcome;
}

function keptJudgment({ verdict, judgments: [judgment] }: DrawnJudgments): KeptJudgment {
  if (!judgment) throw new RangeError('a draw without a judgment');
  return { judgment, verdict };
}

function keptPreference({ verdict, judgments: [chosen, rejected] }: DrawnJudgments): KeptPreference {
  if (!chosen || !rejected) throw new RangeError('a draw without two judgments');
  return { chosen, rejected, verdict };
}
