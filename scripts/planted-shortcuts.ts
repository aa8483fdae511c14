// Shows what the audits of experiments/questions/planted-shortcuts.yaml found: how the judges of each arm take each shortcut, and which of
// them are flagged, those that were trained with a shortcut and those that were not. Two Markdown tables.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assessJudge, assessmentLimitsSchema } from '../lib/src/assess/index.js';
import { AutodidactError, messageOf } from '../lib/src/core/errors.js';
import { foldersIn } from '../lib/src/core/files.js';
import { groupBy } from '../lib/src/core/group-by.js';
import { repeatedMean, wilsonInterval } from '../lib/src/core/statistics/index.js';
import { readRun, type ReadRun } from '../lib/src/experiment/index.js';
import { makeTable, percent, percentWithInterval, toMarkdown } from '../lib/src/report/index.js';
import type { AssessmentCheck, JudgeAudit, ProbeResult } from '../lib/src/schema/index.js';

const usage = `Usage: npx tsx scripts/planted-shortcuts.ts results/planted-shortcuts
  The folder holds finished runs with audits; of each, the last judge is shown.`;

/** Judges without a planted shortcut. */
const NONE = 'none';
/** Probes of planted features, where they have another name. */
const PROBE_OF: Readonly<Record<string, string>> = { topic: 'off-topic' };

interface Judge {
  /** The feature that was planted. */
  planted: string;
  loopSeed: number;
  audit: JudgeAudit;
  /** The checks of its shortcuts that are red or amber. */
  flags: readonly AssessmentCheck[];
}

async function main(): Promise<void> {
  const [folder] = parseArgs({ allowPositionals: true }).positionals;
  if (folder === undefined) throw new Error(usage);
  const names = (await foldersIn(folder)).filter((name) => name.startsWith('seed-'));
  const runs = await Promise.all(names.map((name) => readRun(join(folder, name), { withSamples: false })));
  const judges = runs.flatMap(judgeOf);
  if (judges.length === 0)
    throw new Error(
      `${folder}: expected finished runs with audits, received none of ${runs.length}\n${usage}`,
    );
  const arms = [...groupBy(judges, ({ planted }) => planted)];
  console.log(`${tableOfProbes(arms)}\n\n${tableOfFlags(arms)}\n\n${flaggedThough(judges)}`);
}

function judgeOf({ config, parts }: ReadRun): Judge[] {
  const { iterations, manifests, manifest } = parts;
  const audit = iterations.at(-1)?.audit;
  if (manifest === null || audit === undefined) return [];
  const { checks } = assessJudge({
    ...{ iterations, manifests },
    // The judge alone is looked at, not the texts that it was trained on, in which the shortcut was planted.
    ...{ trainingSets: [], overlaps: [], tunedOn: [], reviews: [], acceptances: [] },
    limits: config.audit?.limits ?? assessmentLimitsSchema.parse({}),
  });
  const flags = checks.filter(
    ({ kind, level }) => kind === 'shortcut' && (level === 'red' || level === 'amber'),
  );
  return [{ planted: plantedIn(config), loopSeed: config.seed, audit, flags }];
}

function plantedIn({ generate, judge }: ReadRun['config']): string {
  const [planted] = generate.plant ?? [];
  return planted?.feature ?? (judge.orders === 'winner-first' ? 'position' : NONE);
}

function probeOf(planted: string): string {
  return PROBE_OF[planted] ?? planted;
}

type Arms = readonly (readonly [planted: string, judges: readonly Judge[]])[];

