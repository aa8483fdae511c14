// Judged pairs made from a seed, so that what is drawn from them can be held against what earlier versions drew.
import { deriveRandom } from '../../lib/src/core/random.js';
import type { JudgedPair, Verdict } from '../../lib/src/schema/index.js';

const VERDICTS: readonly Verdict[] = [
  { kind: 'A' },
  { kind: 'A' },
  { kind: 'B' },
  { kind: 'B' },
  { kind: 'tie' },
  { kind: 'unparsed', reason: 'no-marker' },
];

/** Pairs `p0`, `p1`, … with 1 to 6 judgments each. */
export function frozenPairs(seed: number, nPairs = 200): JudgedPair[] {
  const random = deriveRandom('frozen-pairs', seed);
  return Array.from({ length: nPairs }, (_, i) => ({
    pairId: `p${i}`,
    judgments: Array.from({ length: 1 + random.below(6) }, (_, sampleIndex) => ({
      pairId: `p${i}`,
      order: random.pick(['winner-first', 'loser-first'] as const),
      sampleIndex,
      text: `judgment ${i}.${sampleIndex}`,
      verdict: random.pick(VERDICTS),
    })),
  }));
}
