// The functions of `autodidact/evaluate` and `autodidact` that take numbers, with arguments that they take.
import * as autodidact from '../../lib/src/index.js';
import * as evaluate from '../../lib/src/public/evaluate.js';
import type { EvaluatedItem } from '../../lib/src/schema/index.js';
import type { Call } from './hostile.js';

const { VerdictTable } = evaluate;
const VOTES = { A: 3, B: 1, tie: 0, unparsed: 1 };
const NULLS = { null: /value|low|high|before/ };

/** One item, judged in one order with this probability and these votes. */
function itemOf(probabilityOfA: number, votes = VOTES): EvaluatedItem {
  const judged = {
    order: 'winner-first',
    text: '[[A]]',
    verdict: { kind: 'A' },
    probabilityOfA,
    votes,
  } as const;
  return { itemId: 'a', slice: 'math', errorKind: 'sum', orders: [judged] };
}

function tableWith(fill: (table: InstanceType<typeof VerdictTable>) => void = () => undefined) {
  const table = new VerdictTable();
  table.addVerdicts('a', 'given', { kind: 'A' });
  fill(table);
  return table;
}

/** The metrics of one iteration, as far as charts and tables use them. */
function iterationOf(accuracy: object): never {
  return {
    iteration: 0,
    model: 'seed',
    rule: 'test',
    metrics: { nItems: 42, nUnparsed: 0, accuracy, accuracyBySlice: {}, accuracyByErrorKind: {} },
  } as never;
}

export const EVALUATE_CALLS: Record<string, Call> = {
  'VerdictTable.addVerdicts': {
    call: (times: number) =>
      tableWith((table) => table.addVerdicts('a', 'given', { kind: 'B', times })).votesOf(0, 'given'),
    args: [2],
    takes: { undefined: /^0$/ },
  },
  'VerdictTable.addVotes': {
    call: (votes: typeof VOTES) =>
      tableWith((table) => table.addVotes('a', 'given', votes)).votesOf(0, 'given'),
    args: [VOTES],
  },
  'VerdictTable.countOf': { call: (index: number) => tableWith().countOf(index, 'given', 'A'), args: [0] },
  'VerdictTable.addVerdictsOf': {
    call: (index: number) =>
      tableWith((table) => table.addVerdictsOf('a', tableWith(), index)).votesOf(0, 'given'),
    args: [0],
  },
  'VerdictTable.unparsedOf': { call: (index: number) => tableWith().unparsedOf(index, 'given'), args: [0] },
  'VerdictTable.votesOf': { call: (index: number) => tableWith().votesOf(index, 'given'), args: [0] },
  compareJudges: {
    call: (seed: number, rest: object) =>
      evaluate.compareJudges([itemOf(0.6)], [itemOf(0.7)], { ...rest, seed }),
    args: [1, { nResamples: 20 }],
    takes: { undefined: /nResamples/, string: /^0$/ },
  },
  judgeMetrics: {
    call: (probability: number, votes: typeof VOTES, rest: object) =>
      evaluate.judgeMetrics([itemOf(probability, votes)], rest),
    args: [0.7, VOTES, { nDropped: 2 }],
    // Drops may be counts by reason.
    takes: { undefined: /^0$|nDropped/, null: /^0$/, object: /nDropped/ },
  },
  majority: { call: evaluate.majority, args: [VOTES] },
  nVotes: { call: evaluate.nVotes, args: [VOTES] },
  rewardBenchScores: {
    call: evaluate.rewardBenchScores,
    args: [{ 'hep-cpp': 0.5, 'math-prm': 0.7 }, { priorSets: 0.6 }],
    takes: { null: /./, undefined: /./ },
  },
  summariseSubsetAccuracies: {
    call: (accuracy: object, rest: object) =>
      evaluate.summariseSubsetAccuracies(
        { judge: 'a', accuracies: { 'hep-cpp': { n: 164, ...accuracy } as never } },
        rest,
      ),
    args: [{ value: 0.8, low: 0.7, high: 0.9 }, { priorSets: 0.6 }],
    takes: { null: /./, undefined: /priorSets/ },
  },
};

/** Functions of records and files, which schemas check, and of no numbers. */
export const EVALUATE_WITHOUT_NUMBERS = [
  'new Scorer',
  'new VerdictTable',
  'VerdictTable.addItem',
  'VerdictTable.find',
  'VerdictTable.goldOf',
  'VerdictTable.clusterOf',
  'VerdictTable.responsesOf',
  'VerdictTable.humanVotesOf',
  'VerdictTable.scoresOf',
  'VerdictTable.item',
  'benchmarkItems',
  'benchmarkNamed',
  'compareFamily',
  'compareInputs',
  'countVotes',
  'evaluateJudge',
  'evaluateToFile',
  'publishedFigures',
  'readGoldLabels',
  'readSubsetAccuracies',
  'scoreRecorded',
  'scoreSubsetAccuracies',
  'tableOf',
  'verdictMetrics',
];