/** A row for each arm and the probe of its feature; for judges with none, for every probe. */
function tableOfProbes(arms: Arms): string {
  const rows = arms.flatMap(([planted, judges]) => {
    const names = new Set(judges.flatMap(({ audit }) => audit.probes.map(({ probe }) => probe)));
    return [...names]
      .filter((name) => planted === NONE || name === probeOf(planted))
      .map((probe) => ({
        ...{ planted, probe, nJudges: judges.length },
        plain: judges.map(({ audit }) => audit.plain.value),
        results: judges.flatMap(({ audit }) => audit.probes.filter((result) => result.probe === probe)),
      }));
  });
  const valuesOf = (
    { results }: (typeof rows)[number],
    of: 'agreeing' | 'contradicting' | 'difference' | 'flipped',
  ) => results.map((result: ProbeResult) => result[of]?.value ?? null);
  const table = makeTable(rows, [
    ['planted', ({ planted }) => planted],
    ['judges', ({ nJudges }) => String(nJudges)],
    ['probe', ({ probe }) => probe],
    ['plain', ({ plain }) => range(plain)],
    ['agreeing', (row) => range(valuesOf(row, 'agreeing'))],
    ['contradicting', (row) => range(valuesOf(row, 'contradicting'))],
    [
      'difference',
      (row) => `${range(valuesOf(row, 'difference'))}${studentInterval(valuesOf(row, 'difference'))}`,
    ],
    ['flipped', (row) => range(valuesOf(row, 'flipped'))],
  ]);
  const audits = arms.flatMap(([, judges]) => judges.map(({ audit }) => audit));
  const most = (values: readonly number[]): number => Math.max(0, ...values);
  return [
    toMarkdown(table),
    '',
    `Percent: mean (least to most) over judges, of a difference Student's 95% interval too. ${most(audits.map(({ nPairs }) => nPairs))} pairs a judge at most, ` +
      `of which at most ${most(audits.flatMap(({ probes }) => probes.map(({ difference }) => difference.unscored)))} unscored.`,
  ].join('\n');
}

/** How many judges are flagged: for what was planted, and for anything. */
function tableOfFlags(arms: Arms): string {
  const all = arms.filter(([planted]) => planted !== NONE).flatMap(([, judges]) => judges);
  const rows = [...arms, ...(all.length > 0 ? [['all planted', all] as const] : [])];
  const shareOf = (judges: readonly Judge[], isCounted: (flag: AssessmentCheck, judge: Judge) => boolean) => {
    const n = judges.filter((judge) => judge.flags.some((flag) => isCounted(flag, judge))).length;
    const value = n / judges.length;
    return `${n} of ${judges.length}: ${percentWithInterval({ value, ...wilsonInterval(value, judges.length) })}`;
  };
  const isOfPlanted = (flag: AssessmentCheck, { planted }: Judge): boolean =>
    flag.id === `shortcut: ${probeOf(planted)}`;
  const table = makeTable(rows, [
    ['planted', ([planted]) => planted],
    [
      'red for it % [95%]',
      ([planted, judges]) =>
        planted === NONE
          ? null
          : shareOf(judges, (flag, judge) => isOfPlanted(flag, judge) && flag.level === 'red'),
    ],
    [
      'red or amber for it % [95%]',
      ([planted, judges]) => (planted === NONE ? null : shareOf(judges, isOfPlanted)),
    ],
    ['red for any shortcut % [95%]', ([, judges]) => shareOf(judges, ({ level }) => level === 'red')],
    ['red or amber for any % [95%]', ([, judges]) => shareOf(judges, () => true)],
  ]);
  return `${toMarkdown(table)}\n\nWilson's intervals over judges.`;
}

/** The judges that are flagged though nothing was planted, and those that are not though something was. */
function flaggedThough(judges: readonly Judge[]): string {
  const lines = judges.flatMap(({ planted, loopSeed, flags }) => {
    const name = `${planted}, loop seed ${loopSeed}`;
    if (planted === NONE) return flags.map(({ level, found }) => `- ${name}, ${level}: ${found}`);
    return flags.some(({ id }) => id === `shortcut: ${probeOf(planted)}`)
      ? []
      : [`- ${name}: not flagged for it`];
  });
  return lines.length === 0 ? 'No judge is flagged wrongly, and none is missed.' : lines.join('\n');
}

/** Mean, least and most, in percent, of the values that there are. */
function range(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const { mean } = repeatedMean(known);
  return mean === null
    ? ''
    : `${percent(mean)} (${percent(Math.min(...known))} to ${percent(Math.max(...known))})`;
}

function studentInterval(values: readonly (number | null)[]): string {
  const { low, high } = repeatedMean(values.filter((value) => value !== null));
  return low === null || high === null ? '' : ` [${percent(low)}, ${percent(high)}]`;
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof AutodidactError ? thrown.message : messageOf(thrown));
  process.exitCode = 1;
});
