// The audit of training pairs: whether their surface gives away the winner, so that a judge can learn that instead of quality.
import { pairedAuc } from '../core/statistics/auc.js';
import { ShareCounter } from '../core/statistics/share-counter.js';
import { contentHash } from '../core/hash.js';
import { printable, visibleText } from '../core/text.js';
import type { Estimate } from '../schema/estimate.js';
import { POSITION_FEATURE, type PairAudit } from '../schema/pair-audit.js';
import {
  crossValidatedBag,
  MOST_TRAINED,
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
  /** Of a training set: the examples that show the winner first, and second. Absent where pairs are not shown yet. */
  shown?: { first: number; second: number };
}

/** Responses that share this share of their distinct words are nearly identical. */
const NEAR_IDENTICAL = 0.95;
/** Of words and repeated texts that are named. */
const MOST_NAMED = 10;
const EXCERPT = 80;
const SEED = 1;

/**
 * Audits pairs; asks no model. Pairs of one instruction are one cluster. A pair that is shown counts once for each example; words are learnt
 * from it once.
 * @param read gives the pairs, twice in the same order: the second time for the spelling of words
 */
export async function auditPairs(read: () => AsyncIterable<SurfacePair>): Promise<PairAudit> {
  const reader = new SurfaceReader();
  const names = Object.keys(SURFACE_FEATURES) as SurfaceFeature[];
  /** By feature, then by pair of the bag. */
  const differences = new Map(names.map((name) => [name, [] as number[]]));
  const nWith = new Map(names.map((name) => [name, 0]));
  const places: number[] = [];
  const bag: BagPair[] = [];
  /** By pair of the bag. */
  const nTimes: number[] = [];
  const texts = new Map<string, PairAudit['repeatedTexts'][number]>();
  let nNearIdentical = 0;
  for await (const { instruction, winner, loser, shown } of read()) {
    const n = shown ? shown.first + shown.second : 1;
    const [first, second] = n === 0 ? [] : reader.read(instruction, [winner, loser]);
    if (!first || !second) continue;
    for (const name of names) {
      const [more, less] = [first.surface[name], second.surface[name]];
      differences.get(name)?.push(more - less);
      if (more !== 0 || less !== 0) nWith.set(name, (nWith.get(name) ?? 0) + n);
    }
    if (shown) places.push(...repeated([1, -1], [shown.first, shown.second]));
    nTimes.push(n);
    const onlyFirst = reader.without(first.words, second.words);
    const onlySecond = reader.without(second.words, first.words);
    bag.push({ onlyFirst, onlySecond, better: 'first', cluster: contentHash(instruction).slice(0, 16) });
    const nWords = first.words.length + onlySecond.length;
    if (first.words.length - onlyFirst.length >= NEAR_IDENTICAL * nWords) nNearIdentical += n;
    for (const [role, text] of [
      ['winner', winner],
      ['loser', loser],
    ] as const) {
      const key = `${role} ${contentHash(text)}`;
      const known = texts.get(key);
      const excerpt = known?.excerpt ?? printable(visibleText(text), EXCERPT);
      texts.set(key, { role, nPairs: (known?.nPairs ?? 0) + n, excerpt });
    }
  }
  const clusters = repeated(
    bag.map(({ cluster }) => cluster),
    nTimes,
  );
  const scores = crossValidatedBag(bag, { nWords: reader.nNumbers, seed: SEED });
  const oftenGiven = [...texts.values()].filter(({ nPairs }) => nPairs > 1);
  return {
    nPairs: clusters.length,
    nClusters: new Set(clusters).size,
    features: [
      ...(places.length === 0 ? [] : [featureOf(POSITION_FEATURE, places, clusters)]),
      ...names.map((name) => ({
        ...featureOf(SURFACE_FEATURES[name], repeated(differences.get(name) ?? [], nTimes), clusters),
        nWith: nWith.get(name) ?? 0,
      })),
    ],
    bagOfWords:
      scores &&
      shareAbove(
        repeated(
          scores.map(([winner, loser]) => winner - loser),
          nTimes,
        ),
        clusters,
      ),
    strongestWords: await spelt(reader, bag, read),
    ...(bag.length > MOST_TRAINED ? { nForWords: MOST_TRAINED } : {}),
    repeatedTexts: oftenGiven.sort((a, b) => b.nPairs - a.nPairs).slice(0, MOST_NAMED),
    nNearIdentical,
  };
}

/** Each value as often as its number says. */
function repeated<Value>(values: readonly Value[], nTimes: readonly number[]): Value[] {
  return values.flatMap((value, i) => Array.from({ length: nTimes[i] ?? 0 }, () => value));
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
  const strongest = strongestWords(bag, {
    nWords: reader.nNumbers,
    most: MOST_NAMED,
    seed: SEED,
  });
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
