// Prompt packs: what the loop says to a model and how it reads the answer.
export * from './feature-text.js';
export * from './load-pack.js';
export * from './pack.js';
export * from './probe-texts.js';
export * from './text-rules.js';
export * from './rating.js';
export * from './selection-categories.js';
export { categoryNamed, parseSelection, type SelectionLabels } from './selection-labels.js';
export { answerStart } from './thinking.js';
export * from './verdict-probability.js';
export * from './verdict-rules.js';
