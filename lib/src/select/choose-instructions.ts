// Chooses classified instructions of a pool by slice, category and complexity, with an optional count and balance.
import { deriveRandom } from '../core/random.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';
import { BalancedDraw } from '../core/balanced-draw.js';
import { slicesOf, type Choice } from './choice-config.js';
import { isSame, sliceOfCategory } from './named-slices.js';
import type { SelectionTally } from './selection-tally.js';

/** What is chosen. */
export interface ChooseOptions {
  choice: Choice;
  /** Names the draw. */
  seed: number;
  /** Counts what was offered and taken. */
  tally?: SelectionTally | undefined;
}

/**
 * Chooses instructions; drops pass through. What does not fit is dropped as `unclassified`, `category-not-selected`, `slice-not-selected`,
 * `complexity-unknown` or `complexity-not-selected`; the rest, if not drawn, as `not-drawn`.
 *
 * Without a count everything that fits is kept, in input order. With one, the draw depends on the seed and on each instruction's id alone,
 * not on the order of the pool; the drawn instructions are returned at the end, in the order of the draw, and only they are held in memory.
 */
export async function* chooseInstructions(
  instructions: AsyncIterable<Outcome<Instruction>> | Iterable<Outcome<Instruction>>,
  { choice, seed, tally }: ChooseOptions,
): AsyncGenerator<Outcome<Instruction>> {
  const { count, balance, slices, categories } = choice;
  const order = balance === 'slice' ? (slices ?? []) : (categories ?? []).map(asGroup);
  const draw = count === undefined ? null : new BalancedDraw<Instruction>(count, order);
  const take = (instruction: Instruction): Outcome<Instruction> => {
    tally?.take(instruction);
    return kept(instruction);
  };
  const drop = (id: string, reason: string, detail?: string): Outcome<never> => {
    tally?.drop(reason);
    return dropped(id, reason, detail);
  };
  for await (const outcome of instructions) {
    if (outcome.kind === 'dropped') {
      tally?.drop(outcome.drop.reason);
      yield outcome;
      continue;
    }
    const { instruction, misfit } = fitted(outcome.record, choice);
    tally?.offer(instruction);
    if (misfit !== null) yield drop(instruction.instructionId, misfit.reason, misfit.detail);
    else if (draw === null) yield take(instruction);
    else {
      const { instructionId } = instruction;
      const rank = deriveRandom(seed, 'choose', instructionId).uint32();
      const out = draw.add(groupOf(instruction, balance), { item: instruction, rank, id: instructionId });
      if (out !== null) yield drop(out.instructionId, 'not-drawn');
    }
  }
  for (const instruction of draw?.drawn() ?? []) yield take(instruction);
}

/** The instruction with the slice for which it is chosen, or why it is not chosen. */
function fitted(
  instruction: Instruction,
  choice: Choice,
): { instruction: Instruction; misfit: { reason: string; detail?: string } | null } {
  const { slices, categories, complexity } = choice;
  const { category, complexity: degree } = instruction.labels ?? {};
  const slice =
    category === undefined || !slices ? null : sliceOfCategory(category, slices, slicesOf(choice));
  const misfit = (): { reason: string; detail?: string } | null => {
    if ((slices ?? categories) && category === undefined) return { reason: 'unclassified' };
    if (slices && slice === null) return { reason: 'slice-not-selected', detail: category ?? '' };
    if (categories && !categories.some((each) => isSame(each, category ?? '')))
      return { reason: 'category-not-selected', detail: category ?? '' };
    if (complexity === undefined) return null;
    if (degree === undefined) return { reason: 'complexity-unknown' };
    const fits = degree >= complexity.min && degree <= complexity.max;
    return fits ? null : { reason: 'complexity-not-selected', detail: String(degree) };
  };
  return { instruction: slice === null ? instruction : { ...instruction, slice }, misfit: misfit() };
}

function groupOf({ slice, labels }: Instruction, balance: Choice['balance']): string {
  if (balance === undefined) return '';
  return balance === 'slice' ? slice : asGroup(labels?.category ?? '');
}

/** Pools differ in the spelling of categories. */
function asGroup(category: string): string {
  return category.toLowerCase();
}
