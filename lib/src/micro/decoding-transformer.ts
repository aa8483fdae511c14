// The transformer in decoding: one step for rows of many sequences, each against its own cached keys and values.
import {
  placeWeights,
  planDecodingMemory,
  type DecodingCapacity,
  type DecodingMemory,
  type ModelPlaces,
} from './decoding-memory.js';
import { compileKernels, createMemory, instantiateKernels, type Kernels } from './kernels.js';
import { positionsPerPage } from './page-pool.js';
import { fillRotaryTables } from './rotary.js';
import type { ModelShape } from './types.js';

/** One token to be read by the model. */
export interface DecodingRow {
  token: number;
  /** The token before it; 0 at the start. */
  previous: number;
  position: number;
  /** Place of its sequence in the page table. */
  sequence: number;
}

/**
 * Computes rows. A row's result depends on its sequence alone, bit for bit: every row passes through the same operations in the same
 * order, independent of the rows beside it and of whether it belongs to a prompt or to a completion.
 */
export class DecodingTransformer {
  readonly shape: ModelShape;
  readonly #places: DecodingMemory;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  readonly #rows: { tokens: Int32Array; previous: Int32Array; positions: Int32Array; sequences: Int32Array };
  readonly #pageTable: Int32Array;
  /** One view for each row. */
  readonly #logits: Float32Array[];
  readonly #masses: Float32Array;
  #nFlops = 0;

