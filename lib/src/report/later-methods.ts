// Figures of judges that came after the Self-Taught Evaluators and think before they judge. What no page was found for is left out; a
// figure of one listing was not compared with the paper's own table.
import type { LaterFigure } from '../schema/paper.js';

const EVAL_PLANNER = { method: 'EvalPlanner (arXiv 2501.18099)' };
const J1 = { method: 'J1 (arXiv 2505.10320)' };
const REWARD_BENCH = { benchmark: 'RewardBench', dataset: 'rewardbench' };
const RM_BENCH = { benchmark: 'RM-Bench', dataset: 'rm-bench' };
const JUDGE_BENCH = { benchmark: 'JudgeBench', dataset: 'judgebench' };
const PPE_CORRECTNESS = { benchmark: 'PPE Correctness', dataset: null };
const PPE = { benchmark: 'PPE', dataset: null };

/** One listing of results. */
const listed = (paper: string, value: number) => {
  return {
    value,
    support: 'C',
    source: `wizwand.com/paper/${paper}, a listing of results; the judge is not named`,
  } as const;
};
const UNKNOWN = {
  value: null,
  support: null,
  source: 'the abstract names the benchmark without a figure',
} as const;
const ofEvalPlanner = (value: number) => listed('68fa79ef1e209131cea80190', value);
const ofJ1 = (value: number) => listed('68fa7c191e209131cea8c528', value);

/** Later methods, in percent points. */
export const LATER_FIGURES: readonly LaterFigure[] = [
  {
    ...EVAL_PLANNER,
    ...REWARD_BENCH,
    value: 93.9,
    support: 'A',
    source: 'its abstract, as huggingface.co/papers/2501.18099 shows it',
  },
  { ...EVAL_PLANNER, ...RM_BENCH, ...ofEvalPlanner(82.1) },
  { ...EVAL_PLANNER, ...JUDGE_BENCH, ...ofEvalPlanner(56.6) },
  { ...EVAL_PLANNER, ...PPE, ...UNKNOWN },
  { ...EVAL_PLANNER, benchmark: 'FollowBenchEval', dataset: null, ...UNKNOWN },
  { ...J1, ...REWARD_BENCH, ...ofJ1(93.3) },
  { ...J1, ...RM_BENCH, ...ofJ1(82.7) },
  { ...J1, ...JUDGE_BENCH, ...ofJ1(60) },
  { ...J1, ...PPE_CORRECTNESS, ...ofJ1(72.9) },
];
