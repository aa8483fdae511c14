// Which instructions an iteration takes: of which slices, how many, and how many rounds came before.
import type { SelectOptions } from '../../select/index.js';
import type { ExperimentConfig } from './config.js';

/** The slices that iterations take from, equally many of each. */
export function slicesOf({ instructions }: ExperimentConfig): readonly string[] {
  if (instructions.source !== 'pool') return instructions.slices;
  return instructions.slices ?? instructions.choose.slices ?? ['all'];
}

/** What an iteration, from 1, takes: with fresh instructions each has a round of its own, otherwise all share the first. */
export function selectOptionsOf(iteration: number, config: ExperimentConfig): SelectOptions {
  const { fresh, perIteration } = config.instructions;
  return { slices: slicesOf(config), count: perIteration, round: fresh ? iteration - 1 : 0 };
}

/** How many instructions must be there for all iterations. */
export function nNeededIn(config: ExperimentConfig): number {
  const { slices, count, round } = selectOptionsOf(config.iterations, config);
  // Slices take turns, so each must be offered as many as the fullest of them needs.
  return Math.ceil(count / slices.length) * slices.length * (round + 1);
}
