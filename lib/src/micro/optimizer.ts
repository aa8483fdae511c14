// The optimizers: Muon for the matrices inside the blocks, Adam for embeddings and head.
import type { Arena } from './arena.js';
import type { Address, Kernels } from './kernels.js';
import type { Parameter, ParameterLayout } from './parameters.js';

/** What one update needs. Addresses are those of whole flat blocks. */
export interface UpdateTarget {
  weights: Address;
  gradient: Address;
  momentum: Address;
  squares: Address;
}

/** How far one update goes. */
export interface UpdateSize {
  /** Counted from 1. */
  step: number;
  learningRate: number;
  /** Factor on the gradient, from clipping. */
  gradientScale: number;
}

/** Working places of Muon in one thread. */
export interface MuonPlaces {
  current: Address;
  next: Address;
  gram: Address;
  gramSquare: Address;
  packedLeft: Address;
  packedRight: Address;
}

const muonMomentum = 0.95;
/** Quintic Newton-Schulz iteration of Jordan et al. 2024 (https://kellerjordan.github.io/posts/muon/): x -> ax + bx^3 + cx^5. */
const newtonSchulz = { a: 3.4445, b: -4.775, c: 2.0315, nSteps: 5 };
/** Update size of Liu et al. 2025 (https://arxiv.org/abs/2502.16982): as large as a typical update of Adam. */
const updateScale = (rows: number, columns: number): number => 0.2 * Math.sqrt(Math.max(rows, columns));
const adamBetas = [0.9, 0.98] as const;
const adamEpsilon = 1e-8;

/** Room for the largest Muon matrix. */
export function planMuon(arena: Arena, layout: ParameterLayout): MuonPlaces {
  const matrices = layout.all.filter(({ optimizer }) => optimizer === 'muon');
  const largest = Math.max(0, ...matrices.map(({ rows, columns }) => rows * columns));
  const square = Math.max(0, ...matrices.map(({ rows, columns }) => Math.min(rows, columns) ** 2));
  return {
    current: arena.words(largest),
    next: arena.words(largest),
    gram: arena.words(square),
    gramSquare: arena.words(square),
    packedLeft: arena.words(largest),
    packedRight: arena.words(largest),
  };
}

/** Floating-point operations of one Muon update of a matrix, products only. */
export function muonFlops({ rows, columns }: Pick<Parameter, 'rows' | 'columns'>): number {
  const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
  return newtonSchulz.nSteps * (4 * short * short * long + 2 * short ** 3);
}

/**
 * Which worker updates which parameter: the costly ones first, each to the worker with the least to do. Which worker does it does
 * not change the result.
 */
export function dealParameters(layout: ParameterLayout, nWorkers: number): Parameter[][] {
  const cost = (parameter: Parameter): number =>
    parameter.optimizer === 'muon' ? muonFlops(parameter) : 20 * parameter.rows * parameter.columns;
  const shares = Array.from({ length: nWorkers }, () => ({ load: 0, parameters: [] as Parameter[] }));
  for (const parameter of [...layout.all].sort((a, b) => cost(b) - cost(a) || a.offset - b.offset)) {
    const least = shares.reduce((best, share) => (share.load < best.load ? share : best));
    least.load += cost(parameter);
    least.parameters.push(parameter);
  }
  return shares.map(({ parameters }) => parameters);
}

/** Updates one parameter by the optimizer that it belongs to. */
export function updateParameter(
  parameter: Parameter,
  target: UpdateTarget,
  size: UpdateSize,
  tools: { kernels: Kernels; places: MuonPlaces },
): void {
  if (parameter.optimizer === 'muon') muonUpdate(parameter, target, size, tools);
  else adamUpdate(parameter, target, size, tools.kernels);
}

function adamUpdate(parameter: Parameter, target: UpdateTarget, size: UpdateSize, kernels: Kernels): void {
  const [beta1, beta2] = adamBetas;
  const at = 4 * parameter.offset;
  kernels.adam(
    target.weights + at,
    target.gradient + at,
    target.momentum + at,
    target.squares + at,
    parameter.rows * parameter.columns,
    size.learningRate,
    beta1,
    beta2,
    1 - Math.pow(beta1, size.step),
    1 - Math.pow(beta2, size.step),
    adamEpsilon,
    size.gradientScale,
  );
}

/** Nesterov momentum, then the nearest orthogonal matrix, roughly, in place of the momentum's own scale. */
function muonUpdate(
  { rows, columns, offset }: Parameter,
  target: UpdateTarget,
  { learningRate, gradientScale }: UpdateSize,
  { kernels, places }: { kernels: Kernels; places: MuonPlaces },
): void {
  const at = 4 * offset;
  const count = rows * columns;
  const { gram, gramSquare, packedLeft, packedRight } = places;
  let { current, next } = places;
  const momentum = target.momentum + at;
  kernels.combine(momentum, momentum, target.gradient + at, muonMomentum, gradientScale, count);
  kernels.combine(current, target.gradient + at, momentum, gradientScale, muonMomentum, count);
  const norm = Math.sqrt(kernels.sumOfSquares(current, count));
  kernels.combine(current, current, current, 1 / (norm + 1e-12), 0, count);
  const { a, b, c, nSteps } = newtonSchulz;
  const wide = rows <= columns;
  const size = Math.min(rows, columns);
  for (let i = 0; i < nSteps; i++) {
    // With G = X X^T (or X^T X if X is tall): X <- (a + b G + c G^2) X (or X times the same).
    if (wide) {
      kernels.packColumns(current, columns, columns, rows, packedRight);
      kernels.multiply(current, columns, packedRight, gram, size, size, size, columns, 0);
    } else {
      kernels.packLeft(current, columns, rows, columns, packedLeft);
      kernels.packRows(current, columns, rows, columns, packedRight);
      kernels.multiplyPacked(packedLeft, packedRight, gram, size, size, size, rows, 0);
    }
    kernels.packRows(gram, size, size, size, packedRight);
    kernels.multiply(gram, size, packedRight, gramSquare, size, size, size, size, 0);
    kernels.polynomial(gramSquare, gram, gramSquare, b, c, a, size);
    if (wide) {
      kernels.packRows(current, columns, rows, columns, packedRight);
      kernels.multiply(gramSquare, size, packedRight, next, columns, rows, columns, size, 0);
    } else {
      kernels.packRows(gramSquare, size, size, size, packedRight);
      kernels.multiply(current, columns, packedRight, next, columns, rows, columns, size, 0);
    }
    [current, next] = [next, current];
  }
  const weights = target.weights + at;
  kernels.combine(weights, weights, current, 1, -learningRate * updateScale(rows, columns), count);
}
