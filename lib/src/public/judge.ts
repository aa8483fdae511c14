// `autodidact/judge`: sampling of judgments.
export * from '../judge/index.js';
export { judgeToFile } from '../experiment/index.js';
