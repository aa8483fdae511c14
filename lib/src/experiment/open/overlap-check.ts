// Checks that the instructions of an experiment do not overlap with its benchmark, before anything is paid for.
import {
  auditOverlap,
  OverlapAudit,
  requireNoOverlap,
  textOfInstruction,
  type OverlapOptions,
} from '../../audit/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { dropped, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { AuditedText, OverlapReport } from '../../schema/overlap.js';
import type { ExperimentConfig } from '../config/config.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';
import type { OpenedEvaluation, OpenedEvaluations } from './evaluations.js';

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

/** What the instructions of an experiment and a benchmark besides the first have in common. */
export interface LaterOverlap {
  benchmark: string;
  /** Name of the file that it is kept in, in the folder of the run. */
  file: string;
  report: OverlapReport;
}

/**
 * Compares instructions with the benchmarks besides the first, which may be added when judges are trained: nothing is dropped for them.
 * @throws DataError for an overlap that is neither waived nor only reported; the signal's reason when it aborts
 */
export async function checkLaterOverlaps(
  config: ExperimentConfig,
  read: () => AsyncIterable<Instruction> | Iterable<Instruction>,
  { evaluations: [, ...later], signal }: { evaluations: OpenedEvaluations; signal: AbortSignal },
): Promise<LaterOverlap[]> {
  const found: LaterOverlap[] = [];
  if (config.iterations === 0) return found;
  for (const evaluation of later) {
    const { name, files, benchmark } = evaluation;
    const overlap = overlapOptionsOf(evaluation, config);
    const report = await checkOverlap({ ...config, overlap }, read(), { items: benchmark.items, signal });
    if (report === null) continue;
    requireNoOverlap(report, { subject: `overlap of training and ${name}`, remedy: REMEDY });
    found.push({ benchmark: name, file: files.overlap, report });
  }
  return found;
}

const REMEDY =
  'Set overlap: report for it in evaluate.benchmarks, which shows the overlap beside its figures, or leave it out. Only for the first benchmark does overlap.action: drop leave instructions out.';

/** What counts as an overlap with a benchmark, and what it does. */
export function overlapOptionsOf(
  { isFirst, overlap }: Pick<OpenedEvaluation, 'isFirst' | 'overlap'>,
  { overlap: options }: Pick<ExperimentConfig, 'overlap'>,
): OverlapOptions {
  if (isFirst) return options;
  const action = overlap ?? (options.action === 'report' ? 'report' : 'stop');
  return { ...options, action };
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
