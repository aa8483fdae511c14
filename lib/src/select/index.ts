// Selection of instructions from a pool: reading and filtering it, classifying them, and choosing among them.
export { choiceSchema, type Choice } from './choice-config.js';
export * from './choose-instructions.js';
export * from './classify-instructions.js';
export { NAMED_SLICES } from './named-slices.js';
export * from './pool/index.js';
export * from './select-from-pool.js';
export * from './select-instructions.js';
export * from './selection-tally.js';
