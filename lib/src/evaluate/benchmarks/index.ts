// The benchmarks by name.
import type { Benchmark } from './benchmark.js';
import { helpSteer2 } from './helpsteer2.js';
import { helpSteer3 } from './helpsteer3.js';
import { judgeBench } from './judgebench.js';
import { llmbar } from './llmbar.js';
import { mtBench } from './mt-bench.js';
import { pairsBenchmark } from './pairs.js';
import { pandalm } from './pandalm.js';
import { rewardBench } from './rewardbench.js';
import { rewardBench2 } from './rewardbench2.js';

export { figuresOverAll, type Benchmark, type GoldItem, type ItemsPlace } from './benchmark.js';
export { pairColumnsSchema, pairsBenchmark, type PairColumns } from './pairs.js';
export {
  readSubsetAccuracies,
  summariseSubsetAccuracies,
  type SubsetAccuracies,
} from './rewardbench-results.js';
export {
  REWARDBENCH_COUNTS,
  REWARDBENCH_COUNTS_BEFORE_2024_09_10,
  REWARDBENCH_SECTIONS,
  rewardBenchScores,
  type RewardBenchCounts,
  type RewardBenchScores,
  type RewardBenchSection,
} from './rewardbench.js';

/** The published benchmarks: a new one is one file and one line here. */
const PUBLISHED: readonly Benchmark[] = [
  rewardBench,
  rewardBench2,
  mtBench,
  llmbar,
  judgeBench,
  helpSteer2,
  helpSteer3,
  pandalm,
];

/** All benchmarks; `pairs` are the user's own files. */
export const BENCHMARKS: readonly Benchmark[] = [...PUBLISHED, pairsBenchmark()];

/** Names of the published benchmarks, as used in experiment files. */
export const PUBLISHED_BENCHMARK_NAMES = PUBLISHED.map(({ name }) => name);

/** The benchmark of a name, or undefined. */
export function benchmarkNamed(name: string): Benchmark | undefined {
  return BENCHMARKS.find((benchmark) => benchmark.name === name);
}
