// Export of training sets: from a file of examples to a folder for a trainer.
export * from './export-set.js';
