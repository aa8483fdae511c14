// `autodidact/exports`: training sets in the formats of other trainers and tools.
export * from '../exports/index.js';
export { exportSet, type ExportSetOptions, type ExportedSetResult } from '../experiment/index.js';
