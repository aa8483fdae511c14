// The audit of pairs as a table and in words.
import { visibleText } from '../core/text.js';
import type { Estimate } from '../schema/estimate.js';
import type { PairAudit } from '../schema/pair-audit.js';
import { SURFACE_FEATURES } from '../shortcuts/index.js';
import { listBlock, tableBlock, text, type Block } from './document.js';
import { count, counted, percent, percentWithInterval } from './format.js';
import { makeTable, type Table } from './tables.js';

/** An AUC further from 1/2, interval included, can teach a judge a shortcut. */
const SLIGHT = 0.05;
/** Repeated texts that are named. */
const MOST_REPEATED = 3;

/** One row per surface feature. */
export function pairAuditTable({ features }: PairAudit): Table {
  return makeTable(features, [
    ['feature', ({ feature }) => feature],
    ['winner has more % [95%]', ({ winnerHasMore }) => percentWithInterval(winnerHasMore)],
    ['AUC [95%]', ({ auc }) => aucText(auc)],
    ['n', ({ auc }) => count(auc.n)],
    ['unscored', ({ auc }) => count(auc.unscored)],
  ]);
}

/** What was found, in sentences: the features that tell the winner, the strongest first; words; repeated texts; near-identical pairs. */
export function pairAuditSentences(audit: PairAudit): string[] {
  const { nPairs, nClusters, features, bagOfWords, strongestWords, repeatedTexts, nNearIdentical } = audit;
  const telling = features
    .filter(({ auc: { low, high, value } }) =>
      low === null || high === null ? value === 0 || value === 1 : low > 0.5 + SLIGHT || high < 0.5 - SLIGHT,
    )
    .sort((a, b) => Math.abs((b.auc.value ?? 0.5) - 0.5) - Math.abs((a.auc.value ?? 0.5) - 0.5))
    .map(({ feature, winnerHasMore, auc }) => {
      const isMore = (auc.value ?? 0) > 0.5;
      const share = isMore ? winnerHasMore.value : 1 - (winnerHasMore.value ?? 0);
      const isLength = feature === SURFACE_FEATURES.characters;
      const responses = isLength
        ? `${isMore ? 'Longer' : 'Shorter'} responses`
        : `Responses with ${isMore ? 'more' : 'fewer'} ${feature}`;
      return `${responses} win ${percent(share)}% of pairs (AUC ${aucText(auc)}): a judge can learn ${isLength ? 'length' : 'that'} instead of quality.`;
    });
  const words = strongestWords.map(
    ({ word, weight }) => `${JSON.stringify(visibleText(word))} ${weight > 0 ? '+' : ''}${weight.toFixed(2)}`,
  );
  return [
    ...(telling.length > 0 ? telling : ['No surface feature tells the winner by more than a little.']),
    bagOfWords === null
      ? `A bag of words was not tried, since ${counted(nClusters, 'instruction')} are too few.`
      : `A bag of words, trained on other instructions, finds ${percentWithInterval(bagOfWords)}% of winners.`,
    ...(words.length > 0 ? [`Its strongest words, + in winners: ${words.join(', ')}.`] : []),
    ...repeatedTexts
      .slice(0, MOST_REPEATED)
      .map(
        ({ role, nPairs: n, excerpt }) =>
          `One text is the ${role} of ${count(n)} of ${counted(nPairs, 'pair')}: ${JSON.stringify(visibleText(excerpt))}.`,
      ),
    `${counted(nPairs, 'pair')} of ${counted(nClusters, 'instruction')}; ${counted(nNearIdentical, 'pair')} nearly identical.`,
  ];
}

/** For the report of a run: what the surface of its last iteration's pairs tells about their winners. */
export function pairAuditBlocks(audits: readonly { iteration: number; value: PairAudit }[] = []): Block[] {
  const last = audits.at(-1);
  if (!last) return [];
  return [
    text`The pairs of iteration ${last.iteration}, before a judge saw them; no model was asked. Those of every iteration: ${{ code: 'pair-audit.json' }} in its folder.`,
    ...tableBlock(pairAuditTable(last.value)),
    ...listBlock(pairAuditSentences(last.value)),
  ];
}

function aucText({ value, low, high }: Estimate): string {
  const fixed = (number: number | null): string => number?.toFixed(2) ?? '–';
  return low === null ? fixed(value) : `${fixed(value)} [${fixed(low)}, ${fixed(high)}]`;
}
