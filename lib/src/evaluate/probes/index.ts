// Probes of a judge: held-out pairs that are changed in ways that change no answer, and what its verdicts make of them.
export * from './judge-audit.js';
export * from './probe-judge.js';
export * from './probed-items.js';
