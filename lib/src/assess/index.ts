export * from './assess-judge.js';
export * from './limits-schema.js';
export { peopleChecks } from './people-checks.js';
