// The parameters of the transformer: their names, shapes and places in one flat block of f32, and their first values.
import { ConfigError } from '../core/errors.js';
import { deriveRandom } from '../core/random.js';
import type { ModelShape } from './types.js';

/** One weight matrix, stored row-major as [inputs, outputs]; embeddings as [words, width]. */
export interface Parameter {
  name: string;
  rows: number;
  columns: number;
  /** Place of the first element in the flat block, in elements. */
  offset: number;
  /** Which optimizer trains it: Muon the matrices inside the blocks, Adam embeddings and head. */
  optimizer: 'adam' | 'muon';
  /** Standard deviation of the first values. */
  initialDeviation: number;
}

/** The matrices of one transformer block. */
export interface BlockParameters {
  /** [width, 3 width]: queries, keys and values side by side, each cut into heads. */
  attentionIn: Parameter;
  /** [width, width] */
  attentionOut: Parameter;
  /** [width, hidden] */
  feedForwardIn: Parameter;
  /** [hidden, width] */
  feedForwardOut: Parameter;
}

/** Where every parameter stands. `all` is in order of offsets, without gaps; `size` is the number of elements. */
export interface ParameterLayout {
  tokenEmbedding: Parameter;
  previousEmbedding: Parameter;
  blocks: BlockParameters[];
  head: Parameter;
  all: readonly Parameter[];
  size: number;
}

/** Sizes beyond this are a broken file, not a model for this engine. */
const largestSize = 16384;

/** Every problem of a model shape, in words; empty when it can be built. */
export function problemsOfShape(shape: ModelShape): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(shape)) {
    const fits = Number.isInteger(value) && value >= 1 && value <= largestSize;
    if (!fits) problems.push(`${name} is ${String(value)}, not a whole number from 1 to ${largestSize}`);
  }
  if (problems.length > 0) return problems;
  for (const name of ['vocabularySize', 'hidden'] as const) {
    if (shape[name] % 8 !== 0) problems.push(`${name} is ${shape[name]}, not a multiple of 8`);
  }
  if (shape.width % (8 * shape.heads) !== 0) {
    problems.push(`width is ${shape.width}, not a multiple of 8 x heads (${8 * shape.heads})`);
  }
  if (shape.contextLength < 2) problems.push(`contextLength is ${shape.contextLength}, below 2`);
  return problems;
}

/** @throws ConfigError naming every problem of the shape. */
export function assertShape(shape: ModelShape): void {
  const problems = problemsOfShape(shape);
  if (problems.length === 0) return;
  throw new ConfigError({
    subject: 'shape of the embedded model',
    expected: 'sizes that the kernels can work with',
    received: problems.join('; '),
    remedy: 'Correct these sizes.',
  });
}

/** The layout of a shape's parameters. @throws ConfigError for a shape that cannot be built. */
export function layoutOf(shape: ModelShape): ParameterLayout {
  assertShape(shape);
  const { vocabularySize, width, hidden } = shape;
  const all: Parameter[] = [];
  let size = 0;
  const place = (
    name: string,
    [rows, columns]: readonly [number, number],
    { optimizer, initialDeviation }: Pick<Parameter, 'optimizer' | 'initialDeviation'>,
  ): Parameter => {
    const parameter = { name, rows, columns, offset: size, optimizer, initialDeviation };
    all.push(parameter);
    size += rows * columns;
    return parameter;
  };
  const embedding = { optimizer: 'adam', initialDeviation: 0.5 } as const;
  const tokenEmbedding = place('token_embedding', [vocabularySize, width], embedding);
  const previousEmbedding = place('previous_embedding', [vocabularySize, width], embedding);
  // What a block reads is drawn to keep its input's size; what it adds is small, and smaller the more blocks there are.
  const reading = { optimizer: 'muon', initialDeviation: 1 / Math.sqrt(width) } as const;
  const adding = (inputs: number) =>
    ({ optimizer: 'muon', initialDeviation: 0.3 / Math.sqrt(inputs * shape.layers) }) as const;
  const blocks = Array.from({ length: shape.layers }, (_, i): BlockParameters => ({
    attentionIn: place(`blocks.${i}.attention_in`, [width, 3 * width], reading),
    attentionOut: place(`blocks.${i}.attention_out`, [width, width], adding(width)),
    feedForwardIn: place(`blocks.${i}.feed_forward_in`, [width, hidden], reading),
    feedForwardOut: place(`blocks.${i}.feed_forward_out`, [hidden, width], adding(hidden)),
  }));
  const head = place('head', [width, vocabularySize], { optimizer: 'adam', initialDeviation: 0.02 });
  return { tokenEmbedding, previousEmbedding, blocks, head, all, size };
}

/** First values of all parameters: normal numbers of each one's deviation. The same seed gives the same values. */
export function initialWeights(shape: ModelShape, seed: number): Float32Array {
  const layout = layoutOf(shape);
  const weights = new Float32Array(layout.size);
  for (const { name, rows, columns, offset, initialDeviation } of layout.all) {
    const random = deriveRandom('initial-weights', seed, name);
    for (let i = 0; i < rows * columns; i++) weights[offset + i] = initialDeviation * random.normal();
  }
  return weights;
}
