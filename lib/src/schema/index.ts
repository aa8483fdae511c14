// The records of the project; every type is inferred from its zod schema.
export * from './benchmark-item.js';
export * from './chat.js';
export * from './comparison-report.js';
export * from './drop.js';
export * from './estimate.js';
export * from './evaluation.js';
export * from './instruction.js';
export * from './judgment.js';
export * from './manifest.js';
export * from './recorded-judgment.js';
export * from './reproduction.js';
export * from './response-pair.js';
export * from './scoring.js';
export * from './training-example.js';
export * from './usage.js';
export * from './verdict.js';
