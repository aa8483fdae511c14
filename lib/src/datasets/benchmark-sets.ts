// The benchmarks of the registry. Sums and sizes are of the files as they are served; what no source tells is null.
import type { Dataset } from './dataset.js';

type HubFile = Dataset['source']['files'][number];

const LLMBAR_SETS = {
  'LLMBar/Natural': 100,
  'LLMBar/Adversarial/Neighbor': 134,
  'LLMBar/Adversarial/GPTInst': 92,
  'LLMBar/Adversarial/GPTOut': 47,
  'LLMBar/Adversarial/Manual': 46,
  'CaseStudy/Base_9': 54,
  'CaseStudy/Base_10': 54,
  'CaseStudy/Constraint': 89,
  'CaseStudy/Negation': 59,
  'CaseStudy/Normal': 59,
  'Processed/FairEval': 66,
  'Processed/LLMEval^2': 200,
  'Processed/MT-Bench': 200,
} as const;

/** See {@link Dataset}. */
export const BENCHMARK_SETS: readonly Dataset[] = [
  {
    name: 'rewardbench',
    kind: 'benchmark',
    title: 'RewardBench, the filtered split',
    source: {
      kind: 'huggingface',
      repo: 'allenai/reward-bench',
      revision: '168d848cdbbea9764fae4a544dc9ca1e6cca4931',
      files: [
        {
          path: 'data/filtered-00000-of-00001.parquet',
          sha256: '65473c20ed0627e02503557ae102c25c6b0e66b5ed69ee327e224bb95e70ca29',
          bytes: 2_354_751,
          nRows: 2985,
        },
      ],
      pattern: null,
    },
    license: 'ODC-BY',
    nRows: 2985,
    columns: ['prompt', 'chosen', 'chosen_model', 'rejected', 'rejected_model', 'subset', 'id'],
    homepage: 'https://huggingface.co/datasets/allenai/reward-bench',
    note: 'The id is unique only together with the subset.',
  },
  {
    name: 'judgebench',
    kind: 'benchmark',
    title: 'JudgeBench: 350 pairs of GPT-4o and 270 of Claude 3.5 Sonnet',
    source: {
      kind: 'huggingface',
      repo: 'ScalerLab/JudgeBench',
      revision: '57dd5e0b9817d07f05ec8f45a91b2ce1e310e308',
      files: [
        unsummed('data/gpt-00000-of-00001.jsonl', 350),
        unsummed('data/claude-00000-of-00001.jsonl', 270),
      ],
      pattern: null,
    },
    license: 'MIT',
    nRows: 620,
    columns: [
      'pair_id',
      'original_id',
      'source',
      'question',
      'response_model',
      'response_A',
      'response_B',
      'label',
    ],
    homepage: 'https://github.com/ScalerLab/JudgeBench',
    note: null,
  },
  {
    name: 'helpsteer2',
    kind: 'benchmark',
    title: 'HelpSteer2, the validation split',
    source: {
      kind: 'huggingface',
      repo: 'nvidia/HelpSteer2',
      revision: '990b2711a36180dd19d9c94b8627844866f8982a',
      files: [
        {
          path: 'validation.jsonl.gz',
          sha256: '610eeb5289494d613c4c0f70aade2df8df0b499f3a24e76d232f74e6909d010a',
          bytes: null,
          nRows: null,
        },
      ],
      pattern: null,
    },
    license: 'CC-BY-4.0',
    nRows: null,
    columns: ['prompt', 'response', 'helpfulness', 'correctness', 'coherence', 'complexity', 'verbosity'],
    homepage: 'https://huggingface.co/datasets/nvidia/HelpSteer2',
    note: 'Ratings of single responses, from 0 to 4; pairs are two responses to one prompt.',
  },
  {
    name: 'mt-bench',
    kind: 'benchmark',
    title: 'MT-Bench: 80 questions of two turns, with reference answers of GPT-4 for 30 of them',
    source: {
      kind: 'github',
      repo: 'lm-sys/FastChat',
      commit: '0e6d3e4beaab66f4d3f93db72541a4abab8af28d',
      files: [
        {
          path: 'fastchat/llm_judge/data/mt_bench/question.jsonl',
          sha256: '119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7',
          bytes: 48_929,
          nRows: 80,
        },
        {
          path: 'fastchat/llm_judge/data/mt_bench/reference_answer/gpt-4.jsonl',
          sha256: 'f957a5bc977badb66885ec970e6cd08527845780313f0995764260e5777b9b3f',
          bytes: 51_109,
          nRows: 30,
        },
      ],
    },
    license: 'Apache-2.0',
    nRows: 80,
    columns: ['question_id', 'category', 'turns', 'reference'],
    homepage: 'https://github.com/lm-sys/FastChat',
    note: null,
  },
  {
    name: 'mt-bench-human',
    kind: 'benchmark',
    title: 'MT-Bench: 3,355 human votes and 2,400 of GPT-4 on pairs of answers',
    source: {
      kind: 'huggingface',
      repo: 'lmsys/mt_bench_human_judgments',
      revision: 'ee34b9d273a7a35e4415c87678526c56c471098c',
      files: [
        {
          path: 'data/human-00000-of-00001-25f4910818759289.parquet',
          sha256: '4877bc46a40929f4082c3c79593700fb897b1d6c7f4c473032694a01322f5769',
          bytes: 738_612,
          nRows: 3355,
        },
        unsummed('data/gpt4_pair-00000-of-00001-c0b431264a82ddc0.parquet', 2400),
      ],
      pattern: null,
    },
    license: 'CC-BY-4.0',
    nRows: 5755,
    columns: [
      'question_id',
      'model_a',
      'model_b',
      'winner',
      'judge',
      'conversation_a',
      'conversation_b',
      'turn',
    ],
    homepage: 'https://huggingface.co/datasets/lmsys/mt_bench_human_judgments',
    note: null,
  },
  {
    name: 'llmbar',
    kind: 'benchmark',
    title: 'LLMBar: five sets of its own, five of case studies, three of other benchmarks',
    source: {
      kind: 'github',
      repo: 'princeton-nlp/LLMBar',
      commit: '900616bff90b6c6c8e1681f7d079250637c55992',
      files: Object.entries(LLMBAR_SETS).map(([set, nRows]) =>
        unsummed(`Dataset/${set}/dataset.json`, nRows),
      ),
    },
    license: 'MIT',
    nRows: 1200,
    columns: ['input', 'output_1', 'output_2', 'label'],
    homepage: 'https://github.com/princeton-nlp/LLMBar',
    note: 'The five sets LLMBar/* (419 items) are also subsets of RewardBench.',
  },
  {
    name: 'pandalm',
    kind: 'benchmark',
    title: 'PandaLM test set: votes of three annotators, and the recorded verdicts of two judges',
    source: {
      kind: 'github',
      repo: 'WeOpenML/PandaLM',
      commit: '3871806e72b4832f815ecafd24d3503c73403f48',
      files: [
        {
          path: 'data/testset-v1.json',
          sha256: 'cc154f9067c7382d7ea86f8f246511a5e1ac87e1fddd845c5938d789505b07a4',
          bytes: 937_899,
          nRows: 999,
        },
        {
          path: 'data/gpt-3.5-turbo-testset-v1.json',
          sha256: '4c00aa7b3eeae504050a037422ba6f5b0a2ee041680f47bb77b8a4b549b128e3',
          bytes: 459_434,
          nRows: 999,
        },
        {
          path: 'data/pandalm-7b-testset-v1.json',
          sha256: '9a40b62a7bb2aa87ca77eb8bfcb51539b5a62f974ce91678d30e834d65ed0a7e',
          bytes: 403_524,
          nRows: 999,
        },
      ],
    },
    license: 'Apache-2.0',
    nRows: 999,
    columns: [
      'idx',
      'motivation_app',
      'cmp_key',
      'instruction',
      'input',
      'response1',
      'response2',
      'annotator1',
      'annotator2',
      'annotator3',
    ],
    homepage: 'https://github.com/WeOpenML/PandaLM',
    note: 'Votes are 0 for a tie, 1 or 2 for the better response.',
  },
];

/** A file whose sum and size no source tells: the hub's, or that of the first pull, is held against later ones. */
function unsummed(path: string, nRows: number | null): HubFile {
  return { path, sha256: null, bytes: null, nRows };
}
