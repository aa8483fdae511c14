// Sampling of judgments.
export * from './judge-pairs.js';
