// Runs the quickstart's arms over several loop seeds and prints, as Markdown, mean and spread per arm: npm run ablations
// Arms differ from the quickstart in the settings named beside them and in nothing else.
import { parseArgs } from 'node:util';
import { percent, runExperiment, statistics, toMarkdown, type RunResult } from '../lib/src/index.js';

const ARMS: Record<string, string[]> = {
  quickstart: [],
  'filter off': ['filter.correctOnly=false'],
  'N = 1': ['judge.samples=1'],
  'balance off': ['filter.balanceLabels=false'],
  'one order a pair': ['judge.orders=balanced'],
  continue: ['finetune.start=continue'],
  '1000 instructions': ['instructions.perIteration=1000'],
  '2500 instructions': ['instructions.perIteration=2500'],
  'same instructions each iteration': ['instructions.fresh=false'],
  'then DPO': ['finetune.dpo={beta: 0.1, nllScale: 1.5, epochs: 3, batchSize: 8, learningRateMultiplier: 2}'],
  'two more epochs': ['finetune.epochs=4'],
};

const { values } = parseArgs({
  options: {
    config: { type: 'string', default: 'experiments/quickstart.yaml' },
    seeds: { type: 'string', default: '11,12,13,14,15' },
    arms: { type: 'string', default: Object.keys(ARMS).join(',') },
    set: { type: 'string', multiple: true, default: [] },
  },
});

/** Mean and standard deviation of a share over seeds, in percent, e.g. `83.2 ± 0.9`. */
function overSeeds(shares: readonly (number | null)[]): string {
  const known = shares.filter((share) => share !== null);
  const spread = statistics.standardDeviation(known);
  return `${percent(statistics.mean(known))}${spread === null ? '' : ` ± ${percent(spread)}`}`;
}

function rowOf(arm: string, runs: readonly RunResult[]): string[] {
  const accuracies = runs.map(({ iterations }) => iterations.map(({ metrics }) => metrics.accuracy.value));
  const nIterations = accuracies[0]?.length ?? 0;
  const last = runs.map(({ iterations }) => iterations.at(-1));
  const improved = last.filter((iteration) => (iteration?.againstSeed?.low ?? 0) > 0).length;
  const byIteration = Array.from({ length: nIterations }, (_, i) =>
    overSeeds(accuracies.map((run) => run[i] ?? null)),
  );
  return [
    arm,
    ARMS[arm]?.join(' ') ?? '',
    byIteration.join(' → '),
    overSeeds(last.map((iteration) => iteration?.metrics.voteAccuracy?.value ?? null)),
    overSeeds(last.map((iteration) => iteration?.metrics.bothOrdersCorrect.value ?? null)),
    `${improved} of ${runs.length}`,
  ];
}

const seeds = values.seeds.split(',').map(Number);
const unknownArms = values.arms.split(',').filter((arm) => !(arm in ARMS));
if (unknownArms.length > 0) {
  throw new Error(
    `--arms: expected some of ${Object.keys(ARMS).join(', ')}; received ${unknownArms.join(', ')}`,
  );
}
const rows: string[][] = [];
for (const arm of values.arms.split(',')) {
  const runs: RunResult[] = [];
  for (const seed of seeds) {
    const startedMs = performance.now();
    const run = await runExperiment({
      configPath: values.config,
      overrides: [...(ARMS[arm] ?? []), ...values.set, `seed=${seed}`],
      resultsFolder: 'results',
      completionsFolder: '.autodidact/completions',
      environment: process.env,
      onEvent: () => undefined,
      signal: new AbortController().signal,
    });
    runs.push(run);
    const curve = run.iterations.map(({ metrics }) => percent(metrics.accuracy.value)).join(' ');
    process.stderr.write(
      `${arm}, seed ${seed}: ${curve} (${((performance.now() - startedMs) / 1000).toFixed(0)} s)\n`,
    );
  }
  rows.push(rowOf(arm, runs));
}
const header = [
  'arm',
  'settings',
  'accuracy % by iteration',
  'vote %, last',
  'both orders right %, last',
  'seeds that improved',
];
process.stdout.write(`${toMarkdown({ header, rows })}\n`);
