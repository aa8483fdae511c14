// Decontamination: instructions that overlap with a benchmark are dropped before anything is made from them.
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';
import { BenchmarkIndex, isStronger, type TextMatch } from './benchmark-index.js';
import { waiverReason, type OverlapOptions } from './overlap-config.js';
import { textOfInstruction, textsOfItem } from './texts.js';

/**
 * Keeps the instructions that overlap with no benchmark item, or only with a waiver, in input order. The reason of a drop names the
 * strongest overlap (`benchmark-near-duplicate`), its detail the item.
 */
export async function* dropOverlapping(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  items: readonly BenchmarkItem[],
  options: OverlapOptions,
): AsyncGenerator<Outcome<Instruction>> {
  const texts = items.flatMap((item) => textsOfItem(item, options.benchmarkFields));
  const index = new BenchmarkIndex(texts, options);
  for await (const instruction of instructions) {
    let strongest: TextMatch | null = null;
    for (const match of index.matchesOf(textOfInstruction(instruction))) {
      const { id: itemId, subset } = texts[match.text] ?? { id: '', subset: '' };
      if (waiverReason({ itemId, subset, kind: match.kind }, options.waive) !== null) continue;
      if (strongest === null || isStronger(match, strongest)) strongest = match;
    }
    yield strongest === null
      ? kept(instruction)
      : dropped(instruction.instructionId, `benchmark-${strongest.kind}`, texts[strongest.text]?.id);
  }
}