const SHOWN_ESTIMATE = { value: 0.8, low: 0.7, high: 0.9, n: 40 };
const whole = (estimate: object): object => ({ unscored: 2, method: 'test', ...estimate });
const comparison = {
  judge: 'b',
  baseline: 'a',
  subset: null,
  finding: 'better',
  minimumDetectable: 0.05,
  difference: 0.1,
  low: 0.02,
  high: 0.2,
  pHolm: 0.02,
  n: 40,
};

export const PUBLIC_CALLS: Record<string, Call> = {
  accuracyChartSpec: {
    call: (accuracy: object) =>
      autodidact.accuracyChartSpec([iterationOf(whole(accuracy))], { title: 'a' }).title,
    args: [SHOWN_ESTIMATE],
    takes: { ...NULLS, undefined: /value/ },
  },
  curvesSpec: {
    call: (accuracy: object) =>
      autodidact.curvesSpec([{ label: 'a', iterations: [iterationOf(whole(accuracy))] }], { title: 'a' })
        .title,
    args: [SHOWN_ESTIMATE],
    takes: { ...NULLS, undefined: /value/ },
  },
  comparisonSentence: {
    call: (difference: object, nTests: number) =>
      autodidact.comparisonSentence({ ...comparison, ...difference } as never, nTests),
    args: [{ difference: 0.1, low: 0.02, high: 0.2, pHolm: 0.02 }, 3],
    takes: { null: /difference|low|high|pHolm/ },
  },
  count: { call: autodidact.count, args: [12_345] },
  intervalChartSpec: {
    call: (mark: object) =>
      autodidact.intervalChartSpec([{ name: 'a', column: 'b', ...mark } as never], {
        title: '',
        subtitle: '',
      }).title,
    args: [{ value: 0.8, low: 0.7, high: 0.9, before: 0.6 }],
    takes: { ...NULLS, undefined: /before/ },
  },
  iterationTable: {
    call: (accuracy: object) => autodidact.iterationTable([iterationOf(whole(accuracy))]),
    args: [SHOWN_ESTIMATE],
    takes: NULLS,
  },
  pValue: { call: autodidact.pValue, args: [0.04], takes: { null: /./ } },
  percent: { call: autodidact.percent, args: [0.04], takes: { null: /./ } },
  percentWithInterval: {
    call: autodidact.percentWithInterval,
    args: [{ value: 0.8, low: 0.7, high: 0.9 }],
    takes: NULLS,
  },
  pointsWithInterval: {
    call: autodidact.pointsWithInterval,
    args: [{ difference: -0.1, low: -0.2, high: 0.1 }],
    takes: { null: /./ },
  },
  reliabilityChartSpec: {
    call: (bin: object) =>
      autodidact.reliabilityChartSpec([{ label: 'a', calibration: { bins: [bin] } as never }], { title: 'a' })
        .title,
    args: [{ n: 20, meanConfidence: 0.7, shareRight: 0.6 }],
  },
  tokenChartSpec: {
    call: (logprob: number) =>
      autodidact.tokenChartSpec([{ label: 'a', tokens: [{ text: 'A', logprob, alternatives: [] }] }], {
        title: 'a',
      }).title,
    args: [-0.1],
  },
  verdictProbability: {
    call: (logprob: number) =>
      autodidact.verdictProbability([
        { text: '[[', logprob: 0, alternatives: [] },
        { text: 'A', logprob, alternatives: [{ text: 'B', logprob: -2 }] },
        { text: ']]', logprob: 0, alternatives: [] },
      ]),
    args: [-0.1],
  },
};

/** Errors, and functions of records, files, texts and settings, which schemas check. */
export const PUBLIC_WITHOUT_NUMBERS = [
  'new AutodidactError',
  'new BudgetError',
  'new ConfigError',
  'new DataError',
  'new ModelError',
  'assumptionLines',
  'chartNamed',
  'chartsOf',
  'compareInputs',
  'comparisonBlocks',
  'comparisonTable',
  'exportSet',
  'loadPack',
  'makeReport',
  'methodDiagram',
  'planExperiment',
  'planTable',
  'readBenchmark',
  'readIteration',
  'readIterations',
  'readTokenLogprobs',
  'runExperiment',
  'runHere',
  'runMatrixHere',
  'scoreRecorded',
  'selectToFile',
  'selectionDropTable',
  'selectionTable',
  'showBlocks',
  'showChart',
  'showExplorer',
  'showMarkdown',
  'showProgress',
  'showSection',
  'showSvg',
  'showTable',
  'startEmbeddedServer',
  'verdictScore',
  'writeReport',
];
