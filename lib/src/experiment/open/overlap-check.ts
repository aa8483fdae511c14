// Checks that the instructions of an experiment do not overlap with its benchmark, before anything is paid for.
import { auditOverlap, OverlapAudit, textOfInstruction, type OverlapOptions } from '../../audit/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { dropped, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { AuditedText, OverlapReport } from '../../schema/overlap.js';
import type { ExperimentConfig } from '../config/config.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';

/**
 * Compares the instructions of an experiment with its benchmark. Those of the embedded world need no audit: its pools are split by hash,
 * and its few dozen words make any two texts alike.
 * @returns what was found; null if there was nothing to compare
 * @throws the signal's reason when it aborts
 */
export async function checkOverlap(
  config: ExperimentConfig,
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  { items, signal }: { items: readonly BenchmarkItem[]; signal: AbortSignal },
): Promise<OverlapReport | null> {
  if (instructionsOf(config).source === 'embedded') return null;
  return auditOverlap(textsOf(instructions), items, { options: config.overlap, signal });
}

/** Compares rows with a benchmark while they are read, and leaves out those that overlap where `overlap.action` is `drop`. */
export class OverlapScreen {
  readonly #audit: OverlapAudit;
  readonly #drops: boolean;

  constructor(items: readonly BenchmarkItem[], options: OverlapOptions) {
    this.#audit = new OverlapAudit(items, options);
    this.#drops = options.action === 'drop';
  }

  /** The screen of an experiment; null where what is chosen is compared alone, before anything is paid for. */
  static of(config: ExperimentConfig, items: readonly BenchmarkItem[]): OverlapScreen | null {
    const { instructions, overlap, iterations } = config;
    if (iterations === 0 || instructions === undefined || instructions.source === 'embedded') return null;
    const isPaidFirst = instructions.source === 'pool' && instructions.classify !== undefined;
    return isPaidFirst || overlap.action === 'drop' ? new OverlapScreen(items, overlap) : null;
  }

  /** Instructions without those that overlap. */
  kept(instructions: readonly Instruction[]): Instruction[] {
    return instructions.filter((instruction) => this.#overlapOf(instruction) === null);
  }

  /** Rows; those that overlap are dropped as `benchmark-overlap`, with the item. */
  async *outcomes(rows: AsyncIterable<Outcome<Instruction>>): AsyncGenerator<Outcome<Instruction>> {
    for await (const row of rows) {
      const item = row.kind === 'kept' ? this.#overlapOf(row.record) : null;
      yield row.kind === 'kept' && item !== null
        ? dropped(row.record.instructionId, 'benchmark-overlap', item)
        : row;
    }
  }

  /** What all rows so far have in common with the benchmark. */
  report(): OverlapReport {
    return this.#audit.report();
  }

  #overlapOf(instruction: Instruction): string | null {
    const overlap = this.#audit.add(textOfInstruction(instruction));
    return this.#drops ? (overlap?.benchmark.id ?? null) : null;
  }
}

async function* textsOf(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
): AsyncGenerator<AuditedText> {
  for await (const instruction of instructions) yield textOfInstruction(instruction);
}
