// How often 95% intervals of clustered scores cover the truth: a simulation, for intervals of a share and of a paired difference.
// npx tsx scripts/interval-coverage.ts [repetitions] [seed]; the table of 20,000 with seed 1 is in experiments/LOG.md.
import { bootstrapRatio } from '../lib/src/core/statistics/bootstrap.js';
import {
  ClusteredShareAccumulator,
  wilsonInterval,
  type Interval,
} from '../lib/src/core/statistics/interval.js';
import { mcnemarTest } from '../lib/src/core/statistics/mcnemar.js';
import { normalQuantile } from '../lib/src/core/statistics/normal.js';
import { signFlipTest } from '../lib/src/core/statistics/paired.js';
import { studentTBound, studentTWithin } from '../lib/src/core/statistics/student-t.js';
import { TypeCounts } from '../lib/src/core/statistics/type-counts.js';
import { deriveRandom, type Random } from '../lib/src/core/random.js';

/** Scores of one cluster, as in "10 clusters of 32". */
const SIZE = 32;
const CLUSTERS = [5, 10, 30, 100];
const CORRELATIONS = [0, 0.1, 0.5];
const ACCURACIES = [0.5, 0.8, 0.95];

/** Answers, right 1 or wrong 0, with this accuracy and intra-cluster correlation: Pólya's urn, so their sum is beta-binomial. */
function drawAnswers(
  random: Random,
  { size, accuracy, correlation }: { size: number; accuracy: number; correlation: number },
): number[] {
  const weight = (1 - correlation) / correlation;
  let nRight = 0;
  return Array.from({ length: size }, (_, i) => {
    const chance = correlation === 0 ? accuracy : (accuracy * weight + nRight) / (weight + i);
    const isRight = Number(random.next() < chance);
    nRight += isRight;
    return isRight;
  });
}

/** Regularised incomplete beta function by its continued fraction (W. H. Press et al. 2007, Numerical Recipes, 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let fraction = d;
  for (let m = 1; m < 300; m++) {
    for (const term of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + term * d);
      c = 1 + term / c;
      fraction *= c * d;
    }
    if (Math.abs(c * d - 1) < 1e-12) break;
  }
  return (front * fraction) / a;
}

/** Stirling's series after shifting the argument past 10. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift -= Math.log(y);
  const inverse = 1 / (y * y);
  const series = (1 / 12 - (1 / 360 - inverse / 1260) * inverse) / y;
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}

function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Clopper and Pearson's interval with a number of observations that need not be whole. */
function clopperPearson(share: number, n: number): Interval {
  const right = share * n;
  const wrong = n - right;
  return {
    low: right === 0 ? 0 : betaQuantile(0.025, right, wrong + 1),
    high: wrong === 0 ? 1 : betaQuantile(0.975, right + 1, wrong),
  };
}

/** The intervals that are compared, by name. */
function intervalsOf(accumulator: ClusteredShareAccumulator): Record<string, Interval> {
  const { value, n, nClusters, low, high } = accumulator.result();
  const variance = accumulator.variance() ?? 0;
  const share = value ?? 0;
  const few = (studentTBound(0.95, n - 1) / studentTBound(0.95, nClusters - 1)) ** 2;
  const observed = variance === 0 ? nClusters : (share * (1 - share)) / variance;
  const adjusted = variance === 0 ? nClusters : Math.min(n, observed * few);
  return {
    before: wilsonInterval(share, Math.min(n, Math.max(1, observed))),
    now: { low, high },
    'capped first': wilsonInterval(share, variance === 0 ? nClusters : Math.min(n, observed) * few),
    'Clopper-Pearson': clopperPearson(share, adjusted),
  };
}

