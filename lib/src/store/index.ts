// What is kept on disk: completions and runs.
export * from './completion-store.js';
export * from './run-folder.js';
