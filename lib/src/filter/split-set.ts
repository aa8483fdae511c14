// Training and validation sets: split by instruction, so that no instruction is on both sides.
import { DataError } from '../core/errors.js';
import { deriveRandom } from '../core/random.js';
import type { SplitSettings } from './filter-schema.js';

/** What is split by. */
interface OfInstruction {
  instructionId: string;
}

/**
 * The instructions of a validation set. Each has a random number drawn from its id, and those with the lowest are taken: the choice does
 * not depend on the order of the examples, and few instructions change sides when others are added.
 * @throws DataError when there are too few instructions for both sides
 */
export async function validationInstructions(
  examples: AsyncIterable<OfInstruction> | Iterable<OfInstruction>,
  { share, count, seed }: SplitSettings & { seed: number },
): Promise<ReadonlySet<string>> {
  const ranks = new Map<string, number>();
  for await (const { instructionId } of examples) {
    if (!ranks.has(instructionId))
      ranks.set(instructionId, deriveRandom(seed, 'split', instructionId).next());
  }
  const size = count ?? Math.max(1, Math.round((share ?? 0) * ranks.size));
  if (size >= ranks.size) {
    throw new DataError({
      subject: 'the validation set',
      expected: 'fewer instructions than there are, so that some are left to train on',
      received: `${size} of ${ranks.size}`,
      remedy: 'Take a smaller share or count, or more instructions.',
    });
  }
  const byRank = [...ranks].sort(([a, rankA], [b, rankB]) => rankA - rankB || (a < b ? -1 : 1));
  return new Set(byRank.slice(0, size).map(([instructionId]) => instructionId));
}

/** The examples of one side, in their order. @param validation as {@link validationInstructions} gives it */
export async function* sideOf<Example extends OfInstruction>(
  examples: AsyncIterable<Example> | Iterable<Example>,
  side: 'train' | 'validation',
  validation: ReadonlySet<string>,
): AsyncGenerator<Example> {
  for await (const example of examples) {
    if (validation.has(example.instructionId) === (side === 'validation')) yield example;
  }
}
