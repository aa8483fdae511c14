// The instructions of an experiment: from the embedded world, a file of the user, or a pool of files.
import { own } from '../../core/own.js';
import { z } from 'zod';
import { ConfigError } from '../../core/errors.js';
import { fileHash } from '../../core/hash.js';
import { readJsonl } from '../../core/jsonl.js';
import { deriveRandom, deriveSeed } from '../../core/random.js';
import type { Outcome } from '../../schema/drop.js';
import { instructionIdOf, type Instruction } from '../../schema/instruction.js';
import type { SelectionSummary } from '../../schema/selection-summary.js';
import { selectInstructions, SelectionTally } from '../../select/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { embeddedInstructions } from './embedded.js';
import { existingFile } from '../config/existing-file.js';
import { InstructionPool, type InstructionOutcomes } from './instruction-pool.js';
import type { OverlapScreen } from './overlap-check.js';
import type { InstructionPoolConfig } from '../config/instructions-config.js';
import { instructionsOf, nNeededIn, selectOptionsOf } from '../config/instructions-of-iteration.js';

/** The instructions of an experiment, in the order in which iterations take them. */
export interface InstructionSource {
  /** Reads all instructions for the iterations from the start; with `unclassified`, a provisional choice. */
  read: () => Iterable<Instruction>;
  /** SHA-256 of the files, or null for the embedded world, which the seed checkpoint identifies. */
  fileHash: string | null;
  /** What a pool held and what was chosen of it; null for other sources, and while it is not chosen. */
  selection: SelectionSummary | null;
  /** A pool that a model classifies first; null if there is none. */
  unclassified: UnclassifiedPool | null;
}

/** A pool of which nothing is chosen yet, since the choice depends on a model's labels. */
export interface UnclassifiedPool {
  pool: InstructionPool;
  settings: NonNullable<InstructionPoolConfig['classify']>;
  /** Rows of its files. */
  nRows: number;
  /** Those of them that are classified. */
  nCandidates: number;
}

/** What a seed model takes that is only measured. */
const NO_INSTRUCTIONS: InstructionSource = {
  read: () => [],
  fileHash: null,
  selection: null,
  unclassified: null,
};

/** Where instructions are opened from. */
export interface OpenOptions {
  /** The experiment file; relative paths in it are taken from its folder. */
  configPath: string;
  signal: AbortSignal;
  /** Compares the rows of a file or a pool with the benchmark; null: only what is chosen is compared, later. */
  screen: OverlapScreen | null;
}

/** The instructions of an iteration as kept records, and the others as drops. @param iteration from 1 */
export function selectForIteration(
  iteration: number,
  { config, instructions }: { config: ExperimentConfig; instructions: InstructionSource },
): AsyncGenerator<Outcome<Instruction>> {
  return selectInstructions(instructions.read(), selectOptionsOf(iteration, config));
}

/**
 * Opens the instructions of an experiment and checks that they are enough for all iterations. Of a pool, only the chosen ones are held
 * in memory; of an experiment without iterations nothing is opened.
 * @throws ConfigError for a missing file or too few instructions, DataError for a bad file; the signal's reason when it aborts
 */
export async function openInstructions(
  config: ExperimentConfig,
  options: OpenOptions,
): Promise<InstructionSource> {
  const { configPath, screen } = options;
  if (config.iterations === 0) return NO_INSTRUCTIONS;
  const { seed } = config;
  const instructions = instructionsOf(config);
  if (instructions.source === 'pool') return openPool(config, instructions, options);
  if (instructions.source === 'embedded') {
    const { slices } = instructions;
    const pool = { seed: deriveSeed(seed, 'instructions'), slices, count: nNeededIn(config) };
    return enough({ read: () => embeddedInstructions(pool), fileHash: null }, config);
  }
  const path = await existingFile(instructions.path, 'instructions.path', configPath);
  const found = await readInstructions(path, instructions);
  const all = deriveRandom(seed, 'instructions').shuffled(screen ? screen.kept(found) : found);
  return enough({ read: () => all, fileHash: await fileHash(path) }, config);
}

