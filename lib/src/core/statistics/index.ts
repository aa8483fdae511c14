// The statistics of judge evaluation, each with its source.
export * from './agreement.js';
export { logBinomialProbability, sampleBinomial } from './binomial.js';
export { bootstrapMean, bootstrapRatio, bootstrapStatistic } from './bootstrap.js';
export type { BootstrapOptions, Repeated } from './bootstrap.js';
export * from './calibration.js';
export * from './classification.js';
export * from './holm.js';
export * from './interval.js';
export * from './majority-of-k.js';
export * from './mcnemar.js';
export * from './normal.js';
export * from './paired.js';
export * from './power.js';
export * from './standardised-share.js';
export * from './student-t.js';
export * from './summary.js';
export * from './type-counts.js';
