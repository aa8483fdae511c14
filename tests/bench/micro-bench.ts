// Speed of the embedded model: training and decoding, as a share of what its own matrix kernels reach at the same shapes.
//
// Useful floating-point operations, nothing else counted:
//   training    6 x matrix weights (without embeddings) x rows, + 12 x width x layers x positions seen by each row (causal attention,
//               forward 4 and backward 8), + the products of Muon's Newton-Schulz steps, once per step.
//   decoding    2 x matrix weights x rows, + 4 x width x layers x positions seen; in the last layer only for rows whose logits are
//               needed, beyond their keys and values.
// A sequence of n tokens has n - 1 training rows.
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { deriveRandom } from '../../lib/src/core/random.js';
import { muonFlops } from '../../lib/src/micro/optimizer.js';
import { initialWeights, layoutOf } from '../../lib/src/micro/parameters.js';
import { TrainingSession } from '../../lib/src/micro/trainer.js';
import type { ModelShape, TrainingSequence } from '../../lib/src/micro/types.js';
import { startWorkerThread } from '../../lib/src/core/worker-thread.js';
import type { BenchResult, BenchTask } from './micro-bench-worker.js';

/** Results with one number of threads; rates are of all threads together. */
export interface MicroBenchRow {
  nThreads: number;
  trainingProductsGflops: number;
  trainingTokensPerSecond: number;
  trainingGflops: number;
  /** Of the rate of the products, 0 to 1. */
  trainingShare: number;
  decodingProductsGflops: number;
  /** Sampled tokens; prompt tokens come on top. */
  sampledTokensPerSecond: number;
  promptTokensPerSecond: number;
  decodingGflops: number;
  decodingShare: number;
}

const shape: ModelShape = {
  vocabularySize: 64,
  width: 64,
  layers: 4,
  heads: 4,
  hidden: 256,
  contextLength: 64,
};
const batchSize = 32;
/** Rows of one shard of such a batch, about. */
const shardRows = 280;
const seconds = 1;

/** Measures with one and with two threads, prints a table and returns it. Takes about 15 seconds. */
export async function benchMicro(): Promise<MicroBenchRow[]> {
  const rows: MicroBenchRow[] = [];
  for (const nThreads of [1, 2]) {
    const threads = Array.from({ length: nThreads }, () =>
      startWorkerThread(new URL('./micro-bench-worker', import.meta.url), null),
    );
    // Products are measured before and after, so that a change of the machine's speed in between does not count.
    const trainingBefore = await runOnAll(threads, 'training products');
    const training = await train(nThreads);
    const trainingAfter = await runOnAll(threads, 'training products');
    const decodingBefore = await runOnAll(threads, 'decoding products');
    const decoding = await runOnAll(threads, 'decoding');
    const decodingAfter = await runOnAll(threads, 'decoding products');
    await Promise.all(threads.map((thread) => thread.terminate()));
    const trainingProductsGflops = (trainingBefore.gflops + trainingAfter.gflops) / 2;
    const decodingProductsGflops = (decodingBefore.gflops + decodingAfter.gflops) / 2;
    rows.push({
      nThreads,
      trainingProductsGflops,
      trainingTokensPerSecond: training.tokensPerSecond,
      trainingGflops: training.gflops,
      trainingShare: training.gflops / trainingProductsGflops,
      decodingProductsGflops,
      sampledTokensPerSecond: decoding.sampledPerSecond,
      promptTokensPerSecond: decoding.promptPerSecond,
      decodingGflops: decoding.gflops,
      decodingShare: decoding.gflops / decodingProductsGflops,
    });
  }
  print(rows);
  return rows;
}

interface Rates {
  gflops: number;
  sampledPerSecond: number;
  promptPerSecond: number;
}

async function runOnAll(threads: readonly Worker[], kind: BenchTask['kind']): Promise<Rates> {
  const nRows = kind === 'training products' ? shardRows : 192;
  const task: BenchTask = { kind, shape, nRows, seconds };
  const answers = threads.map(async (thread) => {
    const [result] = (await once(thread, 'message')) as [BenchResult];
    return result;
  });
  for (const thread of threads) thread.postMessage(task);
  const rates = { gflops: 0, sampledPerSecond: 0, promptPerSecond: 0 };
  for (const result of await Promise.all(answers)) {
    rates.gflops += result.nFlops / result.seconds / 1e9;
    rates.sampledPerSecond += result.nSampledTokens / result.seconds;
    rates.promptPerSecond += result.nPromptTokens / result.seconds;
  }
  return rates;
}

async function train(nWorkers: number): Promise<{ tokensPerSecond: number; gflops: number }> {
  const random = deriveRandom('bench-training');
  const batch = (): TrainingSequence[] =>
    Array.from({ length: batchSize }, () => {
      const length = 24 + random.below(24);
      return {
        tokens: Array.from({ length }, () => random.below(shape.vocabularySize)),
        lossFrom: length - 8,
      };
    });
  const session = new TrainingSession({
    shape,
    weights: initialWeights(shape, 1),
    maxBatchSequences: batchSize,
    nWorkers,
  });
  const rate = 1e-3;
  try {
    for (let i = 0; i < 15; i++) await session.step(batch(), rate);
    let nTokens = 0;
    let nFlops = 0;
    const start = performance.now();
    let waiting: Promise<unknown> = Promise.resolve();
    while (performance.now() - start < 2000 * seconds) {
      const sequences = batch();
      const step = session.step(sequences, rate);
      await waiting;
      waiting = step;
      for (const { tokens } of sequences) nTokens += tokens.length;
      nFlops += trainingFlops(sequences);
    }
    await waiting;
    const elapsed = (performance.now() - start) / 1000;
    return { tokensPerSecond: nTokens / elapsed, gflops: nFlops / elapsed / 1e9 };
  } finally {
    await session.close();
  }
}

function trainingFlops(sequences: readonly TrainingSequence[]): number {
  const { all, tokenEmbedding, previousEmbedding } = layoutOf(shape);
  const matrices = all.filter((parameter) => parameter !== tokenEmbedding && parameter !== previousEmbedding);
  const nWeights = matrices.reduce((sum, { rows, columns }) => sum + rows * columns, 0);
  const muon = matrices.filter(({ optimizer }) => optimizer === 'muon');
  let nFlops = muon.reduce((sum, parameter) => sum + muonFlops(parameter), 0);
  for (const { tokens } of sequences) {
    const nRows = tokens.length - 1;
    nFlops += 6 * nWeights * nRows + (12 * shape.width * shape.layers * nRows * (nRows + 1)) / 2;
  }
  return nFlops;
}

function print(rows: readonly MicroBenchRow[]): void {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  for (const row of rows) {
    console.log(`embedded model, ${row.nThreads} thread${row.nThreads > 1 ? 's' : ''}`);
    console.log(
      `  training  ${whole(row.trainingTokensPerSecond)} tokens/s, ${row.trainingGflops.toFixed(1)} GFLOP/s = ` +
        `${whole(100 * row.trainingShare)}% of its products' ${row.trainingProductsGflops.toFixed(1)}`,
    );
    console.log(
      `  decoding  ${whole(row.sampledTokensPerSecond)} sampled + ${whole(row.promptTokensPerSecond)} prompt tokens/s, ` +
        `${row.decodingGflops.toFixed(1)} GFLOP/s = ${whole(100 * row.decodingShare)}% of its products' ` +
        row.decodingProductsGflops.toFixed(1),
    );
  }
}
