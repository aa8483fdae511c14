// Where instructions come from: the embedded world, or files of the user's.
import { z } from 'zod';
import { ConfigError } from '../core/errors.js';
import { fileHash } from '../core/hash.js';
import { readJsonl } from '../core/jsonl.js';
import { deriveRandom, deriveSeed } from '../core/random.js';
import { instructionIdOf, type Instruction } from '../schema/instruction.js';
import { selectInstructions } from '../select/index.js';
import type { ExperimentConfig } from './config.js';
import { embeddedInstructions } from './embedded.js';
import { existingFile } from './existing-file.js';

/** The instructions of an experiment, in the order in which iterations take them. */
export interface InstructionSource {
  /** The whole pool, from its start. */
  read: () => Iterable<Instruction>;
  /** SHA-256 of the file, or null for the embedded world, which the seed checkpoint's version stands for. */
  fileHash: string | null;
}

/** The round of an iteration, from 0: with fresh instructions each has its own, otherwise all share the first. */
export function roundOf(iteration: number, { instructions }: ExperimentConfig): number {
  return instructions.fresh ? iteration - 1 : 0;
}

/**
 * Opens the instructions of an experiment and sees to it that they are enough for all iterations.
 * @param configPath the experiment file; relative paths in it are taken from its folder
 * @throws ConfigError for a missing file or too few instructions, DataError for a bad file
 */
export async function openInstructions(
  config: ExperimentConfig,
  configPath: string,
): Promise<InstructionSource> {
  const source = await openPool(config, configPath);
  await requireEnough(source, config);
  return source;
}

async function openPool(config: ExperimentConfig, configPath: string): Promise<InstructionSource> {
  const { instructions, iterations, seed } = config;
  if (instructions.source === 'embedded') {
    const { slices, perIteration } = instructions;
    const nRounds = roundOf(iterations, config) + 1;
    // Slices take turns, so each must be offered as many as the fullest of them needs.
    const count = Math.ceil(perIteration / slices.length) * slices.length * nRounds;
    return {
      read: () => embeddedInstructions({ seed: deriveSeed(seed, 'instructions'), slices, count }),
      fileHash: null,
    };
  }
  const path = await existingFile(instructions.path, 'instructions.path', configPath);
  const all = deriveRandom(seed, 'instructions').shuffled(await readInstructions(path, instructions));
  return { read: () => all, fileHash: await fileHash(path) };
}

/** Looks whether the last round would still find what it needs, before anything is paid for. */
async function requireEnough(source: InstructionSource, config: ExperimentConfig): Promise<void> {
  const { slices, perIteration, fresh } = config.instructions;
  const round = roundOf(config.iterations, config);
  let found = 0;
  try {
    for await (const { kind } of selectInstructions(source.read(), { slices, count: perIteration, round })) {
      if (kind === 'kept') found++;
    }
  } catch (thrown) {
    // The embedded world says so in its own way when a slice has no more.
    if (!(thrown instanceof RangeError)) throw thrown;
  }
  if (found === perIteration) return;
  const times = fresh ? `${config.iterations} times ` : '';
  throw new ConfigError({
    subject: 'instructions.perIteration',
    expected: `a pool with ${times}${perIteration} different instructions, equally many of ${slices.join(', ')}`,
    received: `one in which the last iteration would find only ${found}`,
    remedy:
      'Lower instructions.perIteration or iterations, set instructions.fresh to false, or enlarge the pool.',
  });
}

async function readInstructions(
  path: string,
  { textField, sliceField }: { textField: string; sliceField?: string | undefined },
): Promise<Instruction[]> {
  const schema = z.looseObject({
    [textField]: z.string().min(1),
    ...(sliceField === undefined ? {} : { [sliceField]: z.string().min(1) }),
  });
  const found: Instruction[] = [];
  for await (const row of readJsonl(path, schema)) {
    const text = String(row[textField]);
    const slice = sliceField === undefined ? 'all' : String(row[sliceField]);
    found.push({ instructionId: instructionIdOf(text), text, slice });
  }
  return found;
}
