// Small training sets for the exports.
import type { DatasetCard } from '../../lib/src/exports/index.js';
import type { PreferenceExample, TrainingExample } from '../../lib/src/schema/index.js';

const SYSTEM = { role: 'system' as const, content: 'Judge which response is better.' };

const promptOf = (i: number) => [
  ...(i % 2 === 0 ? [SYSTEM] : []),
  { role: 'user' as const, content: `Question ${i}: what is "ü" | 2 + ${i}?\n\nA: ${i}\nB: ${2 + i}` },
];

/** A supervised example; `pairId` and instruction may be shared. */
export function sftExample(i: number, ids: Partial<TrainingExample> = {}): TrainingExample {
  return {
    pairId: `pair-${i}`,
    instructionId: `instruction-${i}`,
    prompt: promptOf(i),
    completion: `B has the sum \\ of 2 and ${i}.\n[[B]]`,
    verdict: i % 3 === 0 ? 'A' : 'B',
    ...ids,
  };
}

/** A preference example. */
export function preferenceExample(i: number, ids: Partial<PreferenceExample> = {}): PreferenceExample {
  const { completion, ...rest } = sftExample(i);
  return { ...rest, chosen: completion, rejected: `A is shorter, “which” is better.\n[[A]]`, ...ids };
}

/** Two pairs to train on, the second with two examples, and one to validate on. */
export const SFT = {
  train: [sftExample(0), sftExample(1), sftExample(2, { pairId: 'pair-1', instructionId: 'instruction-1' })],
  validation: [sftExample(3)],
};

/** The same of preference examples; one rejects a tie. */
export const PREFERENCES = {
  train: [
    preferenceExample(0),
    preferenceExample(1, { rejectedAs: 'tie' }),
    preferenceExample(2, { pairId: 'pair-1', instructionId: 'instruction-1' }),
  ],
  validation: [preferenceExample(3)],
};

const HASH = '0123456789abcdef'.repeat(4);

export const CARD: DatasetCard = {
  license: 'other',
  description: 'Judgments of four toy pairs.',
  models: { judge: 'judge-1', responses: 'micro-seed' },
  samplesPerOrder: 15,
  input: { nPairs: 6, nJudgments: 180, nUnscored: 7 },
  dropped: { 'no-correct-judgment': 2, 'label-balance': 1 },
  filter: { correctOnly: true, balanceLabels: true, perPair: 1 },
  seed: 1,
  hashes: { configuration: HASH },
};
