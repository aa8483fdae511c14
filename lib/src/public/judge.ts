// `autodidact/judge`: sampling of judgments, and the judge of a run at work on pairs of your own.
export * from '../judge/index.js';
export {
  type JudgedFile,
  judgeFile,
  type JudgeFileOptions,
  type JudgingPlan,
  judgeToFile,
  type OpenedJudge,
  openJudge,
  type OpenJudgeOptions,
  planJudging,
  withJudge,
} from '../experiment/index.js';
