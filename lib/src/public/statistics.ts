// `autodidact/statistics`: the statistics of judge evaluation, each with its source, and seeded random streams.
export * from '../core/statistics/index.js';
export { deriveRandom, deriveSeed, Random } from '../core/random.js';
