// Every function of `autodidact/statistics`, with arguments that it takes.
import * as statistics from '../../lib/src/public/statistics.js';
import type { Call } from './hostile.js';

const {
  Calibration,
  ClusteredShareAccumulator,
  ConfusionMatrix,
  deriveRandom,
  Random,
  TypeCounts,
  clusteredShare,
  wilsonInterval,
} = statistics;

const random = deriveRandom('hostile');
const options = { nResamples: 20, level: 0.9 };
const withRandom =
  <Rest extends object, Result>(run: (values: never, options: Rest & { random: typeof random }) => Result) =>
  (values: never, rest: Rest): Result =>
    run(values, { ...rest, random });
const OPTIONAL = { undefined: /nResamples|level|nPermutations|nBins|power|alpha/ };

/** Every function of `autodidact/statistics`, with arguments that it takes. A new function fails the first test until it is here. */
export const STATISTICS_CALLS: Record<string, Call> = {
  bootstrapMean: { call: withRandom(statistics.bootstrapMean), args: [[1, 0, 3], options], takes: OPTIONAL },
  bootstrapRatio: {
    call: (sum: number, rest: object) => {
      const types = new TypeCounts();
      types.add(sum, 2, 3);
      types.add(1, 1);
      return statistics.bootstrapRatio(types, { ...rest, random });
    },
    args: [1, options],
    takes: OPTIONAL,
  },
  bootstrapStatistic: {
    call: (times: number, drawn: number | null, rest: object) =>
      statistics.bootstrapStatistic([{ item: 'a', times }], () => drawn, { ...rest, random }),
    args: [3, 0.5, options],
    takes: { ...OPTIONAL, null: /^1$/ },
  },
  brierScore: {
    call: statistics.brierScore,
    args: [
      [0.1, 0.9],
      [0, 1],
    ],
    takes: { boolean: /^1/ },
  },
  'new Calibration': {
    call: (nBins: number) => new Calibration({ nBins }).bins(),
    args: [10],
    takes: { undefined: /^0$/ },
  },
  'Calibration.add': {
    call: (probability: number, outcome: number) => {
      const calibration = new Calibration();
      calibration.add(probability, outcome);
      return [calibration.brierScore(), calibration.expectedCalibrationError(), calibration.bins()];
    },
    args: [0.7, 1],
    takes: { boolean: /^1$/ },
  },
  clusteredShare: { call: clusteredShare, args: [[[1, 0.5], [0]]], takes: { null: /^0/ } },
  'new ClusteredShareAccumulator': { call: () => new ClusteredShareAccumulator().result(), args: [] },
  'ClusteredShareAccumulator.add': {
    call: (sum: number, size: number, times: number) => {
      const accumulator = new ClusteredShareAccumulator();
      accumulator.add(1, 2);
      accumulator.add(sum, size, times);
      return accumulator.result();
    },
    args: [1, 3, 2],
    takes: { undefined: /^2$/ },
  },
  'ClusteredShareAccumulator.addTo': {
    call: (sum: number, size: number) => {
      const accumulator = new ClusteredShareAccumulator();
      accumulator.add(1, 2);
      accumulator.addTo('a', 1, 2);
      accumulator.addTo('a', sum, size);
      return accumulator.result();
    },
    args: [1, 3],
  },
  'ClusteredShareAccumulator.covarianceWith': {
    call: (sum: number, size: number) => {
      const [one, other] = [new ClusteredShareAccumulator(), new ClusteredShareAccumulator()];
      one.addTo('a', sum, size);
      one.add(1, 2);
      other.addTo('a', 1, 2);
      return one.covarianceWith(other);
    },
    args: [1, 3],
  },
  cohensKappa: {
    call: statistics.cohensKappa,
    args: [[0, 1, 2], [0, 2, 2], { weights: 'linear' }],
  },
  altTest: {
    call: (epsilon: number, q: number, leastItems: number) => {
      const labels = new Map([...'ABA'].map((label, item) => [String(item), label]));
      return statistics.altTest(new Map(['ann', 'bob'].map((name) => [name, labels])), labels, {
        epsilon,
        q,
        leastItems,
      });
    },
    args: [0.2, 0.05, 2],
    takes: { undefined: /^[12]$/ },
  },
  benjaminiYekutieli: { call: statistics.benjaminiYekutieli, args: [[0.01, 0.04]] },
  'new ConfusionMatrix': {
    call: (label: number) => new ConfusionMatrix([label]).perClass(),
    args: [1],
    takes: { string: /^0$/, boolean: /^0$/ },
  },
  'ConfusionMatrix.add': {
    call: (gold: number, predicted: number, times: number) => {
      const matrix = new ConfusionMatrix<number>();
      matrix.add(gold, predicted, times);
      return [matrix.accuracy(), matrix.macro(), matrix.perClass()];
    },
    args: [1, 2, 3],
    takes: { undefined: /^2$/, string: /^[01]$/, boolean: /^[01]$/ },
  },
  'ConfusionMatrix.count': { call: () => new ConfusionMatrix<number>().count(1, 2), args: [] },
  deriveRandom: { call: (label: number) => deriveRandom(label).next(), args: [1], takes: { string: /^0$/ } },
  deriveSeed: { call: statistics.deriveSeed, args: [1, 2], takes: { string: /./ } },
  expectedCalibrationError: {
    call: statistics.expectedCalibrationError,
    args: [[0.2, 0.8], [0, 1], { nBins: 5 }],
    takes: { ...OPTIONAL, boolean: /^1/ },
  },
  fleissKappa: {
    call: statistics.fleissKappa,
    args: [
      [
        [2, 1],
        [0, 3],
      ],
    ],
  },
  holm: { call: statistics.holm, args: [[0.01, 0.04]], takes: { null: /^0/ } },
  krippendorffAlpha: {
    call: statistics.krippendorffAlpha,
    args: [
      [
        [1, 2],
        [3, 3],
        [1, 1],
      ],
      { metric: 'interval' },
    ],
    takes: { null: /^0/ },
  },
  logBinomialProbability: {
    call: statistics.logBinomialProbability,
    args: [2, 5, 0.3],
    returns: [-Infinity],
  },
  majorityOfK: { call: statistics.majorityOfK, args: [{ first: 3, second: 2, tie: 1, none: 1 }, 3] },
  mcnemarTest: { call: statistics.mcnemarTest, args: [{ onlyFirst: 3, onlySecond: 9 }] },
  mean: { call: statistics.mean, args: [[1, 2]] },
  minimumDetectableDifference: {
    call: statistics.minimumDetectableDifference,
    args: [{ nItems: 100, standardDeviation: 0.4, power: 0.8, alpha: 0.05 }],
    takes: OPTIONAL,
  },
  nItemsToDetect: {
    call: statistics.nItemsToDetect,
    args: [{ difference: 0.1, standardDeviation: 0.4, power: 0.8, alpha: 0.05 }],
    takes: OPTIONAL,
  },
  normalCdf: { call: statistics.normalCdf, args: [1.2] },
  normalQuantile: { call: statistics.normalQuantile, args: [0.3], returns: [-Infinity, Infinity] },
  pairedBootstrapInterval: {
    call: withRandom(statistics.pairedBootstrapInterval),
    args: [[0.5, -1, 0], { nResamples: 20 }],
    takes: OPTIONAL,
  },
  pairedShareDeviation: { call: statistics.pairedShareDeviation, args: [0.3, 0.1] },
  quantile: { call: statistics.quantile, args: [[1, 2, 4], 0.3] },
  'new Random': {
    call: (word: number) => new Random([word, 2, 3]).uint32(),
    args: [1],
  },
  'Random.below': { call: (bound: number) => random.below(bound), args: [7] },
  'Random.pick': { call: () => random.pick([1]), args: [] },
  'Random.shuffled': { call: () => random.shuffled([1]), args: [] },
  repeatedMean: { call: statistics.repeatedMean, args: [[0.7, 0.8, 0.75]] },
  repeatedMeanTest: { call: statistics.repeatedMeanTest, args: [[0.7, 0.8, 0.75]] },
  sampleBinomial: {
    call: (n: number, p: number) => statistics.sampleBinomial(random, n, p),
    args: [100, 0.4],
  },
  signFlipTest: {
    call: withRandom(statistics.signFlipTest),
    args: [[0.5, -1, 0], { nPermutations: 20 }],
    takes: OPTIONAL,
  },
  signFlipTestResult: {
    call: withRandom(statistics.signFlipTestResult),
    args: [[0.5, -1, 0], { nPermutations: 20 }],
    takes: OPTIONAL,
  },
  standardDeviation: { call: statistics.standardDeviation, args: [[1, 2]] },
  standardisedShare: {
    call: statistics.standardisedShare,
    args: [
      [
        { sum: 1, size: 2 },
        { sum: 1, size: 1 },
      ],
      [
        { sum: 0, size: 2 },
        { sum: 0.5, size: 2 },
      ],
    ],
  },
  studentTBound: { call: statistics.studentTBound, args: [0.95, 2] },
  studentTWithin: { call: statistics.studentTWithin, args: [1.5, 3] },
  'new TypeCounts': { call: () => new TypeCounts().ratio(), args: [] },
  'TypeCounts.add': {
    call: (sum: number, size: number, times: number) => {
      const types = new TypeCounts();
      types.add(sum, size, times);
      return types.ratio();
    },
    args: [1, 2, 3],
    takes: { undefined: /^[12]$/ },
  },
  countsOfValues: {
    call: (values: number[]) => statistics.countsOfValues(values, 'test').ratio(),
    args: [[1, 2]],
  },
  wilsonInterval: { call: wilsonInterval, args: [0.75, 200] },
};
