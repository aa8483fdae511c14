// People are asked about a run: what is drawn for them, what they answer, and what their answers say.
export * from './answer-log.js';
export * from './answers.js';
export { argillaSettings, toArgilla } from './argilla.js';
export * from './draw-items.js';
export { labelStudioInterface, toLabelStudio } from './label-studio.js';
export * from './results.js';
export * from './sheet.js';
