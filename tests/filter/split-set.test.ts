import assert from 'node:assert/strict';
import { sideOf, splitSchema, validationInstructions } from '../../lib/src/filter/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';

const example = (i: number) => ({ instructionId: `i${i % 50}`, n: i });
const EXAMPLES = Array.from({ length: 120 }, (_, i) => example(i));

describe('splitting a set', () => {
  it('puts every example on one side, and all of an instruction on the same', async () => {
    const validation = await validationInstructions(EXAMPLES, { share: 0.2, seed: 1 });
    assert.equal(validation.size, 10);
    const train = await collect(sideOf(EXAMPLES, 'train', validation));
    const held = await collect(sideOf(EXAMPLES, 'validation', validation));
    assert.equal(train.length + held.length, EXAMPLES.length);
    const ids = new Set(held.map(({ instructionId }) => instructionId));
    assert.deepEqual(ids, validation);
    assert.ok(train.every(({ instructionId }) => !ids.has(instructionId)));
    const numbers = train.map(({ n }) => n);
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
  });

  it('does not depend on the order, does on the seed, and hardly on what is added', async () => {
    const split = async (examples: typeof EXAMPLES, seed = 1) =>
      [...(await validationInstructions(examples, { count: 10, seed }))].sort();
    assert.deepEqual(await split(EXAMPLES.toReversed()), await split(EXAMPLES));
    assert.notDeepEqual(await split(EXAMPLES, 2), await split(EXAMPLES));
    const more = [...EXAMPLES, { instructionId: 'new', n: 0 }];
    const before = new Set(await split(EXAMPLES));
    assert.ok((await split(more)).filter((id) => before.has(id)).length >= 9);
  });

  it('holds at least one instruction back, and leaves at least one', async () => {
    const few = EXAMPLES.slice(0, 2);
    assert.equal((await validationInstructions(few, { share: 0.01, seed: 1 })).size, 1);
    await assert.rejects(validationInstructions(few, { count: 2, seed: 1 }), /received 2 of 2/);
    await assert.rejects(validationInstructions([], { share: 0.5, seed: 1 }), /received 1 of 0/);
  });

  it('is set by a share or by a count, not by both', () => {
    assert.ok(splitSchema.safeParse({ share: 0.1 }).success && splitSchema.safeParse({ count: 5 }).success);
    for (const wrong of [{}, { share: 0.1, count: 5 }, { share: 1 }, { count: 0 }]) {
      assert.equal(splitSchema.safeParse(wrong).success, false, JSON.stringify(wrong));
    }
  });
});
