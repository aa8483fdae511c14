// Choosing a token: greedy, by temperature, by nucleus; and log-probabilities.
import type { Random } from '../core/random.js';
import type { TokenLogprob } from './types.js';

/** The likeliest token; of several, the one with the lowest id. */
export function greedyToken(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) {
    if ((logits[token] as number) > (logits[best] as number)) best = token;
  }
  return best;
}

/**
 * Draws a token with probability in proportion to its mass. Takes exactly one number from `random`.
 * @param masses probabilities up to a common factor, none negative, not all zero.
 * @param topP nucleus (Holtzman et al. 2020, https://arxiv.org/abs/1904.09751): only the likeliest tokens that together hold at least
 * this share of the mass can be drawn; 1 is off. Of equally likely ones the lower id comes first.
 */
export function drawToken(masses: Float32Array, topP: number, random: Random): number {
  const share = random.next();
  let total = 0;
  for (const mass of masses) total += mass;
  if (topP < 1) return drawFromNucleus(masses, topP * total, share);
  const wanted = share * total;
  let sum = 0;
  let last = 0;
  for (let token = 0; token < masses.length; token++) {
    const mass = masses[token] as number;
    if (mass === 0) continue;
    sum += mass;
    last = token;
    if (sum > wanted) break;
  }
  return last;
}

function drawFromNucleus(masses: Float32Array, leastMass: number, share: number): number {
  const order = [...masses.keys()].sort((a, b) => (masses[b] as number) - (masses[a] as number) || a - b);
  let kept = 0;
  let nucleusMass = 0;
  while (kept === 0 || (nucleusMass < leastMass && kept < order.length)) {
    nucleusMass += masses[order[kept] as number] as number;
    kept += 1;
  }
  let sum = 0;
  for (const token of order.slice(0, kept)) {
    sum += masses[token] as number;
    if (sum > share * nucleusMass) return token;
  }
  return order[kept - 1] as number;
}

/** Log-probability (nats, temperature 1) of a token, and of the `nTop` likeliest; of equally likely ones the lower id comes first. */
export function tokenLogprob(logits: Float32Array, token: number, nTop: number): TokenLogprob {
  const top = logits[greedyToken(logits)] as number;
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const logprobOf = (id: number): number => (logits[id] as number) - top - Math.log(sum);
  const order = nTop === 0 ? [] : [...logits.keys()].sort((a, b) => logprobOf(b) - logprobOf(a) || a - b);
  return {
    token,
    logprob: logprobOf(token),
    top: order.slice(0, nTop).map((id) => ({ token: id, logprob: logprobOf(id) })),
  };
}
