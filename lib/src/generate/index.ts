// Writing of preference pairs.
export * from './corruptions.js';
export * from './generate-pairs.js';
export * from './losers.js';
export * from './near-identical.js';
export * from './plant.js';
export * from './refusals.js';
