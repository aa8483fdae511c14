// What is kept on disk: completions and runs.
export * from './completion-store.js';
export * from './record-writer.js';
export * from './run-folder.js';
export * from './spending-ledger.js';
export * from './store-pruning.js';
export * from './store-stats.js';
export * from './store-verification.js';
