// Rejection sampling of judgments.
export * from './filter-judgments.js';
