// The audit of training pairs: whether their surface gives away the winner, so that a judge can learn that instead of quality.
import { pairedAuc } from '../core/statistics/auc.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import { contentHash } from '../core/hash.js';
import { printable, visibleText } from '../core/text.js';
import type { Estimate } from '../schema/estimate.js';
import { POSITION_FEATURE, type PairAudit } from '../schema/pair-audit.js';
import {
  crossValidatedBag,
  strongestWords,
  SURFACE_FEATURES,
  SurfaceReader,
  type BagPair,
  type SurfaceFeature,
} from '../shortcuts/index.js';

/** A pair as it is audited. */
export interface SurfacePair {
  instruction: string;
  winner: string;
  loser: string;
  /** Whether the winner is shown first, of a training set; absent where pairs are not shown yet. */
  isWinnerFirst?: boolean;
}

/** Responses that share this share of their distinct words are nearly identical. */
const NEAR_IDENTICAL = 0.95;
/** Of words and repeated texts that are named. */
const MOST_NAMED = 10;
const EXCERPT = 80;
const SEED = 1;

/**
 * Audits pairs; asks no model. Pairs of one instruction are one cluster.
 * @param read gives the pairs, twice in the same order: the second time for the spelling of words
 */
export async function auditPairs(read: () => AsyncIterable<SurfacePair>): Promise<PairAudit> {
  const reader = new SurfaceReader();
  const names = Object.keys(SURFACE_FEATURES) as SurfaceFeature[];
  const differences = new Map(names.map((name) => [name, [] as number[]]));
  const places: number[] = [];
  const bag: BagPair[] = [];
  const texts = new Map<string, PairAudit['repeatedTexts'][number]>();
  let nNearIdentical = 0;
  for await (const { instruction, winner, loser, isWinnerFirst } of read()) {
    const [first, second] = reader.read(instruction, [winner, loser]);
    if (!first || !second) continue;
    for (const name of names) differences.get(name)?.push(first.surface[name] - second.surface[name]);
    if (isWinnerFirst !== undefined) places.push(isWinnerFirst ? 1 : -1);
    const onlyFirst = reader.without(first.words, second.words);
    const onlySecond = reader.without(second.words, first.words);
    bag.push({ onlyFirst, onlySecond, better: 'first', cluster: contentHash(instruction).slice(0, 16) });
    const nWords = first.words.length + onlySecond.length;
    if (first.words.length - onlyFirst.length >= NEAR_IDENTICAL * nWords) nNearIdentical++;
    for (const [role, text] of [
      ['winner', winner],
      ['loser', loser],
    ] as const) {
      const key = `${role} ${contentHash(text)}`;
      const known = texts.get(key);
      const excerpt = known?.excerpt ?? printable(visibleText(text), EXCERPT);
      texts.set(key, { role, nPairs: (known?.nPairs ?? 0) + 1, excerpt });
    }
  }
  const clusters = bag.map(({ cluster }) => cluster);
  const scores = crossValidatedBag(bag, { nWords: reader.nNumbers, seed: SEED });
  const repeated = [...texts.values()].filter(({ nPairs }) => nPairs > 1);
  return {
    nPairs: bag.length,
    nClusters: new Set(clusters).size,
    features: [
      ...(places.length === 0 ? [] : [featureOf(POSITION_FEATURE, places, clusters)]),
      ...names.map((name) => featureOf(SURFACE_FEATURES[name], differences.get(name) ?? [], clusters)),
    ],
    bagOfWords:
      scores &&
      shareAbove(
        scores.map(([winner, loser]) => winner - loser),
        clusters,
      ),
    strongestWords: await spelt(reader, bag, read),
    repeatedTexts: repeated.sort((a, b) => b.nPairs - a.nPairs).slice(0, MOST_NAMED),
    nNearIdentical,
  };
}

/** @param differences winner minus loser, by pair */
function featureOf(
  feature: string,
  differences: readonly number[],
  clusters: readonly string[],
): PairAudit['features'][number] {
  return {
    feature,
    winnerHasMore: shareAbove(differences, clusters),
    auc: {
      ...pairedAuc(differences, clusters),
      n: differences.length,
      unscored: 0,
      method: 'DeLong 95%, clustered by instruction (Obuchowski), logit scale',
    },
  };
}

/** The share of pairs with a difference above 0; one of 0 counts half. */
function shareAbove(differences: readonly number[], clusters: readonly string[]): Estimate {
  const share = new ShareCounter();
  differences.forEach((d, i) => share.addOne(d > 0 ? 1 : d === 0 ? 0.5 : 0, { cluster: clusters[i] }));
  return share.estimate();
}

async function spelt(
  reader: SurfaceReader,
  bag: readonly BagPair[],
  read: () => AsyncIterable<SurfacePair>,
): Promise<PairAudit['strongestWords']> {
  const strongest = strongestWords(bag, { nWords: reader.nNumbers, most: MOST_NAMED });
  const missing = new Set(strongest.map(({ word }) => word));
  const spellings = new Map<number, string>();
  for await (const { winner, loser } of read()) {
    if (missing.size === 0) break;
    for (const text of [winner, loser])
      reader.spell(text, missing, (word, spelling) => {
        spellings.set(word, printable(visibleText(spelling), EXCERPT));
        missing.delete(word);
      });
  }
  return strongest.map(({ word, weight }) => ({ word: spellings.get(word) ?? '?', weight }));
}
