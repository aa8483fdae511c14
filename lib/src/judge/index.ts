// Sampling of judgments, and the file that holds them.
export * from './judge-pairs.js';
export * from './judgments-writer.js';
