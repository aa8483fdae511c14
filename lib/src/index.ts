// The package `autodidact`: what notebooks and scripts import.
export * from './core/errors.js';
export { deriveRandom, deriveSeed, Random } from './core/random.js';
export * as statistics from './core/statistics/index.js';
export * from './schema/index.js';
export * from './model/index.js';
export * from './prompt/index.js';
export * from './store/index.js';
export * from './datasets/index.js';
export * from './exports/index.js';
export * from './audit/index.js';
export * from './select/index.js';
export * from './generate/index.js';
export * from './judge/index.js';
export * from './filter/index.js';
export * from './finetune/index.js';
export * from './evaluate/index.js';
export * from './report/index.js';
export * from './experiment/index.js';
