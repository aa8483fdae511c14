// The published tables of the Self-Taught Evaluators (Wang et al. 2024, arXiv 2408.02666): which figures stand in each, and which
// experiments of this repository measure them.
import type { MetricKey } from '../schema/metrics.js';
import type { OurFigure, PublishedFigure } from '../schema/reproduction.js';
import type { ReproductionSystem } from './reproduction.js';

/** An experiment of the repository. */
export interface FillingExperiment {
  file: string;
  /** Its name, by which its runs are found. */
  experiment: string;
  /** Of a matrix, whose first iteration counts: the system that each arm stands for. Absent: iteration k is `iteration-k`. */
  arms?: Readonly<Record<string, ReproductionSystem>>;
}

/** What a twin on the embedded model measures in the place of a published figure. */
export type TwinMetric = MetricKey | 'winner-first' | 'loser-first';

/** A published table. */
export interface PaperTable {
  name: string;
  title: string;
  /** What a reader of it should know. */
  note: string;
  holds: (figure: PublishedFigure) => boolean;
  /** At the scale of the paper; the first is what an empty cell names. */
  experiments: readonly [FillingExperiment, ...FillingExperiment[]];
  /** Small, on the embedded model. */
  twin: FillingExperiment;
  /** By the metric of the published figure; those without one have no twin. */
  twinMetrics: Readonly<Record<string, TwinMetric>>;
}

const MAIN: FillingExperiment = {
  file: 'experiments/paper/rewardbench.yaml',
  experiment: 'paper-rewardbench',
};
const QUICKSTART: FillingExperiment = { file: 'experiments/quickstart.yaml', experiment: 'quickstart' };
const NO_EXPERIMENT = /^(gpt-4|gemini|labelled|released)/;
const VOTE = 'majority-vote-32';
const BY_POSITION = /^overall, winner (first|last)$/;

const SOURCE = 'one-iteration-';
const LOSER = 'loser-';
const ASSUMED_SCALE =
  'The scale is not published; it is taken to be that of the iterations: four sections, counts before 10 September 2024.';

