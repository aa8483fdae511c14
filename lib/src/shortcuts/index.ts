// Surface features of responses, and what judges can do that see nothing else. No model is asked.
export * from './bag-of-words.js';
export * from './shortcut-values.js';
export * from './surface.js';
