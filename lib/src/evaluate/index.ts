// Evaluation of judges on held-out pairs, and of recorded judgments.
export { BadRowList } from './bad-row-list.js';
export * from './benchmark-items.js';
export * from './benchmarks/index.js';
export * from './comparison-family.js';
export { evaluateJudge, shownInstruction, verdictOfGrades, type EvaluateOptions } from './evaluate-judge.js';
export * from './judge-tables.js';
export * from './metrics.js';
export { compareJudges, compareTables, type CompareOptions } from './paired-scores.js';
export { reportPairVotes, standingsOf, type PairVoteOptions } from './pair-votes/report-votes.js';
export { PAIR_VOTE_FORMATS, voteOf, type PairVote } from './pair-votes/pair-vote.js';
export * from './preferences/index.js';
export * from './probes/index.js';
export * from './published-figures.js';
export * from './recorded/index.js';
export * from './score.js';
export * from './trivial-judges.js';
export * from './verdict-table.js';
export * from './votes.js';
