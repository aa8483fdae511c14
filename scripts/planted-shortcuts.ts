// Shows what the judges of experiments/questions/planted-shortcuts.yaml make of each shortcut that one of them was trained with: a
// Markdown table, means over the judges of an arm.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AutodidactError, messageOf } from '../lib/src/core/errors.js';
import { foldersIn } from '../lib/src/core/files.js';
import { repeatedMean, type ClusteredShare } from '../lib/src/core/statistics/index.js';
import { readRun } from '../lib/src/experiment/index.js';
import { readCheckpoint } from '../lib/src/micro/checkpoint.js';
import { SEED_CHECKPOINT_PATH } from '../lib/src/micro/seed-model.js';
import { describeCheckpoint } from '../lib/src/micro/server/describe-checkpoint.js';
import { ModelStore } from '../lib/src/micro/server/model-store.js';
import { sliceNames } from '../lib/src/micro/world/tasks.js';
import { probeJudge, probePairs, type ProbedJudge } from './shortcut-probes.js';

const usage = `Usage: npx tsx scripts/planted-shortcuts.ts results/planted-shortcuts [--split dev|test] [--pairs 120] [--state .autodidact/embedded]
  The folder holds finished runs; their models are in the state folder of the embedded server.`;

interface Arm {
  name: string;
  judges: ProbedJudge[];
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      split: { type: 'string', default: 'test' },
      pairs: { type: 'string', default: '120' },
      state: { type: 'string', default: '.autodidact/embedded' },
    },
  });
  const [folder] = positionals;
  const { split } = values;
  if (folder === undefined || (split !== 'dev' && split !== 'test')) throw new Error(usage);
  const models = await ModelStore.open({
    folder: join(values.state, 'models'),
    seedCheckpointPath: SEED_CHECKPOINT_PATH,
    describe: describeCheckpoint,
    clock: Date.now,
    report: console.error,
  });
  const names = (await foldersIn(folder)).filter((name) => name.startsWith('seed-'));
  const runs = await Promise.all(names.map((name) => readRun(join(folder, name), { withSamples: false })));
  const plant = distinctBy(
    runs.flatMap(({ config }) => config.generate.plant ?? []),
    (one) => JSON.stringify(one),
  );
  const pairs = probePairs({ split, slices: sliceNames, count: Number(values.pairs), seed: 1 });
  const arms = new Map<string, Arm>();
  for (const { config, parts } of runs) {
    const last = parts.iterations.at(-1);
    if (parts.manifest === null || last === undefined) continue;
    const name = plantedIn(config);
    const arm = arms.get(name) ?? { name, judges: [] };
    arms.set(name, arm);
    const { checkpointPath } = await models.get(last.model);
    arm.judges.push(await probeJudge(await readCheckpoint(checkpointPath), { pairs, plant }));
  }
  if (arms.size === 0) throw new Error(`${folder}: expected finished runs, received none\n${usage}`);
  console.log(tableOf([...arms.values()], pairs.length));
}

function plantedIn({ generate, judge }: Awaited<ReturnType<typeof readRun>>['config']): string {
  const [feature = judge.orders === 'winner-first' ? 'position' : 'none'] = (generate.plant ?? []).map(
    (one) => one.feature,
  );
  return feature;
}

function distinctBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

/** A row for each arm and the feature planted in it; for judges with none, for every feature. */
function tableOf(arms: readonly Arm[], nPairs: number): string {
  const rows = arms.flatMap(({ name, judges }) => {
    const features = Object.keys(judges[0]?.probes ?? {});
    return features
      .filter((feature) => name === 'none' || feature === name)
      .map((feature) => {
        const probes = judges.flatMap((judge) => judge.probes[feature] ?? []);
        const differences = probes.map(
          ({ agreeing, contradicting }) => shareOf(agreeing) - shareOf(contradicting),
        );
        return [
          ...[name, judges.length, feature],
          range(judges.map(({ plain }) => shareOf(plain))),
          range(probes.map(({ agreeing }) => shareOf(agreeing))),
          range(probes.map(({ contradicting }) => shareOf(contradicting))),
          `${range(differences)}${interval(differences)}`,
          range(probes.map(({ flipped }) => shareOf(flipped))),
        ];
      });
  });
  const shares = arms.flatMap(({ judges }) =>
    judges.flatMap(({ plain, probes }) => [
      plain,
      ...Object.values(probes).flatMap(({ agreeing, contradicting }) => [agreeing, contradicting]),
    ]),
  );
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const widths = shares.map(({ low, high }) => (high ?? 0) - (low ?? 0));
  return [
    line(['planted', 'judges', 'probe', 'plain', 'agreeing', 'contradicting', 'difference', 'flipped']),
    line(['---', '---:', '---', '---:', '---:', '---:', '---:', '---:']),
    ...rows.map(line),
    '',
    `Percent: mean (least to most) over judges, of a difference Student's 95% interval too. ${nPairs} pairs in both orders, ${2 * nPairs} ` +
      `verdicts a share (position: ${nPairs}), of which at most ${Math.max(...shares.map(({ unscored }) => unscored))} unscored; the 95% ` +
      `interval of one judge's share is at most ${percent(Math.max(...widths))} wide. Flipped: of verdicts that were right without the feature.`,
  ].join('\n');
}

function shareOf({ value }: ClusteredShare): number {
  return value ?? Number.NaN;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

/** Mean, least and most, in percent, of the values that there are. */
function range(values: readonly number[]): string {
  const known = values.filter((value) => !Number.isNaN(value));
  const { mean } = repeatedMean(known);
  return mean === null
    ? ''
    : `${percent(mean)} (${percent(Math.min(...known))} to ${percent(Math.max(...known))})`;
}

function interval(values: readonly number[]): string {
  const { low, high } = repeatedMean(values);
  return low === null || high === null ? '' : ` [${percent(low)}, ${percent(high)}]`;
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : messageOf(thrown));
  process.exitCode = 1;
});
