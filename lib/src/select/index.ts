// Selection of instructions from a pool.
export * from './select-instructions.js';
export * from './pool/index.js';
