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
import { probeJudge, probePairs, type ProbedJudge, type ProbeResult } from './shortcut-probes.js';

const usage = `Usage: npx tsx scripts/planted-shortcuts.ts results/planted-shortcuts [--split dev|test] [--pairs 120] [--state .autodidact/embedded]
  The folder holds finished runs; their models are in the state folder of the embedded server.`;

interface Arm {
  name: string;
  judges: { seed: number; probed: ProbedJudge }[];
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
  const pairs = probePairs({ split, count: Number(values.pairs), seed: 1 });
  const arms = new Map<string, Arm>();
  for (const { config, parts } of runs) {
    const last = parts.iterations.at(-1);
    if (parts.manifest === null || last === undefined) continue;
    const name = plantedIn(config);
    const arm = arms.get(name) ?? { name, judges: [] };
    arms.set(name, arm);
    const { checkpointPath } = await models.get(last.model);
    const probed = await probeJudge(await readCheckpoint(checkpointPath), { pairs, plant });
    arm.judges.push({ seed: config.seed, probed });
  }
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

function tableOf(arms: readonly Arm[], nPairs: number): string {
  const head = ['planted', 'judges', 'probe', 'plain', 'agreeing', 'contradicting', 'difference', 'flipped'];
  const rows = arms.flatMap(({ name, judges }) => {
    const features = Object.keys(judges[0]?.probed.probes ?? {});
    const shown = name === 'none' ? features : features.filter((feature) => feature === name);
    return shown.map((feature) => {
      const of = (valueOf: (probe: ProbeResult, judge: ProbedJudge) => number): string =>
        cell(
          judges.flatMap(({ probed }) =>
            probed.probes[feature] ? [valueOf(probed.probes[feature], probed)] : [],
          ),
        );
      return [
        name,
        judges.length,
        feature,
        of((_, { plain }) => valueOf(plain)),
        of(({ agreeing }) => valueOf(agreeing)),
        of(({ contradicting }) => valueOf(contradicting)),
        of(({ agreeing, contradicting }) => valueOf(agreeing) - valueOf(contradicting)),
        of(({ flipped }) => valueOf(flipped)),
      ];
    });
  });
  const unscored = arms.flatMap(({ judges }) => judges).map(({ probed }) => probed.plain.unscored);
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
    '',
    `Percent: mean over judges [Student's 95%], least to most. ${nPairs} pairs in both orders for each judge; plain verdicts unscored: ` +
      `${Math.min(...unscored)} to ${Math.max(...unscored)} of ${2 * nPairs}.`,
  ].join('\n');
}

function valueOf({ value }: ClusteredShare): number {
  return value ?? Number.NaN;
}

/** Mean, interval over judges and range, in percent. */
function cell(values: readonly number[]): string {
  const known = values.filter((value) => !Number.isNaN(value));
  const { mean, low, high } = repeatedMean(known);
  if (mean === null) return '';
  const percent = (value: number): string => (100 * value).toFixed(1);
  const interval = low === null || high === null ? '' : ` [${percent(low)}, ${percent(high)}]`;
  return `${percent(mean)}${interval}, ${percent(Math.min(...known))} to ${percent(Math.max(...known))}`;
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : messageOf(thrown));
  process.exitCode = 1;
});
