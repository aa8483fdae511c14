import assert from 'node:assert/strict';
import { deriveRandom } from '../../lib/src/core/random.js';
import { dropped, kept, type Instruction, type Outcome } from '../../lib/src/schema/index.js';
import { choiceSchema, chooseInstructions, SelectionTally } from '../../lib/src/select/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';

const CATEGORIES = ['Coding', 'Mathematical reasoning', 'Knowledge and Reasoning', 'Rewriting'];

/** Instruction i of a category, of complexity 1 to 10. */
const labelled = (category: string | null, i: number, slice = 'all'): Instruction => ({
  instructionId: `${category ?? 'none'}-${i}`,
  text: `text ${i}`,
  slice,
  ...(category === null ? {} : { labels: { category, complexity: 1 + (i % 10) } }),
});
const many = (category: string, n: number): Instruction[] =>
  Array.from({ length: n }, (_, i) => labelled(category, i));

async function choose(
  instructions: Instruction[],
  choice: object,
  { seed = 1, tally }: { seed?: number; tally?: SelectionTally } = {},
): Promise<Outcome<Instruction>[]> {
  const outcomes = await collect(
    chooseInstructions(instructions.map(kept), { choice: choiceSchema.parse(choice), seed, tally }),
  );
  assert.equal(outcomes.length, instructions.length, 'kept + dropped = input');
  return outcomes;
}
const taken = (outcomes: Outcome<Instruction>[]): Instruction[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'kept' ? [outcome.record] : []));
const reasons = (outcomes: Outcome<Instruction>[]): string[] =>
  outcomes.flatMap((outcome) => (outcome.kind === 'dropped' ? [outcome.drop.reason] : []));
const countBy = (instructions: Instruction[], key: (instruction: Instruction) => string) => {
  const counts: Record<string, number> = {};
  for (const instruction of instructions) counts[key(instruction)] = (counts[key(instruction)] ?? 0) + 1;
  return counts;
};