async function openPool(
  config: ExperimentConfig,
  instructions: InstructionPoolConfig,
  { configPath, signal, screen }: OpenOptions,
): Promise<InstructionSource> {
  const pool = new InstructionPool(config, instructions, { configPath, screen });
  const hash = await pool.fileHash();
  const tally = new SelectionTally();
  const candidates = pool.candidates({ signal, tally });
  if (instructions.classify === undefined)
    return chosenSource(pool, { config, outcomes: candidates, tally, fileHash: hash });
  const alike = await pool.chooseUnclassified(candidates, tally);
  const { rows: nRows, offered: nCandidates, drops } = tally.summary();
  const unclassified = { pool, settings: instructions.classify, nRows, nCandidates };
  return enough({ read: () => alike, fileHash: hash, unclassified }, config, drops);
}

/**
 * The instructions that are chosen of a pool.
 * @param options.outcomes every row of it, classified or not, or dropped
 * @throws ConfigError when they are too few
 */
export async function chosenSource(
  pool: InstructionPool,
  options: {
    config: ExperimentConfig;
    outcomes: InstructionOutcomes;
    tally: SelectionTally;
    fileHash: string | null;
  },
): Promise<InstructionSource> {
  const { config, outcomes, tally, fileHash: hash } = options;
  const chosen = await pool.choose(outcomes, tally);
  const selection = tally.summary();
  return enough({ read: () => chosen, fileHash: hash, selection }, config, selection.drops);
}

/** What most rows of a file are dropped for where a setting is missing, and which. */
const DROP_HINTS: Readonly<Record<string, string>> = {
  'text-missing': 'Name the column of the text under columns.text, or the layout of the file. ',
  'language-unknown': 'Name the column of the language under columns.language. ',
};

/**
 * Checks that the last round would still find enough instructions, before more is paid for.
 * @param drops reasons why a pool has no more
 */
async function enough(
  found: Pick<InstructionSource, 'read' | 'fileHash'> & Partial<InstructionSource>,
  config: ExperimentConfig,
  drops: Readonly<Record<string, number>> = {},
): Promise<InstructionSource> {
  const source = { selection: null, unclassified: null, ...found };
  const { fresh } = instructionsOf(config);
  const options = selectOptionsOf(config.iterations, config);
  const { slices, count } = options;
  let nFound = 0;
  try {
    for await (const { kind } of selectInstructions(source.read(), options)) if (kind === 'kept') nFound++;
  } catch (thrown) {
    // The embedded world throws this when a slice has no more.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  if (nFound === count) return source;
  const times = fresh ? `${config.iterations} times ` : '';
  const reasons = Object.entries(drops).map(([reason, n]) => `${reason} ${n}`);
  const why = reasons.length === 0 ? '' : `; dropped were: ${reasons.join(', ')}`;
  const [[mainReason] = ['']] = Object.entries(drops).toSorted(([, one], [, other]) => other - one);
  const hint = own(DROP_HINTS, mainReason) ?? '';
  throw new ConfigError({
    subject: 'instructions.perIteration',
    expected: `a pool with ${times}${count} different instructions, equally many of ${slices.join(', ')}`,
    received: `one in which the last iteration would find only ${nFound}${why}`,
    remedy: `${hint}Lower instructions.perIteration or iterations, set instructions.fresh to false, or enlarge the pool.`,
  });
}

async function readInstructions(
  path: string,
  { textField, sliceField }: { textField: string; sliceField?: string | undefined },
): Promise<Instruction[]> {
  const schema = z.looseObject({}).superRefine((row, context) => {
    for (const [setting, field] of Object.entries({ textField, sliceField })) {
      if (field === undefined || (typeof row[field] === 'string' && row[field] !== '')) continue;
      const what = row[field] === undefined ? 'no such field' : 'no text in it';
      const message = `${what}; instructions.${setting} names it, and the line has ${Object.keys(row).join(', ') || 'none'}`;
      context.addIssue({ code: 'custom', path: [field], message });
    }
  });
  const found: Instruction[] = [];
  for await (const row of readJsonl(path, schema)) {
    const text = String(row[textField]);
    const slice = sliceField === undefined ? 'all' : String(row[sliceField]);
    found.push({ instructionId: instructionIdOf(text), text, slice });
  }
  return found;
}