function shareCoverage(repetitions: number, seed: number): void {
  const rows = CLUSTERS.flatMap((nClusters) =>
    CORRELATIONS.flatMap((correlation) =>
      ACCURACIES.map((accuracy) => {
        const random = deriveRandom(seed, 'coverage', nClusters, String(correlation), String(accuracy));
        const covered = new Map<string, number>();
        const width = new Map<string, number>();
        for (let repetition = 0; repetition < repetitions; repetition++) {
          const accumulator = new ClusteredShareAccumulator();
          for (let i = 0; i < nClusters; i++)
            accumulator.add(sumOf(drawAnswers(random, { size: SIZE, accuracy, correlation })), SIZE);
          for (const [name, { low, high }] of Object.entries(intervalsOf(accumulator))) {
            const holds = (low ?? 1) <= accuracy && accuracy <= (high ?? 0);
            covered.set(name, (covered.get(name) ?? 0) + Number(holds));
            width.set(name, (width.get(name) ?? 0) + (high ?? 1) - (low ?? 0));
          }
        }
        const cells = [...covered].map(([name, n]) => {
          const mean = (width.get(name) ?? 0) / repetitions;
          return `${((100 * n) / repetitions).toFixed(1)} (${(100 * mean).toFixed(1)})`;
        });
        return [nClusters, correlation, accuracy, ...cells];
      }),
    ),
  );
  table(['clusters', 'correlation', 'accuracy', 'before', 'now', 'capped first', 'Clopper-Pearson'], rows);
}

/** Two judges of the same accuracy: coverage of the interval of their difference, and false findings of the tests. */
function differenceCoverage(repetitions: number, seed: number): void {
  const rows = CLUSTERS.flatMap((nClusters) =>
    CORRELATIONS.map((correlation) => {
      const random = deriveRandom(seed, 'difference', nClusters, String(correlation));
      const counts = { percentile: 0, expanded: 0, signFlip: 0, byItem: 0 };
      const holdsZero = ({ low, high }: Interval): number => Number((low ?? 0) <= 0 && (high ?? 0) >= 0);
      // The percentile interval itself: at the level that the expansion takes to 95%.
      const t = normalQuantile(0.975) / Math.sqrt(nClusters / (nClusters - 1));
      const level = studentTWithin(t, nClusters - 1);
      for (let repetition = 0; repetition < repetitions; repetition++) {
        const clusters = new TypeCounts();
        const sums = new TypeCounts();
        const discordant = { onlyFirst: 0, onlySecond: 0 };
        for (let i = 0; i < nClusters; i++) {
          const answers = [0, 1].map(() => drawAnswers(random, { size: SIZE, accuracy: 0.8, correlation }));
          const difference = sumOf(answers[1]) - sumOf(answers[0]);
          clusters.add(difference, SIZE);
          sums.add(difference);
          for (let item = 0; item < SIZE; item++) {
            const [first = 0, second = 0] = answers.map((one) => one[item]);
            discordant.onlyFirst += Number(first > second);
            discordant.onlySecond += Number(second > first);
          }
        }
        counts.percentile += holdsZero(bootstrapRatio(clusters, { random, nResamples: 1000, level }));
        counts.expanded += holdsZero(bootstrapRatio(clusters, { random, nResamples: 1000 }));
        counts.signFlip += Number((signFlipTest(sums, { random, nPermutations: 1000 }) ?? 1) < 0.05);
        counts.byItem += Number(mcnemarTest(discordant).midP < 0.05);
      }
      const percent = (n: number): string => ((100 * n) / repetitions).toFixed(1);
      return [nClusters, correlation, ...Object.values(counts).map(percent)];
    }),
  );
  table(
    ['clusters', 'correlation', 'percentile', 'now', 'sign-flip p < 0.05', 'McNemar by item p < 0.05'],
    rows,
  );
}

function sumOf(values: readonly number[] = []): number {
  return values.reduce((total, value) => total + value, 0);
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  console.log([line(head), line(head.map(() => '--:')), ...rows.map(line)].join('\n'));
}

const [repetitions = 20_000, seed = 1] = process.argv.slice(2).map(Number);
shareCoverage(repetitions, seed);
differenceCoverage(Math.ceil(repetitions / 10), seed);
