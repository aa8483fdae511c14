// Checks that the instructions of an experiment do not overlap with its benchmark, before anything is paid for.
import { auditOverlap, requireNoOverlap, textOfInstruction } from '../../audit/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Instruction } from '../../schema/instruction.js';
import type { AuditedText, OverlapReport } from '../../schema/overlap.js';
import type { ExperimentConfig } from '../config/config.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';

/**
 * Compares the instructions of an experiment with its benchmark. Those of the embedded world need no audit: its pools are split by hash,
 * and its few dozen words make any two texts alike.
 * @returns what was found; null if there was nothing to compare
 * @throws DataError for an overlap that the experiment does not waive; the signal's reason when it aborts
 */
export async function checkOverlap(
  config: ExperimentConfig,
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  { items, signal }: { items: readonly BenchmarkItem[]; signal: AbortSignal },
): Promise<OverlapReport | null> {
  if (instructionsOf(config).source === 'embedded') return null;
  const report = await auditOverlap(textsOf(instructions), items, { options: config.overlap, signal });
  requireNoOverlap(report);
  return report;
}

async function* textsOf(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
): AsyncGenerator<AuditedText> {
  for await (const instruction of instructions) yield textOfInstruction(instruction);
}
