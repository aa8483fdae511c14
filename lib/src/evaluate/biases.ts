// Biases of a judge: it may prefer long responses, or responses of its own model family. Both are controlled for quality by direct
// standardisation: the share chosen is computed among winners and among losers separately, and the mean of the two is 1/2 for a judge
// without the bias, however accurate it is.
import { addCount } from '../core/own.js';
import { ClusteredShareAccumulator } from '../core/statistics/interval.js';
import { standardisedShare } from '../core/statistics/standardised-share.js';
import type { Estimate } from '../schema/estimate.js';
import { SHOWN, type VerdictTable } from './verdict-table.js';

const METHOD = 'mean of the shares among winners and among losers';

/**
 * The share of verdicts for the longer response, standardised to a winner half of the time (length or verbosity bias; Dubois et al. 2024,
 * arXiv 2404.04475, control by regression). Undefined where no lengths are known.
 */
export function longerChosen(table: VerdictTable): Estimate | undefined {
  return standardised(table, (index) => {
    const [first, second] = table.responsesOf(index) ?? [];
    if (first?.nCharacters === undefined || second?.nCharacters === undefined) return null;
    if (first.nCharacters === second.nCharacters) return null;
    return first.nCharacters > second.nCharacters ? 'first' : 'second';
  });
}

/**
 * The share of verdicts for the response that a model of the judge's own family wrote, where exactly one of the two is and both writers are
 * known, standardised to a winner half of the time (self-preference; Panickssery et al. 2024, arXiv 2404.13076). Undefined where no such
 * pair is known.
 */
export function ownFamilyChosen(table: VerdictTable, judge: string | undefined): Estimate | undefined {
  const family = judge === undefined ? null : modelFamily(judge);
  if (family === null) return undefined;
  return standardised(table, (index) => {
    const [first, second] = table.responsesOf(index) ?? [];
    if (first?.model === undefined || second?.model === undefined) return null;
    const isOwn = modelFamily(first.model) === family;
    return isOwn === (modelFamily(second.model) === family) ? null : isOwn ? 'first' : 'second';
  });
}

/** @param favouriteOf the response that the bias favours; null for neither */
function standardised(
  table: VerdictTable,
  favouriteOf: (index: number) => 'first' | 'second' | null,
): Estimate | undefined {
  if (!table.knowsResponses) return undefined;
  const amongWinners = new ClusteredShareAccumulator();
  const amongLosers = new ClusteredShareAccumulator();
  const unscoredReasons: Record<string, number> = {};
  for (const [, index] of table.items()) {
    const favourite = favouriteOf(index);
    const gold = table.goldOf(index);
    if (favourite === null || gold === null || gold === 'tie') continue;
    let sum = 0;
    let size = 0;
    for (const shown of SHOWN) {
      const { A, B, tie } = table.votesOf(index, shown);
      sum += ((favourite === 'first') === (shown === 'given') ? A : B) + tie / 2;
      size += A + B + tie;
      for (const [reason, times] of Object.entries(table.unparsedOf(index, shown)))
        addCount(unscoredReasons, reason, times);
    }
    (favourite === gold ? amongWinners : amongLosers).addTo(table.clusterOf(index), sum, size);
  }
  const { value, n, nClusters, low, high } = standardisedShare(amongWinners, amongLosers);
  const method =
    value !== null && low === null
      ? `${METHOD}; no interval: one cluster among winners or among losers`
      : `${METHOD}; Student's t 95%, ${nClusters} clusters`;
  const unscored = Object.values(unscoredReasons).reduce((sum, times) => sum + times, 0);
  if (n + unscored === 0) return undefined;
  return {
    ...{ value, n, nClusters, unscored, low, high, method },
    ...(unscored > 0 && { unscoredReasons }),
  };
}

/** Patterns in names of models. Where several match, the first in the name counts: derived models name their own family first. */
const FAMILIES: readonly (readonly [family: string, pattern: RegExp])[] = [
  // Before gpt, which its name contains.
  ['cerebras', /cerebras/],
  ['claude', /claude/],
  ['gemini', /gemini|gemma|palm|bard/],
  ['gpt', /gpt|davinci|\bo[134](-|$)/],
  ['mistral', /mistral|mixtral|zephyr/],
  ['llama', /llama|alpaca|vicuna|tulu|self-taught/],
  ['qwen', /qwen|qwq/],
  ['deepseek', /deepseek/],
  ['phi', /\bphi-?\d/],
  ['falcon', /falcon/],
  ['bloom', /bloom/],
  ['opt', /\bopt-/],
  ['pythia', /pythia/],
  ['command', /command-r/],
  ['micro', /^micro-/],
];

/** The family of a model from its name, ignoring case; null if unknown. */
export function modelFamily(model: string): string | null {
  const name = model.toLowerCase();
  const found = FAMILIES.map(([family, pattern]) => ({ family, at: name.search(pattern) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at);
  return found[0]?.family ?? null;
}
