// The order in which arms run: the baseline first, then each arm after the one it has most in common with.
import { isDeepStrictEqual } from 'node:util';
import type { ExperimentConfig } from '../config/config.js';
import type { MatrixArm } from './load-matrix.js';

/** The keys of an experiment by the first stage that they change, in the order of the stages. */
const KEYS_BY_STAGE: readonly (readonly (keyof ExperimentConfig)[])[] = [
  ['model', 'pack', 'instructions', 'overlap', 'iterations'],
  ['generate'],
  ['judge'],
  ['filter'],
  ['finetune'],
  ['evaluate'],
];

/** How many stages of two experiments ask for the same, from the first on: as many completions they share. */
export function sharedStages(one: ExperimentConfig, other: ExperimentConfig): number {
  const at = KEYS_BY_STAGE.findIndex((keys) => keys.some((key) => !isDeepStrictEqual(one[key], other[key])));
  return at === -1 ? KEYS_BY_STAGE.length : at;
}

/**
 * The arms in a good order: each is followed by the one that shares most with it, and by the one that is written first where several
 * do. The baseline begins, so that every later arm can be compared at once.
 */
export function orderArms<Arm extends Pick<MatrixArm, 'label' | 'config'>>(
  arms: readonly Arm[],
  baseline: string,
): Arm[] {
  const left = [...arms];
  const ordered: Arm[] = [];
  let next = left.find(({ label }) => label === baseline) ?? left[0];
  while (next) {
    ordered.push(next);
    left.splice(left.indexOf(next), 1);
    const { config } = next;
    const shared = left.map((arm) => sharedStages(config, arm.config));
    next = left[shared.indexOf(Math.max(...shared))];
  }
  return ordered;
}
