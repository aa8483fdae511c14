export * from './assess-judge.js';
export * from './limits-schema.js';
