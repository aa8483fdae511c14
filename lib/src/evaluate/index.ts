// Evaluation of judges on held-out pairs.
export * from './evaluate-judge.js';
export * from './metrics.js';
