// The loss of direct preference optimisation (DPO; Rafailov et al. 2023, https://arxiv.org/abs/2305.18290, equation 7).
import type { PreferenceFigures, PreferenceObjective } from './types.js';

/** What the loss of a preference pair follows from. All in nats, over whole completions. */
export interface PairLosses {
  /** Negative log-likelihood of the chosen completion under the model in training. */
  chosen: number;
  rejected: number;
  /** ln p(chosen) - ln p(rejected) under the reference model. */
  referenceMargin: number;
}

/** How much each pair of a batch weighs in the loss of the batch. */
export interface PairWeights {
  beta: number;
  /** Of a pair's preference loss. */
  perPair: number;
  /** Of each token of the chosen completions. */
  perChosenToken: number;
}

/**
 * The weights by which the loss of a batch is the mean preference loss of its pairs, plus `nllScale` x the mean nats per token of
 * all its chosen completions: the loss of fairseq2's DPO recipe, its length normalisation included. The released Self-Taught
 * Evaluator names `beta` 0.1 and `nllScale` 1.5 for its DPO stage.
 */
export function pairWeights(
  { beta, nllScale }: PreferenceObjective,
  { nPairs, nChosenTokens }: { nPairs: number; nChosenTokens: number },
): PairWeights {
  return { beta, perPair: 1 / nPairs, perChosenToken: nllScale / nChosenTokens };
}

/** Implicit reward of the chosen completion less that of the rejected one: beta x the gain in their log-likelihood ratio. */
export function rewardMargin({ chosen, rejected, referenceMargin }: PairLosses, beta: number): number {
  return beta * (rejected - chosen - referenceMargin);
}

/** By how much a batch's loss changes with the negative log-likelihoods of a pair. */
export function pairSlopes(
  pair: PairLosses,
  { beta, perPair, perChosenToken }: PairWeights,
): { chosen: number; rejected: number } {
  const pull = (perPair * beta) / (1 + Math.exp(rewardMargin(pair, beta)));
  return { chosen: pull + perChosenToken, rejected: -pull };
}

/** Loss of any number of pairs, at least one, as {@link pairWeights} defines it, and how well they are ranked. */
export function preferenceLoss(
  pairs: readonly PairLosses[],
  objective: PreferenceObjective & { nChosenTokens: number },
): { loss: number; preference: PreferenceFigures } {
  const { beta } = objective;
  const { perPair, perChosenToken } = pairWeights(objective, { ...objective, nPairs: pairs.length });
  let loss = 0;
  let nRight = 0;
  let totalMargin = 0;
  for (const pair of pairs) {
    const margin = rewardMargin(pair, beta);
    loss += perPair * softplus(-margin) + perChosenToken * pair.chosen;
    totalMargin += margin;
    if (margin > 0) nRight += 1;
  }
  return { loss, preference: { accuracy: nRight / pairs.length, margin: totalMargin / pairs.length } };
}

/** ln(1 + e^x), which is -ln sigmoid(-x), without overflow. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
