// Fine-tuning: training files, the trainers behind one interface, and which of the models that come out is taken.
export * from './backend.js';
export * from './checkpoint-choice.js';
export * from './command/command-backend.js';
export * from './command/job-preparation.js';
export * from './command/template.js';
export * from './early-stopping.js';
export * from './fine-tune.js';
export * from './job-api.js';
export * from './model-registry.js';
export * from './openai-backend.js';
export * from './together-jobs.js';
export * from './trainer-schema.js';
