// The audit of pairs as a table and in words.
import { visibleText } from '../core/text.js';
import { POSITION_FEATURE, type PairAudit } from '../schema/pair-audit.js';
import { SURFACE_FEATURES } from '../shortcuts/index.js';
import { listBlock, tableBlock, text, type Block } from './document.js';
import { aucText, count, counted, NO_VALUE, percent, percentWithInterval } from './format.js';
import { makeTable, type Table } from './tables.js';

/** An AUC further from 1/2, interval included, can teach a judge a shortcut. */
const SLIGHT = 0.05;
/** Repeated texts that are named. */
const MOST_REPEATED = 3;

type Feature = PairAudit['features'][number];

/** One row per surface feature that some response has. @param kept the examples that were kept of the pairs, in columns of their own */
export function pairAuditTable(audit: PairAudit, kept?: PairAudit): Table {
  const of = (name: string, from: PairAudit | undefined): Feature | undefined =>
    from?.features.find(({ feature }) => feature === name);
  const figures = (from: PairAudit | undefined, ofWhat: string): [string, (name: string) => string][] => {
    const cell = (name: string, show: (found: Feature) => string): string => {
      const found = of(name, from);
      return found ? show(found) : NO_VALUE;
    };
    return [
      [
        `winner has more${ofWhat} % [95%]`,
        (name) => cell(name, (found) => percentWithInterval(found.winnerHasMore)),
      ],
      [`AUC${ofWhat} [95%]`, (name) => cell(name, ({ auc }) => aucText(auc))],
      [`n${ofWhat}`, (name) => cell(name, ({ auc }) => count(auc.n))],
      [`unscored${ofWhat}`, (name) => cell(name, ({ auc }) => count(auc.unscored))],
    ];
  };
  const names = [kept, audit].flatMap((from) => (from?.features ?? []).map(({ feature }) => feature));
  const shown = [...new Set(names)].filter((name) =>
    [audit, kept].some((from) => (of(name, from)?.auc.n ?? 0) > 0 && of(name, from)?.nWith !== 0),
  );
  return makeTable(shown, [
    ['feature', (name) => name],
    ...figures(audit, kept ? ', pairs' : ''),
    ...(kept ? figures(kept, ', examples') : []),
  ]);
}

/** The features that tell the winner, the strongest first, in sentences. */
function tellingSentences({ features }: PairAudit, what: 'pairs' | 'examples' = 'pairs'): string[] {
  return features
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
        : feature === POSITION_FEATURE
          ? `Responses shown ${isMore ? 'first' : 'second'}`
          : `Responses with ${isMore ? 'more' : 'fewer'} ${feature}`;
      return `${responses} win ${percent(share)}% of ${what} (AUC ${aucText(auc)}): a judge can learn ${isLength ? 'length' : 'that'} instead of quality.`;
    });
}

/** What was found, in sentences: the features that tell the winner, the strongest first; words; repeated texts; near-identical pairs. */
export function pairAuditSentences(audit: PairAudit): string[] {
  const { nPairs, nClusters, features, bagOfWords, strongestWords, repeatedTexts, nNearIdentical } = audit;
  const telling = tellingSentences(audit);
  const nobodyHas = features.filter(({ nWith }) => nWith === 0).map(({ feature }) => feature);
  const { nForWords } = audit;
  const words = strongestWords.map(
    ({ word, weight }) => `${JSON.stringify(visibleText(word))} ${weight > 0 ? '+' : ''}${weight.toFixed(2)}`,
  );
  return [
    ...(telling.length > 0 ? telling : ['No surface feature tells the winner by more than a little.']),
    bagOfWords === null
      ? `A bag of words was not tried, since ${counted(nClusters, 'instruction')} are too few.`
      : `A bag of words, trained on other instructions, finds ${percentWithInterval(bagOfWords)}% of winners.`,
    ...(words.length > 0
      ? [
          `Its strongest words${nForWords === undefined ? '' : `, learnt from ${count(nForWords)} pairs drawn at random`}, + in winners: ${words.join(', ')}.`,
        ]
      : []),
    ...repeatedTexts
      .slice(0, MOST_REPEATED)
      .map(
        ({ role, nPairs: n, excerpt }) =>
          `One text is the ${role} of ${count(n)} of ${counted(nPairs, 'pair')}: ${JSON.stringify(visibleText(excerpt))}.`,
      ),
    ...(nobodyHas.length > 0 && nPairs > 0 ? [`No response has any ${nobodyHas.join(', ')}.`] : []),
    `${counted(nPairs, 'pair')} of ${counted(nClusters, 'instruction')}; ${counted(nNearIdentical, 'pair')} nearly identical.`,
  ];
}

/** Audits by iteration. */
type Audits = readonly { iteration: number; value: PairAudit }[];

/**
 * For the report of a run: what the surface of its last iteration's pairs tells about their winners.
 * @param trainingSets of the examples that were kept of them
 */
export function pairAuditBlocks(audits: Audits = [], trainingSets: Audits = []): Block[] {
  const last = audits.at(-1);
  if (!last) return [];
  const { iteration, value: pairs } = last;
  const kept = trainingSets.find((set) => set.iteration === iteration)?.value;
  return [
    text`The pairs of iteration ${iteration} as they were written; no model was asked. Those of every iteration: ${{ code: 'pair-audit.json' }} in its folder.`,
    ...(kept
      ? [
          text`Examples are the judgments that were kept of them for training, one each, in ${{ code: 'training-set-audit.json' }}; the winner is the response that an example names.`,
        ]
      : []),
    ...tableBlock(pairAuditTable(pairs, kept)),
    ...listBlock([...pairAuditSentences(pairs), ...(kept ? tellingSentences(kept, 'examples') : [])]),
  ];
}
