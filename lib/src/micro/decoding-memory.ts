// The memory of one decoding thread: weights of several models, the paged cache of keys and values, and working places.
import { Arena } from './arena.js';
import type { Address, Kernels } from './kernels.js';
import { positionsPerPage } from './page-pool.js';
import { layoutOf, type Parameter, type ParameterLayout } from './parameters.js';
import { planRotaryTables, type RotaryTables } from './rotary.js';
import type { ModelShape } from './types.js';

/** How much one decoding thread does at once. */
export interface DecodingCapacity {
  /** Most rows (tokens) of one step. */
  maxRows: number;
  /** Sequences with a place in the page table: running completions and prompts. */
  maxSequences: number;
  /** Pages of the cache, 8 positions each. */
  nPages: number;
  /** Models whose weights are kept. */
  nModels: number;
}

/** Where one model's weights stand: embeddings as they are, matrices packed for the kernels. */
export interface ModelPlaces {
  tokenEmbedding: Address;
  previousEmbedding: Address;
  blocks: { attentionIn: Address; attentionOut: Address; feedForwardIn: Address; feedForwardOut: Address }[];
  head: Address;
}

/** Where everything stands. */
export interface DecodingMemory {
  layout: ParameterLayout;
  models: ModelPlaces[];
  /** i32, one element per row: token, the one before it, position, place in the page table. */
  tokens: Address;
  previous: Address;
  positions: Address;
  sequences: Address;
  /** i32 [maxSequences, pagesPerSequence] */
  pageTable: Address;
  pagesPerSequence: number;
  /** Bytes of one page of one layer, and of all pages of one layer. */
  pageBytes: number;
  layerBytes: number;
  pool: Address;
  stream: Address;
  normalized: Address;
  factors: Address;
  qkv: Address;
  gathered: Address;
  inner: Address;
  logits: Address;
  masses: Address;
  scores: Address;
  rotary: RotaryTables;
  /** A weight matrix on its way to being packed. */
  unpacked: Address;
  bytes: number;
}

/** Lays the memory out. @throws ConfigError for a shape that cannot be built. */
export function planDecodingMemory(shape: ModelShape, capacity: DecodingCapacity): DecodingMemory {
  const layout = layoutOf(shape);
  const { width, hidden, vocabularySize, layers } = shape;
  const { maxRows, maxSequences, nPages, nModels } = capacity;
  const arena = new Arena();
  const room = ({ rows, columns }: Parameter): Address => arena.words(rows * columns);
  const pagesPerSequence = Math.ceil(shape.contextLength / positionsPerPage);
  const pageBytes = 4 * 2 * positionsPerPage * width;
  return {
    layout,
    models: Array.from({ length: nModels }, () => ({
      tokenEmbedding: room(layout.tokenEmbedding),
      previousEmbedding: room(layout.previousEmbedding),
      blocks: layout.blocks.map((block) => ({
        attentionIn: room(block.attentionIn),
        attentionOut: room(block.attentionOut),
        feedForwardIn: room(block.feedForwardIn),
        feedForwardOut: room(block.feedForwardOut),
      })),
      head: room(layout.head),
    })),
    tokens: arena.words(maxRows),
    previous: arena.words(maxRows),
    positions: arena.words(maxRows),
    sequences: arena.words(maxRows),
    pageTable: arena.words(maxSequences * pagesPerSequence),
    pagesPerSequence,
    pageBytes,
    layerBytes: nPages * pageBytes,
    pool: arena.words((layers * nPages * pageBytes) / 4),
    stream: arena.words(maxRows * width),
    normalized: arena.words(maxRows * width),
    factors: arena.words(maxRows),
    qkv: arena.words(maxRows * 3 * width),
    gathered: arena.words(maxRows * width),
    inner: arena.words(maxRows * hidden),
    logits: arena.words(maxRows * vocabularySize),
    masses: arena.words(vocabularySize),
    scores: arena.words(shape.heads * (pagesPerSequence + 1) * positionsPerPage),
    rotary: planRotaryTables(arena, shape),
    unpacked: arena.words(Math.max(...layout.all.map(({ rows, columns }) => rows * columns))),
    bytes: arena.end,
  };
}

/** Copies a model's weights in, and packs its matrices. */
export function placeWeights(
  { model, places }: { model: ModelPlaces; places: DecodingMemory },
  weights: Float32Array,
  { kernels, memory }: { kernels: Kernels; memory: WebAssembly.Memory },
): void {
  const put = ({ rows, columns, offset }: Parameter, to: Address): void => {
    const count = rows * columns;
    new Float32Array(memory.buffer, to, count).set(weights.subarray(offset, offset + count));
  };
  const pack = (parameter: Parameter, to: Address): void => {
    put(parameter, places.unpacked);
    kernels.packRows(places.unpacked, parameter.columns, parameter.rows, parameter.columns, to);
  };
  const { layout } = places;
  put(layout.tokenEmbedding, model.tokenEmbedding);
  put(layout.previousEmbedding, model.previousEmbedding);
  model.blocks.forEach((block, i) => {
    const parameters = layout.blocks[i];
    if (parameters === undefined) throw new RangeError(`placeWeights: no block ${i}`);
    pack(parameters.attentionIn, block.attentionIn);
    pack(parameters.attentionOut, block.attentionOut);
    pack(parameters.feedForwardIn, block.feedForwardIn);
    pack(parameters.feedForwardOut, block.feedForwardOut);
  });
  pack(layout.head, model.head);
}
