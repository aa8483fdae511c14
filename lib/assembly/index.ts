// The kernels of the embedded model: everything that the WebAssembly module offers.
export { multiply, multiplyPacked, packColumns, packLeft, packRows } from './gemm';
export { add, combine, copy, embed, embedBackward, rotate, squaredRelu, squaredReluBackward, zero } from './elementwise';
export { normalize, normalizeBackward } from './norm';
export { crossEntropy, unnormalizedProbabilities } from './loss';
export { attend, attendBackward } from './attention';
export { appendToPages, attendToPages } from './paged-attention';
export { adam, polynomial, sumOfSquares } from './optimizer';
