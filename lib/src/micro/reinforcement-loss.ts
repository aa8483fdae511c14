// The loss of group-relative policy optimisation (GRPO; DeepSeekMath, https://arxiv.org/abs/2402.03300, equation 3 with rewards of outcomes).
import type { ReinforcementObjective } from './types.js';

/** Negative log-likelihoods of one sampled token, in nats, under three models. */
export interface TokenLosses {
  /** Under the model in training. */
  loss: number;
  /** Under the model that sampled the token. */
  oldLoss: number;
  /** Under the checkpoint from which the training started. */
  referenceLoss: number;
}

/** What one token adds to the loss. */
export interface TokenTerm {
  value: number;
  /** By how much the value changes with the token's loss under the model in training. */
  slope: number;
  /** Whether the clip holds the ratio, so that the token's reward gives no gradient. */
  isClipped: boolean;
  /** Estimate of the divergence from the reference, from 0. */
  kl: number;
}

/**
 * Advantages of the completions of one prompt: (reward - mean) / standard deviation, over the group itself (divisor n). A group whose
 * rewards are all the same says nothing: its advantages are 0.
 */
export function groupAdvantages(rewards: readonly number[]): number[] {
  if (!hasDifference(rewards)) return rewards.map(() => 0);
  const mean = meanOf(rewards);
  const deviation = Math.sqrt(meanOf(rewards.map((reward) => (reward - mean) ** 2)));
  return rewards.map((reward) => (reward - mean) / deviation);
}

/** Whether the rewards of a group differ. */
export function hasDifference(rewards: readonly number[]): boolean {
  return rewards.some((reward) => reward !== rewards[0]);
}

/**
 * One token's term: -min(ratio x advantage, clipped ratio x advantage), where the ratio is the token's probability over that at which it
 * was sampled, clipped to 1 - clip and 1 + clip; plus klScale x (e^d - d - 1), d being ln p(reference) - ln p, which estimates the
 * divergence without bias and is never negative (http://joschu.net/blog/kl-approx.html, the estimator of DeepSeekMath).
 */
export function tokenTerm(
  { loss, oldLoss, referenceLoss }: TokenLosses,
  advantage: number,
  { clip, klScale }: ReinforcementObjective,
): TokenTerm {
  const ratio = Math.exp(oldLoss - loss);
  const isClipped = advantage > 0 ? ratio > 1 + clip : advantage < 0 && ratio < 1 - clip;
  const held = isClipped ? (advantage > 0 ? 1 + clip : 1 - clip) : ratio;
  const d = loss - referenceLoss;
  const kl = Math.expm1(d) - d;
  return {
    value: -held * advantage + klScale * kl,
    slope: (isClipped ? 0 : ratio * advantage) + klScale * Math.expm1(d),
    isClipped,
    kl,
  };
}

/** Mean of at least one number. */
export function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
