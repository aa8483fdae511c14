// The pool of an experiment: the instructions to classify, and those chosen for the iterations.
import { dirname } from 'node:path';
import { contentHash, fileHash } from '../../core/hash.js';
import { deriveSeed } from '../../core/random.js';
import { dropped, kept, keptOf, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import {
  chooseInstructions,
  findPoolFiles,
  readPool,
  type Choice,
  type PoolPlaces,
  type SelectionTally,
} from '../../select/index.js';
import type { ExperimentConfig } from '../config/config.js';
import type { InstructionPoolConfig } from '../config/instructions-config.js';
import type { OverlapScreen } from './overlap-check.js';
import { nNeededIn, slicesOf } from '../config/instructions-of-iteration.js';

/** How a pool is read. */
export interface PoolReading {
  signal: AbortSignal;
  /** Counts what the files hold and what is masked in them. */
  tally?: SelectionTally | undefined;
}

/** Rows of a pool, as instructions or drops. */
export type InstructionOutcomes = AsyncIterable<Outcome<Instruction>> | Iterable<Outcome<Instruction>>;

/** A pool of files; each method reads them from the start and holds no more than what is chosen. */
export class InstructionPool {
  readonly #config: ExperimentConfig;
  readonly #instructions: InstructionPoolConfig;
  readonly #places: PoolPlaces;
  readonly #screen: OverlapScreen | null;

  /** @param place.configPath the experiment file; relative paths in it are taken from its folder */
  constructor(
    config: ExperimentConfig,
    instructions: InstructionPoolConfig,
    { configPath, screen }: { configPath: string; screen: OverlapScreen | null },
  ) {
    this.#screen = screen;
    this.#config = config;
    this.#instructions = instructions;
    this.#places = { folder: dirname(configPath), cacheFolder: instructions.cacheFolder };
  }

  /** Hash of all files and their names. @throws ConfigError, DataError for files that are not there */
  async fileHash(): Promise<string> {
    const files: { name: string; hash: string }[] = [];
    for (const { name, path } of await findPoolFiles(this.#instructions, this.#places))
      files.push({ name, hash: await fileHash(path) });
    return contentHash(files);
  }

  /**
   * Every row: the candidates for classification or choice, and the rest as drops with the pool's own reasons.
   * Of more than `classify.most` the others are dropped as `not-drawn-to-classify`.
   * @throws as {@link readPool}
   */
  candidates({ signal, tally }: PoolReading): AsyncGenerator<Outcome<Instruction>> {
    const { seed } = this.#config;
    const rows = readPool(this.#instructions, {
      ...this.#places,
      seed,
      signal,
      onMasked: (kinds) => tally?.mask(kinds),
      onRow: (file, row) => tally?.read(file, row),
    });
    // Slices by category are known later, from the labels.
    const sliced = this.#isSlicedByCategory ? rows : ofSlices(rows, slicesOf(this.#config));
    const usable = this.#screen === null ? sliced : this.#screen.outcomes(sliced);
    const most = this.#instructions.classify?.most;
    if (most === undefined) return usable;
    return renamed(chooseInstructions(usable, { choice: { define: {}, ...this.#drawOf(most) }, seed }));
  }

  /** A random sample of the candidates; all of them if there are no more than `most`. */
  sample(most: number, signal: AbortSignal): Promise<Instruction[]> {
    // A seed of its own: otherwise these would be the first ones of the candidates and the choice.
    const seed = deriveSeed(this.#config.seed, 'plan');
    const candidates = this.candidates({ signal });
    const choice: Choice = { define: {}, count: most };
    return keptOf(chooseInstructions(candidates, { choice, seed }));
  }

  /** The instructions for the iterations, in the order in which they are taken. */
  choose(outcomes: InstructionOutcomes, tally: SelectionTally): Promise<Instruction[]> {
    return this.#choose(outcomes, { choice: this.#choice, tally });
  }

  /** A provisional choice of instructions without labels, like the one to come: slices take turns. */
  chooseUnclassified(outcomes: InstructionOutcomes, tally: SelectionTally): Promise<Instruction[]> {
    const { count, balance } = this.#choice;
    const sliced = this.#isSlicedByCategory ? inTurns(outcomes, slicesOf(this.#config)) : outcomes;
    return this.#choose(sliced, { choice: { define: {}, count, balance }, tally });
  }

  #choose(
    outcomes: InstructionOutcomes,
    options: { choice: Choice; tally: SelectionTally },
  ): Promise<Instruction[]> {
    return keptOf(chooseInstructions(outcomes, { ...options, seed: this.#config.seed }));
  }

  get #isSlicedByCategory(): boolean {
    return this.#instructions.choose.slices !== undefined;
  }

  get #choice(): Choice {
    const { choose } = this.#instructions;
    if (choose.count !== undefined) return choose;
    const draw = balancedDraw(nNeededIn(this.#config), slicesOf(this.#config));
    return { ...choose, ...draw, ...(choose.balance === undefined ? {} : { balance: choose.balance }) };
  }

  /** If the pool names slices itself, each has an equal part in a draw. */
  #drawOf(count: number): Pick<Choice, 'count' | 'balance'> {
    return this.#isSlicedByCategory ? { count } : balancedDraw(count, slicesOf(this.#config));
  }
}

function balancedDraw(count: number, slices: readonly string[]): Pick<Choice, 'count' | 'balance'> {
  return slices.length > 1 ? { count, balance: 'slice' } : { count };
}

async function* ofSlices(
  outcomes: AsyncIterable<Outcome<Instruction>>,
  slices: readonly string[],
): AsyncGenerator<Outcome<Instruction>> {
  for await (const outcome of outcomes) {
    const isOther = outcome.kind === 'kept' && !slices.includes(outcome.record.slice);
    yield isOther
      ? dropped(outcome.record.instructionId, 'slice-not-selected', outcome.record.slice)
      : outcome;
  }
}

/** Distinguishes the draw for classification from the choice after it. */
async function* renamed(outcomes: AsyncIterable<Outcome<Instruction>>): AsyncGenerator<Outcome<Instruction>> {
  for await (const outcome of outcomes) {
    const isOut = outcome.kind === 'dropped' && outcome.drop.reason === 'not-drawn';
    yield isOut ? dropped(outcome.drop.subjectId, 'not-drawn-to-classify') : outcome;
  }
}

async function* inTurns(
  outcomes: InstructionOutcomes,
  slices: readonly string[],
): AsyncGenerator<Outcome<Instruction>> {
  let turn = 0;
  for await (const outcome of outcomes) {
    if (outcome.kind === 'dropped') yield outcome;
    else {
      const slice = slices[turn++ % slices.length] ?? outcome.record.slice;
      yield kept({ ...outcome.record, slice });
    }
  }
}
