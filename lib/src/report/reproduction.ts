// The figures of the Self-Taught Evaluators (Wang et al. 2024, arXiv 2408.02666), each with its level of support. Figures that were not
// found are left out.
import type { PublishedFigure, Support } from '../schema/reproduction.js';

const PAPER = 'Wang et al. 2024, arXiv 2408.02666';
const RECOMPUTED = 'recomputed from the results by subset that RewardBench publishes';

/** The levels of support. */
export const SUPPORT_LEVELS: Readonly<Record<Support, string>> = {
  A: 'stated in the abstract or recomputed from published results by subset',
  B: 'two independent notes agree',
  C: 'one note',
};

/**
 * The systems, in the order of the table. The paper starts from Llama-3-70B-Instruct (`seed`); the vote is over 32 samples of its last
 * iteration; `one-iteration-...` and `loser-...` vary one thing of the first iteration; `released-llama-3.1-70b` came later and adds DPO.
 */
export const REPRODUCTION_SYSTEMS = [
  'seed',
  'iteration-1',
  'iteration-2',
  'iteration-3',
  'iteration-4',
  'iteration-5',
  'majority-vote-32',
  'gpt-4-0125',
  'gemini-1.5-pro-0514',
  'labelled-helpsteer2',
  'one-iteration-wildchat-reasoning',
  'one-iteration-hh-rlhf',
  'one-iteration-wildchat-coding',
  'one-iteration-gsm8k',
  'loser-by-modified-instruction',
  'loser-by-making-it-worse',
  'released-llama-3.1-70b',
] as const;
/** A system. */
export type ReproductionSystem = (typeof REPRODUCTION_SYSTEMS)[number];

interface Published extends Omit<PublishedFigure, 'system' | 'benchmark'> {
  system: ReproductionSystem;
}

/** Any figure of RewardBench. */
function rewardBench(figure: Published): PublishedFigure {
  return { ...figure, benchmark: 'rewardbench' };
}

/** An overall of the paper on the scale of four sections. The paper is from August 2024, so it uses the older counts. */
function overall(system: ReproductionSystem, value: number, support: Support): PublishedFigure {
  const scale = { scale: 'four-sections', counts: 'before-2024-09-10' } as const;
  return rewardBench({ system, metric: 'overall', ...scale, value, support, source: PAPER });
}

/** Chat, Chat Hard, Safety and Reasoning. */
function sections(
  system: ReproductionSystem,
  values: readonly [chat: number, chatHard: number, safety: number, reasoning: number],
  {
    counts = 'before-2024-09-10',
    ...support
  }: Pick<PublishedFigure, 'support' | 'source'> & Pick<PublishedFigure, 'counts'>,
): PublishedFigure[] {
  const [chat, chatHard, safety, reasoning] = values;
  return [
    rewardBench({ system, metric: 'Chat', value: chat, ...support }),
    rewardBench({ system, metric: 'Chat Hard', value: chatHard, ...support }),
    rewardBench({ system, metric: 'Safety', counts, value: safety, ...support }),
    rewardBench({ system, metric: 'Reasoning', value: reasoning, ...support }),
  ];
}

/** An overall of one or two notes, with unknown scale and counts. */
function variant(system: ReproductionSystem, value: number, source = PAPER): PublishedFigure {
  return rewardBench({ system, metric: 'overall', value, support: 'B', source });
}

const PRIOR_SETS_SCALE = {
  metric: 'overall',
  scale: 'with-prior-sets',
  counts: 'before-2024-09-10',
} as const;
const FOUR_SECTIONS = { metric: 'overall', scale: 'four-sections', counts: 'before-2024-09-10' } as const;
/** The notes list these without the benchmark's name, among figures of RewardBench. */
const ABLATION = `${PAPER}; one iteration; assumed to be RewardBench's overall`;

/** All known published figures, in percent points. */
export const PUBLISHED_FIGURES: readonly PublishedFigure[] = [
  rewardBench({
    ...PRIOR_SETS_SCALE,
    system: 'seed',
    value: 75.4,
    support: 'A',
    source: `${PAPER}, abstract; (97.6 + 58.9 + 69.2 + 78.5 + 0.5 * 70.4) / 4.5 = 75.42`,
  }),
  rewardBench({ ...FOUR_SECTIONS, system: 'seed', value: 76.05, support: 'A', source: RECOMPUTED }),
  ...sections('seed', [97.6, 58.9, 69.2, 78.5], { support: 'A', source: RECOMPUTED }),
  rewardBench({
    system: 'seed',
    metric: 'prior sets',
    value: 70.4,
    support: 'A',
    source: 'the term from which 75.4 follows, with the sections',
  }),
  overall('iteration-1', 83.9, 'B'),
  overall('iteration-2', 86.0, 'B'),
  overall('iteration-3', 87.5, 'B'),
  overall('iteration-4', 87.7, 'B'),
  overall('iteration-5', 88.3, 'A'),
  ...sections('iteration-5', [96.6, 84.2, 91.5, 81.0], { support: 'B', source: PAPER }),
  ...(
    [
      ['overall, winner first', 85.5],
      ['overall, winner last', 91.1],
    ] as const
  ).map(([metric, value]) =>
    rewardBench({ system: 'iteration-5', metric, value, support: 'C', source: PAPER }),
  ),
  overall('majority-vote-32', 88.7, 'A'),
  ...sections('majority-vote-32', [96.9, 84.0, 91.5, 82.5], { support: 'A', source: RECOMPUTED }),
  rewardBench({ ...PRIOR_SETS_SCALE, system: 'gpt-4-0125', value: 84.3, support: 'B', source: PAPER }),
  rewardBench({ ...FOUR_SECTIONS, system: 'gpt-4-0125', value: 85.93, support: 'A', source: RECOMPUTED }),
  variant('gemini-1.5-pro-0514', 88.1),
  variant('labelled-helpsteer2', 85.6),
  variant('one-iteration-wildchat-reasoning', 83.5, ABLATION),
  variant('one-iteration-hh-rlhf', 79.6, ABLATION),
  variant('one-iteration-wildchat-coding', 79.4, ABLATION),
  variant('one-iteration-gsm8k', 79.3, ABLATION),
  variant('loser-by-modified-instruction', 83.8, ABLATION),
  variant('loser-by-making-it-worse', 80.7, ABLATION),
  rewardBench({
    system: 'released-llama-3.1-70b',
    metric: 'overall',
    scale: 'four-sections',
    counts: 'current',
    value: 90.014,
    support: 'A',
    source: RECOMPUTED,
  }),
  ...sections('released-llama-3.1-70b', [96.9, 85.1, 89.6, 88.4], {
    counts: 'current',
    support: 'A',
    source: RECOMPUTED,
  }),
  ...(
    [
      ['seed', 77.8],
      ['iteration-5', 78.9],
      ['majority-vote-32', 79.5],
    ] as const
  ).map(([system, value]): PublishedFigure => {
    return { system, benchmark: 'mt-bench', metric: 'agreement', value, support: 'C', source: PAPER };
  }),
  // Given as "from ... to ...": assumed to be the seed and the last iteration.
  ...(
    [
      ['seed', 'accuracy', 65.5, 'B'],
      ['iteration-5', 'accuracy', 71.0, 'B'],
      ['seed', 'position-consistent accuracy', 56.5, 'C'],
      ['iteration-5', 'position-consistent accuracy', 60.6, 'C'],
    ] as const
  ).map(([system, metric, value, support]): PublishedFigure => {
    const source = `${PAPER}; first and last figure of a row`;
    return { system, benchmark: 'helpsteer2', metric, value, support, source };
  }),
];
