// Prompt packs: what the loop says to a model and how it reads the answer.
export * from './load-pack.js';
export * from './pack.js';
export * from './parsers.js';
