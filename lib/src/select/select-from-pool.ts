// The whole selection: reads and filters a pool, classifies its instructions if a model is given, and chooses some of them.
import type { Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';
import type { Choice } from './choice-config.js';
import { chooseInstructions } from './choose-instructions.js';
import { classifyInstructions, type ClassifyOptions } from './classify-instructions.js';
import { readPool, type Pool, type PoolPlaces } from './pool/index.js';
import type { SelectionTally } from './selection-tally.js';

/** A selection. */
export interface PoolSelection extends PoolPlaces {
  pool: Pool;
  /** Null: only the pool's own labels are used. */
  classify: Omit<ClassifyOptions, 'seed' | 'signal'> | null;
  choice: Choice;
  seed: number;
  signal: AbortSignal;
  tally?: SelectionTally | undefined;
}

/**
 * Every row of the pool, taken or dropped: taken + dropped = rows.
 * @throws as {@link readPool} and {@link classifyInstructions}
 */
export function selectFromPool(selection: PoolSelection): AsyncGenerator<Outcome<Instruction>> {
  const { pool, classify, choice, seed, signal, tally, folder, cacheFolder } = selection;
  const found = readPool(pool, {
    folder,
    cacheFolder,
    seed,
    signal,
    onMasked: (kinds) => tally?.mask(kinds),
    onRow: (file, row) => tally?.read(file, row),
  });
  const classified = classify === null ? found : classifyInstructions(found, { ...classify, seed, signal });
  return chooseInstructions(classified, { choice, seed, tally });
}
