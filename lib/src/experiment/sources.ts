// Where instructions and benchmark items come from: the embedded world, or files of the user's.
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError } from '../core/errors.js';
import { exists } from '../core/files.js';
import { readJsonl } from '../core/jsonl.js';
import { deriveRandom, deriveSeed } from '../core/random.js';
import { benchmarkItemSchema, type BenchmarkItem } from '../schema/benchmark-item.js';
import type { Instruction } from '../schema/instruction.js';
import { EMBEDDED_SLICES, type ExperimentConfig } from './config.js';
import { embeddedBenchmark, embeddedInstructions } from './embedded.js';
import { instructionIdOf } from './record-ids.js';

/** Offers candidate instructions to an iteration, more than it needs where there are more. */
export interface InstructionSource {
  read: (iteration: number) => Iterable<Instruction>;
}

/**
 * Opens the instructions of an experiment.
 * @param configPath the experiment file; relative paths in it are taken from its folder
 * @throws ConfigError for a missing file, DataError for a bad one
 */
export async function openInstructions(
  config: ExperimentConfig,
  configPath: string,
): Promise<InstructionSource> {
  const { instructions, iterations, seed } = config;
  const offsetOf = (iteration: number): number =>
    instructions.fresh ? (iteration - 1) * instructions.perIteration : 0;
  if (instructions.source === 'embedded') {
    return {
      read: (iteration) =>
        skip(
          embeddedInstructions({
            seed: deriveSeed(seed, 'instructions'),
            slices: instructions.slices,
            count: instructions.perIteration * iterations,
          }),
          offsetOf(iteration),
        ),
    };
  }
  const path = await existingFile(instructions.path, 'instructions.path', configPath);
  const all = deriveRandom(seed, 'instructions').shuffled(await readInstructions(path, instructions));
  // A pool that is used up is begun again.
  return {
    read: (iteration) => {
      const offset = all.length === 0 ? 0 : offsetOf(iteration) % all.length;
      return [...all.slice(offset), ...all.slice(0, offset)];
    },
  };
}

/** Opens the benchmark of an experiment. @throws ConfigError for a missing file, DataError for a bad or empty one */
export async function openBenchmark(config: ExperimentConfig, configPath: string): Promise<BenchmarkItem[]> {
  const { benchmark } = config.evaluate;
  if (benchmark.source === 'embedded') {
    // Always all slices, so that judges trained on fewer are measured alike.
    const { split, seed, pairs } = benchmark;
    return [...embeddedBenchmark({ split, seed, slices: EMBEDDED_SLICES, count: pairs })];
  }
  const path = await existingFile(benchmark.path, 'evaluate.benchmark.path', configPath);
  const items: BenchmarkItem[] = [];
  for await (const item of readJsonl(path, benchmarkItemSchema)) items.push(item);
  if (items.length > 0) return items;
  throw new DataError({
    subject: path,
    expected: 'at least one benchmark item',
    received: 'an empty file',
    remedy: 'Fill it with lines of {itemId, instruction, slice, errorKind, winner, loser}.',
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

async function existingFile(path: string, key: string, configPath: string): Promise<string> {
  const absolute = resolve(dirname(configPath), path);
  if (await exists(absolute)) return absolute;
  throw new ConfigError({
    subject: `${configPath}, ${key}`,
    expected: 'a file',
    received: `none at ${absolute}`,
    remedy: 'Mend the path; it is taken from the folder of the experiment file.',
  });
}

function* skip<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let index = 0;
  for (const item of items) if (index++ >= count) yield item;
}
