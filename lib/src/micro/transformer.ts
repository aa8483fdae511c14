// The transformer in training: loss of whole sequences and its gradient by hand-written back-propagation.
//
// Decoder-only, pre-norm: x += Attention(norm(x)); x += FeedForward(norm(x)), with RMSNorm without gain, rotary positions and a
// squared-ReLU feed-forward part (So et al. 2021, https://arxiv.org/abs/2109.08668). The input is the embedding of the token plus
// another embedding of the token before it: so a key can say "what stood before me", which looking things up needs.
import type { Activations, BlockActivations } from './activations.js';
import type { Address, Kernels } from './kernels.js';
import type { BlockParameters, Parameter, ParameterLayout } from './parameters.js';
import type { ModelShape } from './types.js';

/** Training rows in the kernels' memory: whole sequences, one after the other. All arrays have one element per row. */
export interface RowBlock {
  nRows: number;
  nSequences: number;
  /** i32: rows of each sequence (one element per sequence). */
  lengths: Address;
  /** i32: token, the token before it (0 at the start), its position, and the token to predict. */
  tokens: Address;
  previous: Address;
  positions: Address;
  targets: Address;
  /** f32: weight of the row's loss. */
  weights: Address;
}

/** What a transformer is made of. All addresses belong to the kernels' memory. */
export interface TransformerParts {
  kernels: Kernels;
  shape: ModelShape;
  layout: ParameterLayout;
  /** Where the flat block of weights stands. */
  weights: Address;
  activations: Activations;
}

/** Computes loss and gradient for blocks of rows. One instance per thread: its activations are its own. */
export class Transformer {
  readonly #kernels: Kernels;
  readonly #shape: ModelShape;
  readonly #layout: ParameterLayout;
  readonly #weights: Address;
  readonly #act: Activations;

  constructor(parts: TransformerParts) {
    this.#kernels = parts.kernels;
    this.#shape = parts.shape;
    this.#layout = parts.layout;
    this.#weights = parts.weights;
    this.#act = parts.activations;
  }

  /**
   * Sum over rows of weight x negative log-likelihood (nats) of the target.
   * @param gradient where to add the gradient of that sum (same layout as the weights); null computes the loss alone.
   */
  loss(rows: RowBlock, gradient: Address | null): number {
    this.forward(rows);
    const loss = this.#crossEntropy(rows, 0, rows.nRows);
    if (gradient !== null) this.#backward(rows, gradient);
    return loss;
  }

  /**
   * The same sum for each sequence by itself.
   * @param lengths rows of each sequence
   */
  sequenceLosses(rows: RowBlock, lengths: readonly number[]): number[] {
    this.forward(rows);
    let row = 0;
    return lengths.map((length) => {
      const loss = this.#crossEntropy(rows, row, length);
      row += length;
      return loss;
    });
  }

  /**
   * Adds the gradient of any function of the losses that {@link sequenceLosses} gave last, for the same rows.
   * @param slopes by how much that function changes with each sequence's loss
   */
  addSequenceGradient(
    rows: RowBlock,
    { lengths, slopes }: { lengths: readonly number[]; slopes: readonly number[] },
    gradient: Address,
  ): void {
    const { vocabularySize } = this.#shape;
    let at = this.#act.logits;
    for (const [i, length] of lengths.entries()) {
      this.#kernels.combine(at, at, at, slopes[i] ?? 0, 0, length * vocabularySize);
      at += 4 * length * vocabularySize;
    }
    this.#backward(rows, gradient);
  }

