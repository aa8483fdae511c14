// The instruction pools of the registry. Sums and sizes are of the files as they are served; what no source publishes is left out.
import type { DatasetEntry } from './dataset.js';

/** See {@link DatasetEntry}. */
export const POOL_SETS: readonly DatasetEntry[] = [
  {
    name: 'wildchat',
    kind: 'pool',
    title: 'WildChat: conversations of users with ChatGPT, without those found toxic',
    source: {
      kind: 'huggingface',
      repo: 'allenai/WildChat',
      revision: 'd90663b816ce1914e255fb9a07bf6a634dd01a4a',
      files: [],
      pattern: /^data\/train-[^/]*\.parquet$/,
    },
    license: 'ODC-BY',
    columns: [
      'conversation_id',
      'model',
      'timestamp',
      'conversation',
      'turn',
      'language',
      'openai_moderation',
    ],
    note: 'About 1.6 GB. The pool of the paper, but its later version: toxic conversations were removed in July 2024.',
  },
  {
    name: 'hh-rlhf',
    kind: 'pool',
    title: 'HH-RLHF: conversations about help, in two versions each; the part helpful-base, as messages',
    source: {
      kind: 'huggingface',
      repo: 'trl-internal-testing/hh-rlhf-helpful-base-trl-style',
      revision: '5e40f7cbc2377e53ffd5c80a56414cdb0dbad269',
      files: [],
      pattern: /^data\/train-[^/]*\.parquet$/,
    },
    // Of https://huggingface.co/datasets/Anthropic/hh-rlhf; the copy states none.
    license: 'MIT',
    nRows: 43_835,
    columns: ['chosen', 'rejected', 'prompt'],
    note: 'About 40 MB. The instruction is the first message of chosen: columns: {text: chosen.0.content}.',
  },
  {
    name: 'gsm8k',
    kind: 'pool',
    title:
      'GSM8K: grade-school mathematics with solutions, and solutions of four models marked right or wrong',
    source: {
      kind: 'github',
      repo: 'openai/grade-school-math',
      commit: '3101c7d5072418e28b9008a6636bde82a006892c',
      files: [
        {
          path: 'grade_school_math/data/train.jsonl',
          sha256: '17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465',
          bytes: 4_166_206,
          nRows: 7473,
        },
        {
          path: 'grade_school_math/data/test.jsonl',
          sha256: '3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14',
          bytes: 749_738,
          nRows: 1319,
        },
        {
          path: 'grade_school_math/data/example_model_solutions.jsonl',
          sha256: '4bc62db838f8418365d51c627bd66294cbdca9fb7f01519cb13f0dce8c51580b',
          bytes: 2_563_513,
          nRows: 1319,
        },
      ],
    },
    license: 'MIT',
    nRows: 8792,
    columns: ['question', 'answer'],
    note: 'The model solutions are of the questions of the test file.',
  },
  {
    name: 'humaneval',
    kind: 'pool',
    title: 'HumanEval: Python functions to complete, with tests',
    source: {
      kind: 'github',
      repo: 'openai/human-eval',
      commit: '6d43fb980f9fee3c892a914eda09951f772ad10d',
      files: [{ path: 'data/HumanEval.jsonl.gz', nRows: 164 }],
    },
    license: 'MIT',
    nRows: 164,
    columns: ['task_id', 'prompt', 'entry_point', 'canonical_solution', 'test'],
  },
  {
    name: 'ifeval',
    kind: 'pool',
    title: 'IFEval: prompts with instructions that can be checked by a program',
    source: {
      kind: 'github',
      repo: 'josejg/instruction_following_eval',
      commit: '0c495b2f95155e8b10acb919ae283bfb4d5be6e2',
      files: [
        {
          path: 'instruction_following_eval/data/input_data.jsonl',
          sha256: '67ffeee0fcb87c317c5b08a2de85557b4a7e96ada6178aa645b4954fe4b53d49',
          bytes: 207_111,
          nRows: 541,
        },
      ],
    },
    license: 'Apache-2.0',
    nRows: 541,
    columns: ['key', 'prompt', 'instruction_id_list', 'kwargs'],
  },
  {
    name: 'self-instruct',
    kind: 'pool',
    title: 'Self-Instruct: user-oriented instructions and seed tasks, written by people',
    source: {
      kind: 'github',
      repo: 'yizhongw/self-instruct',
      commit: '0b26ccaa415992100fa32df62d41b994cf928e23',
      files: [
        {
          path: 'human_eval/user_oriented_instructions.jsonl',
          sha256: '81d60a117db495cecedecd9193504fd07c5b5a42f6699ef6b0f9da10fc22f42e',
          bytes: 170_193,
          nRows: 252,
        },
        {
          path: 'data/seed_tasks.jsonl',
          sha256: '7779004fa198fdf27cf70a159363879d8a26c53329e11b436af17b3941875f48',
          bytes: 110_934,
          nRows: 175,
        },
      ],
    },
    license: 'Apache-2.0',
    nRows: 427,
    columns: ['id', 'motivation_app', 'instruction', 'instances'],
  },
  {
    name: 'arena-hard',
    kind: 'pool',
    title: 'Arena-Hard: hard prompts of real users, versions 0.1 and 2.0',
    source: {
      kind: 'github',
      repo: 'lmarena/arena-hard-auto',
      commit: '196f6b826783b3da7310e361a805fa36f0be83f3',
      files: [
        {
          path: 'data/arena-hard-v0.1/question.jsonl',
          sha256: '2650242d2883f22b2abd498f273b6a7e02253cce533f5c91a858e1d44aa3002f',
          bytes: 272_075,
          nRows: 500,
        },
        {
          path: 'data/arena-hard-v2.0/question.jsonl',
          sha256: 'a75cef6623db6b27aec810497b059f0659705d7ff48dcbccc5bd5b130728ac73',
          bytes: 947_596,
          nRows: 750,
        },
      ],
    },
    license: 'Apache-2.0',
    nRows: 1250,
    columns: ['uid', 'category', 'cluster', 'prompt'],
  },
  {
    name: 'xstest',
    kind: 'pool',
    title: 'XSTest: 250 safe prompts that look unsafe, and 200 unsafe ones',
    source: {
      kind: 'github',
      repo: 'paul-rottger/exaggerated-safety',
      commit: 'd7bb5bd738c1fcbc36edd83d5e7d1b71a3e2d84d',
      files: [
        {
          path: 'xstest_prompts.csv',
          sha256: '11783fb294ed017473ee53c207d71f2161c7672c8d0b037501e78387f801cb5a',
          bytes: 38_719,
          nRows: 450,
        },
      ],
    },
    license: 'CC-BY-4.0',
    nRows: 450,
    columns: ['id', 'prompt', 'type', 'label', 'focus', 'note'],
  },
];
