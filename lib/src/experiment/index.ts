// Experiments: from a YAML file to a finished run.
export * from './compare-inputs.js';
export * from './config.js';
export * from './events.js';
export { experimentJsonSchema } from './experiment-schema.js';
export type { ExperimentSource } from './experiment-document.js';
export * from './export-set/index.js';
export * from './load-config.js';
export * from './matrix/index.js';
export * from './model-lists.js';
export * from './notebook-run.js';
export * from './report/index.js';
export { runExperiment, type RunOptions, type RunResult } from './run.js';
export * from './score-recorded.js';
export * from './single-stage/index.js';
export * from './status.js';
export { AUTODIDACT_VERSION } from './provenance.js';
