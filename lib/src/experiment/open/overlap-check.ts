// Sees to it that a judge is not trained on what it is measured on, before anything is paid for.
import { auditOverlap, requireNoOverlap, textOfInstruction } from '../../audit/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Instruction } from '../../schema/instruction.js';
import type { AuditedText, OverlapReport } from '../../schema/overlap.js';
import type { ExperimentConfig } from '../config/config.js';

/**
 * Holds the instructions of an experiment against its benchmark. Those of the embedded world need no audit: its pools are split by hash,
 * and its few dozen words make any two texts alike.
 * @returns what was found; null where there was nothing to look at
 * @throws DataError for an overlap that the experiment does not waive
 */
export async function checkOverlap(
  { overlap, instructions: { source } }: ExperimentConfig,
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  items: readonly BenchmarkItem[],
): Promise<OverlapReport | null> {
  if (source === 'embedded') return null;
  const { signal } = new AbortController();
  const report = await auditOverlap(textsOf(instructions), items, { options: overlap, signal });
  requireNoOverlap(report);
  return report;
}

async function* textsOf(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
): AsyncGenerator<AuditedText> {
  for await (const instruction of instructions) yield textOfInstruction(instruction);
}
