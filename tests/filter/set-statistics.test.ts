import assert from 'node:assert/strict';
import { setStatistics } from '../../lib/src/filter/index.js';
import {
  setStatisticsSchema,
  type PreferenceExample,
  type TrainingExample,
} from '../../lib/src/schema/index.js';

const words = { name: 'words', count: (text: string) => text.split(' ').length };

const example = (i: number, nWords: number): TrainingExample => ({
  pairId: `p${i}`,
  instructionId: `i${i >> 1}`,
  prompt: [
    { role: 'system', content: 'judge well' },
    { role: 'user', content: 'A or B' },
  ],
  completion: Array.from({ length: nWords }, () => 'w').join(' '),
  verdict: i % 3 === 0 ? 'A' : 'B',
});

describe('the statistics of a set', () => {
  it('count examples, labels and slices, and the lengths of what is trained on', async () => {
    const examples = Array.from({ length: 10 }, (_, i) => example(i, i + 1));
    const sliceOf = ({ pairId }: { pairId: string }) => (pairId === 'p0' ? 'code' : 'math');
    const statistics = await setStatistics(examples, { tokens: words, sliceOf });
    assert.deepEqual(setStatisticsSchema.parse(statistics), {
      nExamples: 10,
      nPairs: 10,
      nInstructions: 5,
      labels: { A: 4, B: 6 },
      slices: { code: 1, math: 9 },
      tokens: {
        counter: 'words',
        // Two and three words in each prompt.
        prompt: { total: 50, mean: 5, p50: 5, p90: 5, p99: 5, longest: { pairId: 'p0', tokens: 5 } },
        // 1 to 10 words; the nearest rank of 50% of 10 is the fifth.
        completion: { total: 55, mean: 5.5, p50: 5, p90: 9, p99: 10, longest: { pairId: 'p9', tokens: 10 } },
        example: { total: 105, mean: 10.5, p50: 10, p90: 14, p99: 15, longest: { pairId: 'p9', tokens: 15 } },
      },
    });
  });

  it('count what is rejected, and the prompt of a preference example for both judgments', async () => {
    const { completion, ...rest } = example(0, 4);
    const preference: PreferenceExample = { ...rest, chosen: completion, rejected: 'no' };
    const statistics = await setStatistics([preference, { ...preference, rejectedAs: 'tie' }], {
      tokens: words,
    });
    assert.deepEqual(statistics.rejected, { wrong: 1, tie: 1, unparsed: 0 });
    assert.equal(statistics.nPairs, 1);
    assert.equal(statistics.tokens.example.total, 2 * (2 * 5 + 4 + 1));
  });

  it('say how tokens were counted when nobody passed a tokenizer: by length, about', async () => {
    const { tokens } = await setStatistics([example(0, 5)]);
    assert.equal(tokens.counter, 'characters / 4, about');
    assert.equal(tokens.completion.total, Math.ceil('w w w w w'.length / 4));
  });

  it('have no mean of an empty set', async () => {
    const { nExamples, tokens } = await setStatistics([]);
    assert.deepEqual([nExamples, tokens.example.mean, tokens.example.longest], [0, null, null]);
  });
});
