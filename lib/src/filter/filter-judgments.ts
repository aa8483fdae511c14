// From judgments to what a judge is trained on: rejection sampling (paper, section 3.2), and pairs of a right and a wrong judgment.
import { kept, type Outcome } from '../schema/drop.js';
import type { JudgedPair, Judgment } from '../schema/judgment.js';
import { drawFromPairs, type DrawTask } from './draw-from-pairs.js';
import { drawJudgments, type Draw, type FilterOptions } from './draw-judgments.js';
import { drawPreferences, type PreferenceOptions } from './draw-preferences.js';
import { drawRewardPrompts } from './draw-reward-prompts.js';
import type { RewardPromptSettings } from './filter-schema.js';
import { drawFromFile } from './judgment-file.js';

/** A judgment that was kept, with its verdict, which is A or B. */
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

/** Judged pairs, or the path of a JSON Lines file of them. From a file with an index only the kept texts are read. */
export type JudgedPairSource = AsyncIterable<JudgedPair> | Iterable<JudgedPair> | { path: string };

/**
 * Keeps at most `perPair` judgments of every pair, drawn at random, in input order. The inputs that are counted are pairs; of a pair
 * with several kept judgments each counts as one. Drops: `no-verdict`, `no-correct-judgment`, `low-correct-share`, `label-balance`.
 * @throws DataError naming file and line when the file is missing or a line is no judged pair in UTF-8
 */
export function filterJudgments(
  source: JudgedPairSource,
  options: FilterOptions,
): AsyncGenerator<Outcome<KeptJudgment>> {
  const task: DrawTask = { draw: (pair) => drawJudgments(pair, options), options };
  return drawAll(source, task, onlyJudgment);
}

/**
 * Matches right judgments of a pair with wrong ones of the same prompt, at most `perPair` times a pair. Counted as in
 * {@link filterJudgments}. Drops: `no-right-judgment`, `no-wrong-judgment`, `no-order-with-both`, `low-correct-share`, `label-balance`.
 * @throws DataError as {@link filterJudgments} does
 */
export function filterPreferences(
  source: JudgedPairSource,
  options: PreferenceOptions,
): AsyncGenerator<Outcome<KeptPreference>> {
  const task: DrawTask = { draw: (pair) => drawPreferences(pair, options), options };
  return drawAll(source, task, ({ judgments: [chosen, rejected], verdict }) => {
    if (!chosen || !rejected) throw new RangeError('a draw without two judgments');
    return { chosen, rejected, verdict };
  });
}

/**
 * The prompts of judged pairs for reinforcement, each as its first judgment. The inputs that are counted are prompts: a pair in one order.
 * Drops: `no-right-judgment`, `all-judgments-right`.
 * @throws DataError as {@link filterJudgments} does
 */
export function filterRewardPrompts(
  source: JudgedPairSource,
  settings: RewardPromptSettings,
): AsyncGenerator<Outcome<KeptJudgment>> {
  const options = { balanceLabels: false, seed: 0 };
  const task: DrawTask = { draw: (pair) => drawRewardPrompts(pair, settings), options };
  return drawAll(source, task, onlyJudgment);
}

function onlyJudgment({ judgments: [judgment], verdict }: Draw<Judgment>): KeptJudgment {
  if (!judgment) throw new RangeError('a draw without a judgment');
  return { judgment, verdict };
}

async function* drawAll<Kept>(
  source: JudgedPairSource,
  task: DrawTask,
  toKept: (draw: Draw<Judgment>) => Kept,
): AsyncGenerator<Outcome<Kept>> {
  const outcomes = 'path' in source ? drawFromFile(source.path, task) : drawFromPairs(source, task);
  for await (const outcome of outcomes) {
    yield outcome.kind === 'kept' ? kept(toKept(outcome.record)) : outcome;
  }
}
