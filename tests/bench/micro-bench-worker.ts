// One thread of the benchmark: raw matrix products at the model's shapes, or decoding, for a given time.
import { parentPort } from 'node:worker_threads';
import { deriveRandom } from '../../lib/src/core/random.js';
import { Arena } from '../../lib/src/micro/arena.js';
import { Decoder, defaultCapacity } from '../../lib/src/micro/decoder.js';
import { compileKernels, createMemory, instantiateKernels } from '../../lib/src/micro/kernels.js';
import { initialWeights, layoutOf } from '../../lib/src/micro/parameters.js';
import type { ModelShape, SampledChoice } from '../../lib/src/micro/types.js';

/** What to run, and for how long. */
export interface BenchTask {
  kind: 'training products' | 'decoding products' | 'decoding';
  shape: ModelShape;
  /** Rows of the training products. */
  nRows: number;
  seconds: number;
}

/** What was done. */
export interface BenchResult {
  seconds: number;
  nFlops: number;
  nPromptTokens: number;
  nSampledTokens: number;
}

/** Products alone, packed operands given: what the kernels reach at best at these shapes. Returns the operations of one call. */
function products(shape: ModelShape, nRows: number, training: boolean): () => number {
  const { blocks, head, all } = layoutOf(shape);
  const matrices = [
    ...blocks.flatMap((b) => [b.attentionIn, b.attentionOut, b.feedForwardIn, b.feedForwardOut]),
    head,
  ];
  const widest = Math.max(...all.map(({ rows, columns }) => Math.max(rows, columns)));
  const arena = new Arena();
  const a = arena.words(nRows * widest);
  const b = arena.words(Math.max(nRows, widest) * widest);
  const c = arena.words(Math.max(nRows, widest) * widest);
  const memory = createMemory(arena.end);
  const kernels = instantiateKernels(compileKernels(), memory);
  return () => {
    let nFlops = 0;
    for (const { rows, columns } of matrices) {
      kernels.multiply(a, rows, b, c, columns, nRows, columns, rows, 0);
      nFlops += 2 * nRows * rows * columns;
      if (!training) continue;
      kernels.multiply(a, columns, b, c, rows, nRows, rows, columns, 0);
      kernels.multiplyPacked(a, b, c, columns, rows, columns, nRows, 0);
      nFlops += 4 * nRows * rows * columns;
    }
    return nFlops;
  };
}

/** Waves of judge-like requests: prompts of 24 to 40 tokens, 15 choices of at most 12 tokens each. */
function decoding(shape: ModelShape): () => Pick<BenchResult, 'nFlops' | 'nPromptTokens' | 'nSampledTokens'> {
  const decoder = new Decoder(
    shape,
    { endOfSequence: 1, decodeTokens: String },
    { ...defaultCapacity, nModels: 1 },
  );
  decoder.transformer.load(0, initialWeights(shape, 1));
  const random = deriveRandom('bench-prompts');
  let seed = 0;
  return () => {
    const before = decoder.transformer.nFlops;
    let nPromptTokens = 0;
    let nSampledTokens = 0;
    const onDone = (choices: SampledChoice[]): void => {
      for (const { nSampled } of choices) nSampledTokens += nSampled;
    };
    for (let i = 0; i < 100; i++) {
      const promptTokens = Array.from({ length: 24 + random.below(17) }, () =>
        random.below(shape.vocabularySize),
      );
      nPromptTokens += promptTokens.length;
      const settings = {
        promptTokens,
        temperature: 0.7,
        topP: 1,
        maxTokens: 12,
        seed: seed++,
        stop: [],
        topLogprobs: null,
      };
      decoder.submit({ model: 0, settings, firstChoice: 0, nChoices: 15, onToken: null, onDone });
    }
    while (decoder.step());
    return { nFlops: decoder.transformer.nFlops - before, nPromptTokens, nSampledTokens };
  };
}

function run({ kind, shape, nRows, seconds }: BenchTask): BenchResult {
  const product = kind === 'decoding' ? null : products(shape, nRows, kind === 'training products');
  const wave = kind === 'decoding' ? decoding(shape) : null;
  const total = { nFlops: 0, nPromptTokens: 0, nSampledTokens: 0 };
  // The first part of the time goes to the compiler.
  for (const share of [0.5, 1]) {
    Object.assign(total, { nFlops: 0, nPromptTokens: 0, nSampledTokens: 0 });
    const start = performance.now();
    while (performance.now() - start < 1000 * seconds * share) {
      const done = wave?.() ?? { nFlops: product?.() ?? 0, nPromptTokens: 0, nSampledTokens: 0 };
      total.nFlops += done.nFlops;
      total.nPromptTokens += done.nPromptTokens;
      total.nSampledTokens += done.nSampledTokens;
    }
    if (share === 1) return { ...total, seconds: (performance.now() - start) / 1000 };
  }
  throw new Error('unreachable');
}

parentPort?.on('message', (task: BenchTask) => parentPort?.postMessage(run(task)));