  /** Loss of some of the rows; in their places the logits become the loss's gradient by the logits. */
  #crossEntropy(rows: RowBlock, first: number, count: number): number {
    const { vocabularySize } = this.#shape;
    return this.#kernels.crossEntropy(
      this.#act.logits + 4 * first * vocabularySize,
      rows.targets + 4 * first,
      rows.weights + 4 * first,
      count,
      vocabularySize,
    );
  }

  /** From the gradient by the logits to that by the weights. */
  #backward(rows: RowBlock, gradient: Address): void {
    const act = this.#act;
    const { width } = this.#shape;
    const { head, blocks, tokenEmbedding, previousEmbedding } = this.#layout;
    this.#addGradient(head, act.headInput, act.logits, rows.nRows, gradient);
    this.#backThrough(head, act.logits, act.dInput, rows.nRows);
    this.#kernels.zero(act.dStream, rows.nRows * width);
    this.#kernels.normalizeBackward(
      act.dStream,
      act.dInput,
      act.headInput,
      act.headFactors,
      rows.nRows,
      width,
    );
    for (let i = blocks.length - 1; i >= 0; i--) {
      const block = blocks[i] as BlockParameters;
      const blockAct = act.blocks[i] as BlockActivations;
      this.#feedForwardBackward(block, blockAct, rows, gradient);
      this.#attentionBackward(block, blockAct, rows, gradient);
    }
    for (const [table, tokens] of [
      [tokenEmbedding, rows.tokens],
      [previousEmbedding, rows.previous],
    ] as const) {
      this.#kernels.embedBackward(gradient + 4 * table.offset, tokens, act.dStream, rows.nRows, width);
    }
  }

  /** Logits of every row; returns their address, [nRows, vocabularySize]. */
  forward(rows: RowBlock): Address {
    const kernels = this.#kernels;
    const act = this.#act;
    const { width, vocabularySize } = this.#shape;
    const { tokenEmbedding, previousEmbedding, blocks, head } = this.#layout;
    const table = this.#weights + 4 * tokenEmbedding.offset;
    const previousTable = this.#weights + 4 * previousEmbedding.offset;
    kernels.embed(act.stream, rows.tokens, rows.previous, table, previousTable, rows.nRows, width);
    blocks.forEach((block, i) => {
      const blockAct = act.blocks[i] as BlockActivations;
      this.#attention(block, blockAct, rows);
      this.#feedForward(block, blockAct, rows.nRows);
    });
    kernels.normalize(act.headInput, act.stream, act.headFactors, rows.nRows, width);
    this.#multiply(head, act.headInput, act.logits, { nRows: rows.nRows, ldc: vocabularySize });
    return act.logits;
  }

  #attention(block: BlockParameters, act: BlockActivations, rows: RowBlock): void {
    const kernels = this.#kernels;
    const { stream, rotary, attentionScratch } = this.#act;
    const { width, heads } = this.#shape;
    const headSize = width / heads;
    const { nRows } = rows;
    kernels.normalize(act.attentionInput, stream, act.attentionFactors, nRows, width);
    this.#multiply(block.attentionIn, act.attentionInput, act.qkv, { nRows, ldc: 3 * width });
    kernels.rotate(act.qkv, rows.positions, rotary.cosines, rotary.sines, nRows, width, headSize, 1);
    kernels.attend(
      act.qkv,
      act.gathered,
      act.probabilities,
      rows.lengths,
      rows.nSequences,
      width,
      headSize,
      attentionScratch,
    );
    this.#multiply(block.attentionOut, act.gathered, stream, { nRows, ldc: width, accumulate: true });
  }

  #feedForward(block: BlockParameters, act: BlockActivations, nRows: number): void {
    const { stream, squares } = this.#act;
    const { width, hidden } = this.#shape;
    this.#kernels.normalize(act.feedForwardInput, stream, act.feedForwardFactors, nRows, width);
    this.#multiply(block.feedForwardIn, act.feedForwardInput, act.rectified, { nRows, ldc: hidden });
    this.#kernels.squaredRelu(squares, act.rectified, nRows * hidden);
    this.#multiply(block.feedForwardOut, squares, stream, { nRows, ldc: width, accumulate: true });
  }

  #feedForwardBackward(
    block: BlockParameters,
    act: BlockActivations,
    rows: RowBlock,
    gradient: Address,
  ): void {
    const { dStream, dHidden, dInput, squares } = this.#act;
    const { width, hidden } = this.#shape;
    const { nRows } = rows;
    this.#backThrough(block.feedForwardOut, dStream, dHidden, nRows);
    this.#kernels.squaredReluBackward(dHidden, act.rectified, squares, nRows * hidden);
    this.#addGradient(block.feedForwardOut, squares, dStream, nRows, gradient);
    this.#addGradient(block.feedForwardIn, act.feedForwardInput, dHidden, nRows, gradient);
    this.#backThrough(block.feedForwardIn, dHidden, dInput, nRows);
    this.#kernels.normalizeBackward(
      dStream,
      dInput,
      act.feedForwardInput,
      act.feedForwardFactors,
      nRows,
      width,
    );
  }

  #attentionBackward(block: BlockParameters, act: BlockActivations, rows: RowBlock, gradient: Address): void {
    const kernels = this.#kernels;
    const { dStream, dInput, dQkv, rotary, attentionScratch } = this.#act;
    const { width, heads } = this.#shape;
    const headSize = width / heads;
    const { nRows } = rows;
    this.#addGradient(block.attentionOut, act.gathered, dStream, nRows, gradient);
    this.#backThrough(block.attentionOut, dStream, dInput, nRows);
    kernels.attendBackward(
      dInput,
      act.qkv,
      act.probabilities,
      dQkv,
      rows.lengths,
      rows.nSequences,
      width,
      headSize,
      attentionScratch,
    );
    kernels.rotate(dQkv, rows.positions, rotary.cosines, rotary.sines, nRows, width, headSize, -1);
    this.#addGradient(block.attentionIn, act.attentionInput, dQkv, nRows, gradient);
    this.#backThrough(block.attentionIn, dQkv, dInput, nRows);
    kernels.normalizeBackward(dStream, dInput, act.attentionInput, act.attentionFactors, nRows, width);
  }

  /** out (+)= input W */
  #multiply(
    { offset, rows: depth, columns }: Parameter,
    input: Address,
    out: Address,
    { nRows, ldc, accumulate = false }: { nRows: number; ldc: number; accumulate?: boolean },
  ): void {
    const packed = this.#act.packedRight;
    this.#kernels.packRows(this.#weights + 4 * offset, columns, depth, columns, packed);
    this.#kernels.multiply(input, depth, packed, out, ldc, nRows, columns, depth, accumulate ? 1 : 0);
  }

  /** dInput = dOut W^T */
  #backThrough({ offset, rows, columns }: Parameter, dOut: Address, dInput: Address, nRows: number): void {
    const packed = this.#act.packedRight;
    this.#kernels.packColumns(this.#weights + 4 * offset, columns, columns, rows, packed);
    this.#kernels.multiply(dOut, columns, packed, dInput, rows, nRows, rows, columns, 0);
  }

  /** dW += input^T dOut */
  // eslint-disable-next-line @typescript-eslint/max-params -- the five operands of one product
  #addGradient(parameter: Parameter, input: Address, dOut: Address, nRows: number, gradient: Address): void {
    const { rows, columns, offset } = parameter;
    const { packedLeft, packedRight } = this.#act;
    this.#kernels.packLeft(input, rows, nRows, rows, packedLeft);
    this.#kernels.packRows(dOut, columns, nRows, columns, packedRight);
    const at = gradient + 4 * offset;
    this.#kernels.multiplyPacked(packedLeft, packedRight, at, columns, rows, columns, nRows, 1);
  }
}
