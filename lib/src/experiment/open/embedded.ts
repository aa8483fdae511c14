// The embedded provider: the only place where the loop depends on the embedded model.
import { own } from '../../core/own.js';
import { contentHash, fileHash } from '../../core/hash.js';
import { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH } from '../../micro/seed-model.js';
import { startServerThread } from '../../micro/server/server-thread.js';
import { encodeChat } from '../../micro/tokenizer.js';
import { heldOutPairs, unlabeledInstructions } from '../../micro/world/pools.js';
import type { SliceName } from '../../micro/world/task-slice.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { ChatMessage, Completion } from '../../schema/chat.js';
import { instructionIdOf, type Instruction } from '../../schema/instruction.js';
import type { ExperimentConfig } from '../config/config.js';

type EmbeddedEndpoint = Extract<ExperimentConfig['endpoint'], { provider: 'embedded' }>;

/** SHA-256 of the checkpoints that an experiment starts from: of its seed models; a model that it trained itself counts as the default one. */
export async function embeddedSeedHashes(models: readonly string[]): Promise<string> {
  const others: Readonly<Record<string, string>> = OTHER_SEED_CHECKPOINTS;
  const paths = new Set(models.map((model) => own(others, model) ?? SEED_CHECKPOINT_PATH));
  return (await Promise.all([...paths].sort().map(fileHash))).join('+');
}

/**
 * Starts the embedded server in its own thread, on a free port of the loopback interface. It serves the seeds and every model
 * that was trained in its state folder.
 * @throws DataError where that folder cannot be used
 * @example
 * ```ts
 * const server = await startEmbeddedServer({ stateFolder: '.autodidact/embedded' });
 * console.log(server.baseUrl);
 * await server.close();
 * ```
 */
export function startEmbeddedServer(
  endpoint: { stateFolder: string } & Pick<EmbeddedEndpoint, 'workers'>,
): Promise<{ baseUrl: string; close: () => Promise<void> }> {
  return startServerThread({
    stateFolder: endpoint.stateFolder,
    ...(endpoint.workers === undefined ? {} : { nWorkers: endpoint.workers }),
  });
}

/** Which instructions of the embedded pool. */
interface EmbeddedPool {
  seed: number;
  slices: readonly SliceName[];
  count: number;
}

/** Pools that stay in memory at most: a listing of a matrix reads that of each seed once for every arm. */
const MOST_POOLS = 8;
/** By seed and slices: the instructions so far, and the generator of the rest. */
const pools = new Map<string, { instructions: Instruction[]; rest: Generator<Instruction> }>();

/** Instructions of the embedded pool, without repeats; the same are generated once. @throws RangeError as {@link unlabeledInstructions} */
export function* embeddedInstructions({ seed, slices, count }: EmbeddedPool): Generator<Instruction> {
  const key = JSON.stringify([seed, slices]);
  // The first of them are the same for every count.
  const pool = pools.get(key) ?? { instructions: [], rest: generated({ seed, slices, count: Infinity }) };
  pools.delete(key);
  pools.set(key, pool);
  for (const oldest of pools.keys()) if (pools.size > MOST_POOLS) pools.delete(oldest);
  const { instructions } = pool;
  for (let i = 0; i < count; i++) {
    if (instructions.length === i) {
      const next = pool.rest.next();
      // A generator that has thrown once is done.
      if (next.done === true) throw new RangeError(`expected ${count} instructions, found only ${i}`);
      instructions.push(next.value);
    }
    const instruction = instructions[i];
    if (instruction) yield instruction;
  }
}

function* generated(options: EmbeddedPool): Generator<Instruction> {
  for (const { text, slice } of unlabeledInstructions(options))
    yield { instructionId: instructionIdOf(text), text, slice };
}

/** Held-out pairs whose errors are of kinds that the loop never makes on purpose. */
export function* embeddedBenchmark(options: {
  split: 'dev' | 'test';
  seed: number;
  slices: readonly SliceName[];
  count: number;
  responses?: 'answer' | 'worked' | undefined;
}): Generator<BenchmarkItem> {
  for (const pair of heldOutPairs(options)) {
    yield {
      // From its content, so that the same item has the same id in every run.
      itemId: `item-${contentHash([pair.instruction, pair.winner, pair.loser]).slice(0, 16)}`,
      instruction: pair.instruction,
      slice: pair.slice,
      errorKind: pair.errorKind,
      winner: pair.winner,
      loser: pair.loser,
    };
  }
}

/** Counts tokens as the embedded server does. */
export const embeddedTokens = {
  guess: null,
  /** Of a prompt. @throws DataError for a word that the embedded model does not know */
  ofPrompt: (messages: readonly ChatMessage[]): number => encodeChat(messages).length,
  ofText: nWords,
  /** Of a completion; the token that ends it was sampled too. */
  ofCompletion: ({ text, finishReason }: Completion): number =>
    nWords(text) + (finishReason === 'stop' ? 1 : 0),
};

/** A word is a token. Words are not looked up: the model may write some that are not allowed in a prompt. */
function nWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
