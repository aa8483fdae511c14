export * from './assess-judge.js';
export * from './limits-schema.js';
export type { ComparedTexts } from './overlap-checks.js';
export { peopleChecks } from './people-checks.js';
