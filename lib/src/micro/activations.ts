// Where the transformer keeps what it computes for a block of training rows.
import type { Arena } from './arena.js';
import type { Address } from './kernels.js';
import { planRotaryTables, type RotaryTables } from './rotary.js';
import type { ModelShape } from './types.js';

/** What one transformer block's backward pass needs from its forward pass; sizes per row. */
export interface BlockActivations {
  /** width: normalized input of the attention, and its factor (1). */
  attentionInput: Address;
  attentionFactors: Address;
  /** 3 width: queries, keys (both rotated) and values. */
  qkv: Address;
  /** heads x contextLength at most: attention probabilities, per sequence and head. */
  probabilities: Address;
  /** width: what the heads gathered. */
  gathered: Address;
  /** width: normalized input of the feed-forward part, and its factor (1). */
  feedForwardInput: Address;
  feedForwardFactors: Address;
  /** hidden: the rectified inner values, before squaring. */
  rectified: Address;
}

/** All working places of one thread that trains. */
export interface Activations {
  blocks: BlockActivations[];
  /** width: the residual stream. */
  stream: Address;
  /** width: normalized final stream, and its factor (1). */
  headInput: Address;
  headFactors: Address;
  /** vocabularySize: logits, then their gradient. */
  logits: Address;
  /** width: gradient of the stream, and of whatever a matrix read. */
  dStream: Address;
  dInput: Address;
  /** 3 width */
  dQkv: Address;
  /** hidden */
  dHidden: Address;
  squares: Address;
  packedLeft: Address;
  packedRight: Address;
  attentionScratch: Address;
  rotary: RotaryTables;
}

const roundUp = (count: number): number => Math.ceil(count / 8) * 8;

/** Lays the working places out for at most `maxRows` rows at a time. */
export function planActivations(arena: Arena, shape: ModelShape, maxRows: number): Activations {
  const { width, hidden, vocabularySize, heads } = shape;
  const context = roundUp(shape.contextLength);
  const headSize = width / heads;
  const perRow = (count: number): Address => arena.words(maxRows * count);
  const blocks = Array.from({ length: shape.layers }, (): BlockActivations => ({
    attentionInput: perRow(width),
    attentionFactors: perRow(1),
    qkv: perRow(3 * width),
    probabilities: perRow(heads * context),
    gathered: perRow(width),
    feedForwardInput: perRow(width),
    feedForwardFactors: perRow(1),
    rectified: perRow(hidden),
  }));
  const widest = Math.max(3 * width, hidden, vocabularySize);
  return {
    blocks,
    stream: perRow(width),
    headInput: perRow(width),
    headFactors: perRow(1),
    logits: perRow(vocabularySize),
    dStream: perRow(width),
    dInput: perRow(width),
    dQkv: perRow(3 * width),
    dHidden: perRow(hidden),
    squares: perRow(hidden),
    packedLeft: arena.words(maxRows * Math.max(width, hidden)),
    // It holds a gradient of all rows, or a weight matrix.
    packedRight: arena.words(widest * Math.max(maxRows, width, hidden)),
    attentionScratch: arena.words((headSize + context) * context),
    rotary: planRotaryTables(arena, shape),
  };
}
