// The embedded provider: the one place where the loop learns that the embedded model exists.
import { fileHash } from '../core/hash.js';
import { SEED_CHECKPOINT_PATH } from '../micro/seed-model.js';
import { startServerThread } from '../micro/server/server-thread.js';
import { heldOutPairs, unlabeledInstructions } from '../micro/world/pools.js';
import type { SliceName } from '../micro/world/task-slice.js';
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type { Instruction } from '../schema/instruction.js';
import type { ExperimentConfig } from './config.js';
import { instructionIdOf, itemIdOf } from './record-ids.js';

type EmbeddedEndpoint = Extract<ExperimentConfig['endpoint'], { provider: 'embedded' }>;

/** A server of this process. */
export interface EmbeddedServer {
  baseUrl: string;
  /** Identity of a model, whatever port the server has: the seed's weights and the model's own, content-made name. */
  identityOf: (model: string) => string;
  close: () => Promise<void>;
}

/** Starts the embedded server in a thread of its own, on a free port of the loopback interface. */
export async function startEmbeddedServer(endpoint: EmbeddedEndpoint): Promise<EmbeddedServer> {
  const seedHash = await fileHash(SEED_CHECKPOINT_PATH);
  const server = await startServerThread({
    stateFolder: endpoint.stateFolder,
    ...(endpoint.workers === undefined ? {} : { nWorkers: endpoint.workers }),
  });
  return {
    baseUrl: server.baseUrl,
    identityOf: (model) => `embedded:${seedHash}:${model}`,
    close: () => server.close(),
  };
}

/** Instructions of the embedded pool, without repeats. */
export function* embeddedInstructions(options: {
  seed: number;
  slices: readonly SliceName[];
  count: number;
}): Generator<Instruction> {
  for (const { text, slice } of unlabeledInstructions(options)) {
    yield { instructionId: instructionIdOf(text), text, slice };
  }
}

/** Held-out pairs whose errors are of kinds that the loop never makes on purpose. */
export function* embeddedBenchmark(options: {
  split: 'dev' | 'test';
  seed: number;
  slices: readonly SliceName[];
  count: number;
}): Generator<BenchmarkItem> {
  for (const pair of heldOutPairs(options)) {
    yield {
      itemId: itemIdOf(pair.instruction, pair.winner, pair.loser),
      instruction: pair.instruction,
      slice: pair.slice,
      errorKind: pair.errorKind,
      winner: pair.winner,
      loser: pair.loser,
    };
  }
}
