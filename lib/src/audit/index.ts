// Audits: overlap of training texts and benchmarks.
export * from './audit-overlap.js';
export * from './audit-pairs.js';
export * from './overlap-config.js';
export * from './require-no-overlap.js';
export * from './texts.js';
