// The correctness sets of PPE, which are benchmarks of the registry.
import type { DatasetEntry } from './dataset.js';

/**
 * PPE's sets of right and wrong answers (Frick et al. 2024, arXiv 2410.14872), each with a commit at which others read it. Their pages were
 * not found to state a license or sums. Its set of human preferences is left out, since no page was found that names a commit of it whole.
 */
export const PPE_SETS: readonly DatasetEntry[] = (
  [
    ['ppe-mmlu-pro', 'MMLU-Pro', 'd3a309b95d5a3a34efdd2b01a9e3ee10565bf0c7'],
    ['ppe-math', 'MATH', 'c46ce3cda5417fe8d170e992d925f93856b5db40'],
    ['ppe-gpqa', 'GPQA', '2f85cea6481db81daa2c8033c51b7811b7bbf648'],
    ['ppe-ifeval', 'IFEval', 'a4f7fae2443d96529dee6b65863a816a051b3a4d'],
    ['ppe-mbpp-plus', 'MBPP-Plus', 'afa814632c1df94e76b6af2c1d282511114cd2b7'],
  ] as const
).map(([name, of, revision]): DatasetEntry => {
  return {
    name,
    kind: 'benchmark',
    title: `PPE correctness, ${of}: 32 answers to a prompt, each marked right or wrong`,
    source: {
      kind: 'huggingface',
      repo: `lmarena-ai/PPE-${of}-Best-of-K`,
      revision,
      files: [],
      pattern: /\.parquet$/,
    },
    license: 'not known',
    columns: ['question_id', 'prompt', 'response_1', 'scores'],
    note: 'The answers are response_1 to response_32, and scores says in that order which are right.',
  };
});