/** All tables, in the order of the page. Every published figure stands in one of them. */
export const PAPER_TABLES: readonly PaperTable[] = [
  {
    name: 'rewardbench',
    title: 'RewardBench by iteration and section',
    note: 'The twin has an accuracy over the embedded world, which has no such sections. A system that no experiment of this repository makes is filled from a recorded result: score.json is what autodidact score rewardbench printed with --json, for the scale with prior sets with --prior-sets too.',
    holds: ({ benchmark, system, metric }) =>
      benchmark === 'rewardbench' &&
      system !== VOTE &&
      ![SOURCE, LOSER].some((others) => system.startsWith(others)) &&
      !BY_POSITION.test(metric),
    experiments: [MAIN],
    twin: QUICKSTART,
    twinMetrics: { overall: 'accuracy' },
  },
  {
    name: 'mt-bench',
    title: 'MT-Bench',
    note: 'It is unknown whether the paper counts ties in its agreement with people: ours is given both ways, and no difference is.',
    holds: ({ benchmark, system }) => benchmark === 'mt-bench' && system !== VOTE,
    experiments: [MAIN, { file: 'experiments/paper/mt-bench.yaml', experiment: 'paper-mt-bench' }],
    twin: QUICKSTART,
    twinMetrics: { agreement: 'accuracy' },
  },
  {
    name: 'helpsteer2',
    title: 'HelpSteer2, validation split',
    note: 'Position-consistent accuracy is the share of pairs judged right in both orders. The paper does not say how it made pairs of the ratings.',
    holds: ({ benchmark, system }) => benchmark === 'helpsteer2' && system !== VOTE,
    experiments: [MAIN],
    twin: QUICKSTART,
    twinMetrics: { accuracy: 'accuracy', 'position-consistent accuracy': 'bothOrdersCorrect' },
  },
  {
    name: 'sources',
    title: 'Sources of instructions, one iteration',
    note: `${ASSUMED_SCALE} The twin trains on one slice of the embedded world, or on all in the place of HH-RLHF.`,
    holds: ({ system }) => system.startsWith(SOURCE),
    experiments: [
      {
        file: 'experiments/paper/sources.yaml',
        experiment: 'paper-sources',
        arms: {
          'WildChat reasoning': 'one-iteration-wildchat-reasoning',
          'HH-RLHF': 'one-iteration-hh-rlhf',
          'WildChat coding': 'one-iteration-wildchat-coding',
          GSM8K: 'one-iteration-gsm8k',
        },
      },
    ],
    twin: {
      file: 'experiments/questions/slices.yaml',
      experiment: 'slices',
      arms: {
        'trained on=reasoning': 'one-iteration-wildchat-reasoning',
        'trained on=mixed': 'one-iteration-hh-rlhf',
        'trained on=code': 'one-iteration-wildchat-coding',
        'trained on=math': 'one-iteration-gsm8k',
      },
    },
    twinMetrics: { overall: 'accuracy' },
  },
  {
    name: 'losers',
    title: 'How the loser is made, one iteration',
    note: `${ASSUMED_SCALE} The twin's worse answer is damaged by a rule, since its model cannot write one.`,
    holds: ({ system }) => system.startsWith(LOSER),
    experiments: [
      {
        file: 'experiments/paper/losers.yaml',
        experiment: 'paper-losers',
        arms: {
          'modified instruction': 'loser-by-modified-instruction',
          'made worse': 'loser-by-making-it-worse',
        },
      },
    ],
    twin: {
      file: 'experiments/questions/losers.yaml',
      experiment: 'losers',
      arms: {
        'loser=modified instruction': 'loser-by-modified-instruction',
        'loser=corruption': 'loser-by-making-it-worse',
      },
    },
    twinMetrics: { overall: 'accuracy' },
  },
  {
    name: 'position',
    title: 'Position: the winner shown first, and last',
    note: `${ASSUMED_SCALE} Where every item was judged in one order, ours is over the items that were shown so.`,
    holds: ({ metric }) => BY_POSITION.test(metric),
    experiments: [MAIN],
    twin: QUICKSTART,
    twinMetrics: { 'overall, winner first': 'winner-first', 'overall, winner last': 'loser-first' },
  },
  {
    name: 'vote',
    title: 'Majority vote of 32',
    note: 'The vote is over judgments of the last iteration; that of the twin is over 8.',
    holds: ({ system }) => system === VOTE,
    experiments: [MAIN],
    twin: QUICKSTART,
    twinMetrics: { overall: 'voteAccuracy', agreement: 'voteAccuracy' },
  },
];

/** The judges of RewardBench's published results that are systems of the paper. */
export const RECORDED_JUDGES: Readonly<Record<string, ReproductionSystem>> = {
  'meta-llama/Meta-Llama-3-70B-Instruct': 'seed',
  'facebook/Self-taught-Llama-3-70B': VOTE,
  'openai/gpt-4-0125-preview': 'gpt-4-0125',
  'google/gemini-1.5-pro-0514': 'gemini-1.5-pro-0514',
  'facebook/Self-taught-evaluator-llama3.1-70B': 'released-llama-3.1-70b',
};

/** What our figure has to be to be compared with a published one: an overall of unknown scale is taken to be one of the iterations'. */
export function comparedAs(figure: PublishedFigure): {
  key: Omit<OurFigure, 'estimate'>;
  isScaleAssumed: boolean;
} {
  const { system, benchmark, metric, scale, counts } = figure;
  const isScaleAssumed = benchmark === 'rewardbench' && metric.startsWith('overall') && scale === undefined;
  const assumed = { scale: 'four-sections', counts: 'before-2024-09-10' } as const;
  const known = { ...(scale && { scale }), ...(counts && { counts }) };
  return { key: { system, benchmark, metric, ...(isScaleAssumed ? assumed : known) }, isScaleAssumed };
}

/** The command that measures a figure of a table; null where none does: a judge of pairs has no accuracy on the prior sets alone. */
export function fillingCommand({ experiments: [first] }: PaperTable, figure: PublishedFigure): string | null {
  if (figure.metric === 'prior sets') return null;
  const isRecorded = figure.scale === 'with-prior-sets' || NO_EXPERIMENT.test(figure.system);
  return isRecorded ? `npx autodidact paper --recorded ${figure.system}=score.json` : runCommand(first);
}

/** The command that runs an experiment. */
export function runCommand({ file }: Pick<FillingExperiment, 'file'>): string {
  return `npx autodidact run ${file}`;
}
