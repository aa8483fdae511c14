// Which instructions an iteration takes: of which slices, how many, and how many rounds came before.
import { ConfigError } from '../../core/errors.js';
import type { SelectOptions } from '../../select/index.js';
import type { ExperimentConfig } from './config.js';

/** The instructions of an experiment that has iterations. @throws ConfigError for one that only measures a seed model and has none */
export function instructionsOf({
  instructions,
}: Pick<ExperimentConfig, 'instructions'>): NonNullable<ExperimentConfig['instructions']> {
  if (instructions !== undefined) return instructions;
  throw new ConfigError({
    subject: 'instructions',
    expected: 'a section that says where instructions come from',
    received: 'none',
    remedy: 'Add it to the experiment; only iterations: 0, which measures the seed model alone, needs none.',
  });
}

/** The slices that iterations take from, equally many of each. */
export function slicesOf(config: ExperimentConfig): readonly string[] {
  const instructions = instructionsOf(config);
  if (instructions.source !== 'pool') return instructions.slices;
  return instructions.slices ?? instructions.choose.slices ?? ['all'];
}

/** What an iteration, from 1, takes: with fresh instructions each has a round of its own, otherwise all share the first. */
export function selectOptionsOf(iteration: number, config: ExperimentConfig): SelectOptions {
  const { fresh, perIteration } = instructionsOf(config);
  return { slices: slicesOf(config), count: perIteration, round: fresh ? iteration - 1 : 0 };
}

/** How many instructions must be there for all iterations. */
export function nNeededIn(config: ExperimentConfig): number {
  const { slices, count, round } = selectOptionsOf(config.iterations, config);
  // Slices take turns, so each must be offered as many as the fullest of them needs.
  return Math.ceil(count / slices.length) * slices.length * (round + 1);
}
