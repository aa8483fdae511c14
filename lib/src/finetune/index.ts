// Fine-tuning: the trainers behind one interface, and the choice among the models that they make.
export * from './backend.js';
export * from './checkpoint-choice.js';
export * from './command/command-backend.js';
export { trainerHash } from './command/job-preparation.js';
export * from './early-stopping.js';
export { fineTuneOnFile, waitForJob, type FineTuneOptions } from './fine-tune.js';
export { FLAVOUR_NAMES, type Flavour } from './flavours.js';
export * from './model-registry.js';
export * from './openai-backend.js';
export type { LoraSettings } from './together-jobs.js';
export * from './trainer-schema.js';
export * from './trainers.js';