  constructor(shape: ModelShape, capacity: DecodingCapacity) {
    this.shape = shape;
    this.#places = planDecodingMemory(shape, capacity);
    this.#memory = createMemory(this.#places.bytes);
    this.#kernels = instantiateKernels(compileKernels(), this.#memory);
    fillRotaryTables(this.#places.rotary, this.#memory, shape);
    const places = this.#places;
    const i32 = (at: number, count: number): Int32Array => new Int32Array(this.#memory.buffer, at, count);
    this.#rows = {
      tokens: i32(places.tokens, capacity.maxRows),
      previous: i32(places.previous, capacity.maxRows),
      positions: i32(places.positions, capacity.maxRows),
      sequences: i32(places.sequences, capacity.maxRows),
    };
    this.#pageTable = i32(places.pageTable, capacity.maxSequences * places.pagesPerSequence);
    const { vocabularySize } = shape;
    this.#logits = Array.from(
      { length: capacity.maxRows },
      (_, row) =>
        new Float32Array(this.#memory.buffer, places.logits + 4 * row * vocabularySize, vocabularySize),
    );
    this.#masses = new Float32Array(this.#memory.buffer, places.masses, shape.vocabularySize);
  }

  /** Useful floating-point operations so far: 2 per weight and row, and 4 per row, position seen, width and layer in attention. */
  get nFlops(): number {
    return this.#nFlops;
  }

  /** Puts a model's weights into place `model` (0 to nModels - 1). */
  load(model: number, weights: Float32Array): void {
    const at = { model: this.#placesOf(model), places: this.#places };
    placeWeights(at, weights, { kernels: this.#kernels, memory: this.#memory });
  }

  /** Tells where a sequence's positions stand: page i holds positions 8i to 8i + 7. */
  setPages(sequence: number, pages: readonly number[]): void {
    this.#pageTable.set(pages, sequence * this.#places.pagesPerSequence);
  }

  /** Copies one page, in all layers. */
  copyPage(from: number, to: number): void {
    const { pool, pageBytes, layerBytes } = this.#places;
    for (let layer = 0; layer < this.shape.layers; layer++) {
      const start = pool + layer * layerBytes;
      this.#kernels.copy(start + to * pageBytes, start + from * pageBytes, pageBytes / 4);
    }
  }

  setRow(row: number, { token, previous, position, sequence }: DecodingRow): void {
    const rows = this.#rows;
    rows.tokens[row] = token;
    rows.previous[row] = previous;
    rows.positions[row] = position;
    rows.sequences[row] = sequence;
  }

  /**
   * Reads rows 0 to nRows - 1 and computes the logits of the first `nWithLogits`. Rows of one sequence may come in any order; the
   * positions before them must have been read already, or be among them.
   */
  run(model: number, nRows: number, nWithLogits: number): void {
    const weights = this.#placesOf(model);
    const kernels = this.#kernels;
    const places = this.#places;
    const { width, hidden, heads, vocabularySize, layers } = this.shape;
    const { stream, normalized, factors, qkv, gathered, inner, rotary, positions, sequences, pageTable } =
      places;
    const headSize = width / heads;
    this.#count(nRows, nWithLogits);
    kernels.embed(
      stream,
      places.tokens,
      places.previous,
      weights.tokenEmbedding,
      weights.previousEmbedding,
      nRows,
      width,
    );
    for (const [layer, block] of weights.blocks.entries()) {
      const cache = places.pool + layer * places.layerBytes;
      kernels.normalize(normalized, stream, factors, nRows, width);
      kernels.multiply(normalized, width, block.attentionIn, qkv, 3 * width, nRows, 3 * width, width, 0);
      kernels.rotate(qkv, positions, rotary.cosines, rotary.sines, nRows, width, headSize, 1);
      kernels.appendToPages(
        qkv,
        sequences,
        positions,
        nRows,
        width,
        cache,
        pageTable,
        places.pagesPerSequence,
      );
      // After the last layer's keys and values, only the rows that need logits are still of use.
      const n = layer === layers - 1 ? nWithLogits : nRows;
      kernels.attendToPages(
        gathered,
        qkv,
        sequences,
        positions,
        n,
        width,
        headSize,
        cache,
        pageTable,
        places.pagesPerSequence,
        places.scores,
      );
      kernels.multiply(gathered, width, block.attentionOut, stream, width, n, width, width, 1);
      kernels.normalize(normalized, stream, factors, n, width);
      kernels.multiply(normalized, width, block.feedForwardIn, inner, hidden, n, hidden, width, 0);
      kernels.squaredRelu(inner, inner, n * hidden);
      kernels.multiply(inner, hidden, block.feedForwardOut, stream, width, n, width, hidden, 1);
    }
    kernels.normalize(normalized, stream, factors, nWithLogits, width);
    kernels.multiply(
      normalized,
      width,
      weights.head,
      places.logits,
      vocabularySize,
      nWithLogits,
      vocabularySize,
      width,
      0,
    );
  }

  /** Logits of a row of the last step; a view that the next step overwrites. */
  logitsOf(row: number): Float32Array {
    const logits = this.#logits[row];
    if (logits === undefined) throw new RangeError(`DecodingTransformer: no row ${row}`);
    return logits;
  }

  /** Probabilities at a temperature, up to their sum, of a row of logits; a view that the next call overwrites. */
  massesOf(logits: Float32Array, temperature: number): Float32Array {
    this.#masses.set(logits);
    // Below 1e-6 the likeliest token takes all in f32 anyway.
    const inverse = 1 / Math.max(temperature, 1e-6);
    const { masses } = this.#places;
    this.#kernels.unnormalizedProbabilities(masses, masses, this.shape.vocabularySize, inverse);
    return this.#masses;
  }

  #placesOf(model: number): ModelPlaces {
    const places = this.#places.models[model];
    if (places === undefined) throw new RangeError(`DecodingTransformer: no place ${model} for a model`);
    return places;
  }

  #count(nRows: number, nWithLogits: number): void {
    const { width, hidden, layers, vocabularySize } = this.shape;
    const afterKeys = 2 * width * width + 4 * width * hidden;
    let flops = nRows * layers * 6 * width * width + nWithLogits * 2 * width * vocabularySize;
    flops += (nRows * (layers - 1) + nWithLogits) * afterKeys;
    for (let row = 0; row < nRows; row++) {
      const nSeen = (this.#rows.positions[row] ?? 0) + 1;
      flops += 4 * width * nSeen * (row < nWithLogits ? layers : layers - 1);
    }
    this.#nFlops += flops;
  }
}

/** Pages for a number of positions. */
export function pagesFor(nPositions: number): number {
  return Math.ceil(nPositions / positionsPerPage);
}
