// From judgments to training sets: rejection sampling, preference pairs, splits and what a set consists of.
export type { FilterOptions } from './draw-judgments.js';
export { rejectedKindOf, type PreferenceOptions, type RejectedKind } from './draw-preferences.js';
export * from './filter-judgments.js';
export * from './filter-schema.js';
export { readJudgmentIndex, type IndexedPair } from './judgment-index.js';
export * from './set-statistics.js';
export * from './split-set.js';
