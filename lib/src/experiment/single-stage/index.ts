// Single stages, each from a file to a file, so that any of them can be replaced by another tool.
export * from './evaluate.js';
export * from './filter.js';
export * from './finetune.js';
export * from './generate.js';
export * from './judge.js';
export * from './select.js';
export type { SingleStageOptions, SingleStageResult } from './stage-file.js';