describe('a choice', () => {
  it('takes everything, in order, where nothing is asked for', async () => {
    const instructions = [labelled('Coding', 0), labelled(null, 1)];
    assert.deepEqual(taken(await choose(instructions, {})), instructions);
  });

  it('takes categories and a range of complexity, and says why it leaves the others', async () => {
    const instructions = [
      labelled('coding', 0),
      labelled('Coding', 5),
      labelled('Coding', 9),
      labelled('Rewriting', 5),
      labelled(null, 5),
      { ...labelled(null, 6), labels: { category: 'Coding' } },
    ];
    const outcomes = await choose(instructions, {
      categories: ['Coding'],
      complexity: { min: 6, max: 9 },
    });
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.kind === 'kept' ? outcome.record.instructionId : outcome.drop.reason,
      ),
      [
        'complexity-not-selected',
        'Coding-5',
        'complexity-not-selected',
        'category-not-selected',
        'unclassified',
        'complexity-unknown',
      ],
    );
  });

  it('takes named slices and gives each instruction its slice; the narrowest slice that fits has it', async () => {
    const instructions = CATEGORIES.map((category, i) => labelled(category, i));
    const slicesWith = async (choice: object) =>
      taken(await choose(instructions, choice)).map(({ slice, labels }) => [labels!.category, slice]);
    assert.deepEqual(await slicesWith({ slices: ['reasoning', 'code'] }), [
      ['Coding', 'code'],
      ['Mathematical reasoning', 'reasoning'],
      ['Knowledge and Reasoning', 'reasoning'],
    ]);
    assert.deepEqual(await slicesWith({ slices: ['reasoning', 'math'] }), [
      ['Mathematical reasoning', 'math'],
      ['Knowledge and Reasoning', 'reasoning'],
    ]);
    assert.deepEqual(await slicesWith({ slices: ['words'], define: { words: ['Rewriting'] } }), [
      ['Rewriting', 'words'],
    ]);
  });

  it('lets drops of earlier steps pass', async () => {
    const outcomes = await collect(
      chooseInstructions([dropped('a:1', 'toxic'), kept(labelled('Coding', 1))], {
        choice: choiceSchema.parse({ count: 1 }),
        seed: 1,
      }),
    );
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['dropped', 'kept'],
    );
  });

  it('draws a fixed number by seed and id, whatever the order of the pool', async () => {
    const instructions = many('Coding', 200);
    const ids = (outcomes: Outcome<Instruction>[]) =>
      taken(outcomes).map(({ instructionId }) => instructionId);
    const first = await choose(instructions, { count: 20 });
    assert.deepEqual(new Set(reasons(first)), new Set(['not-drawn']));
    assert.equal(ids(first).length, 20);
    assert.deepEqual(ids(await choose([...instructions].reverse(), { count: 20 })), ids(first));
    assert.notDeepEqual(ids(await choose(instructions, { count: 20 }, { seed: 2 })), ids(first));
    // A smaller draw is the beginning of a larger one.
    assert.deepEqual(ids(await choose(instructions, { count: 5 })), ids(first).slice(0, 5));
  });

  it('balances categories, and gives what one lacks to the others', async () => {
    const instructions = [
      ...many('Coding', 100),
      ...many('Rewriting', 4),
      ...many('Mathematical reasoning', 50),
    ];
    const outcomes = await choose(instructions, { count: 30, balance: 'category' });
    assert.deepEqual(
      countBy(taken(outcomes), ({ labels }) => labels!.category),
      {
        Coding: 13,
        'Mathematical reasoning': 13,
        Rewriting: 4,
      },
    );
  });

  it('balances slices, the first named getting the rest', async () => {
    const instructions = CATEGORIES.flatMap((category) => many(category, 40));
    const outcomes = await choose(instructions, {
      slices: ['math', 'code', 'reasoning'],
      count: 20,
      balance: 'slice',
    });
    assert.deepEqual(
      countBy(taken(outcomes), ({ slice }) => slice),
      { math: 7, code: 7, reasoning: 6 },
    );
  });

  it('fills groups of any sizes, in any order, as if all of them were known beforehand', async () => {
    const random = deriveRandom('balanced draws', 1);
    for (let round = 0; round < 150; round++) {
      const sizes = Array.from({ length: 1 + random.below(5) }, () => random.below(12));
      const instructions = random.shuffled(sizes.flatMap((size, g) => many(`group ${g}`, size)));
      const count = 1 + random.below(30);
      const outcomes = await choose(instructions, { count, balance: 'category' });
      const found = countBy(taken(outcomes), ({ labels }) => labels!.category);
      // One by one to the group that has least, the first named of equals.
      const expected = sizes.map(() => 0);
      for (let i = 0; i < Math.min(count, instructions.length); i++) {
        const open = sizes.flatMap((size, g) => (expected[g]! < size ? [g] : []));
        const least = Math.min(...open.map((g) => expected[g]!));
        expected[open.find((g) => expected[g] === least)!]!++;
      }
      assert.deepEqual(
        sizes.map((_, g) => found[`group ${g}`] ?? 0),
        expected,
        JSON.stringify({ sizes, count }),
      );
    }
  });

  it('draws the same of each group as a draw from that group alone', async () => {
    const instructions = [...many('Coding', 60), ...many('Rewriting', 60)];
    const ids = (found: Instruction[]) => found.map(({ instructionId }) => instructionId);
    const both = taken(await choose(instructions, { count: 20, balance: 'category' }));
    const alone = taken(await choose(many('Coding', 60), { count: 10 }));
    assert.deepEqual(ids(both.filter(({ labels }) => labels!.category === 'Coding')), ids(alone));
  });

  it('is refused where its parts do not go together', () => {
    const problem = (choice: object): string | undefined =>
      choiceSchema.safeParse(choice).error?.issues[0]?.message;
    assert.match(problem({ slices: ['poems'] })!, /unknown slice "poems" \(known: reasoning, code, math\)/);
    assert.equal(
      problem({ slices: ['code'], categories: ['Coding'] }),
      'expected either slices or categories',
    );
    assert.match(problem({ complexity: { min: 5, max: 4 } })!, /at most max/);
    assert.match(problem({ categories: ['a', 'a'] })!, /every name once/);
  });

  it('is tallied: what was there, what was taken, and drops by reason that add up', async () => {
    const tally = new SelectionTally();
    tally.mask(['email']);
    const instructions = [...many('Coding', 12), ...many('Rewriting', 3)];
    await choose(instructions, { slices: ['code'], complexity: { min: 2 }, count: 5 }, { tally });
    const summary = tally.summary();
    assert.deepEqual(
      { ...summary, byComplexity: summary.byComplexity.map(({ name, offered }) => [name, offered]) },
      {
        rows: 15,
        offered: 15,
        taken: 5,
        // Two of the twelve have complexity 1: numbers 0 and 10.
        drops: { 'not-drawn': 5, 'slice-not-selected': 3, 'complexity-not-selected': 2 },
        byFile: [],
        masked: { email: 1 },
        byCategory: [
          { name: 'Coding', offered: 12, taken: 5 },
          { name: 'Rewriting', offered: 3, taken: 0 },
        ],
        byComplexity: [
          ['1', 3],
          ['2', 3],
          ['3', 2],
          ['4', 1],
          ['5', 1],
          ['6', 1],
          ['7', 1],
          ['8', 1],
          ['9', 1],
          ['10', 1],
        ],
        bySlice: [
          { name: 'code', offered: 12, taken: 5 },
          { name: 'all', offered: 3, taken: 0 },
        ],
      },
    );
  });
});
