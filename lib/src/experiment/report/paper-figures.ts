// Figures that stand beside those of the paper: of runs, and of recorded results.
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AutodidactError, ConfigError, DataError, messageOf } from '../../core/errors.js';
import { exists, readTextIfPresent } from '../../core/files.js';
import { own } from '../../core/own.js';
import { benchmarkNamed, judgeMetrics, publishedFigures } from '../../evaluate/index.js';
import {
  isPaperBenchmark,
  namedFigures,
  PAPER_TABLES,
  RECORDED_JUDGES,
  REPRODUCTION_SYSTEMS,
  reproductionFigures,
  systemsIn,
  type ReproductionSystem,
} from '../../report/index.js';
import type { Estimate } from '../../schema/estimate.js';
import { benchmarksIn, onBenchmark, type EvaluatedItem } from '../../schema/evaluation.js';
import type { PaperPage } from '../../schema/paper.js';
import type { OurFigure } from '../../schema/reproduction.js';
import { judgeSummarySchema } from '../../schema/scoring.js';
import type { Order } from '../../schema/verdict.js';
import { RunFolder } from '../../store/index.js';
import { evaluationsOf, type Evaluation } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { readIteration } from '../layout/read-iteration.js';
import { RUN_FILES } from '../layout/run-files.js';
import { MATRIX_FILES, readMatrix } from '../matrix/matrix-record.js';
import { reproductionOf } from '../run/report-parts.js';
import { scoreSubsetAccuracies } from '../score/score-recorded.js';
import { readFigures } from '../watch/read-figures.js';
import { runManifestSchema } from '../../schema/manifest.js';

/** A figure of ours under the paper's names. */
export interface FoundFigure extends OurFigure {
  /** The run's folder, or the recorded file. */
  from: string;
  /** Why it is shown and not compared; absent: it is compared. */
  note?: string;
}

/** The last iteration of the paper, whose figures by position it gives. */
export const LAST_ITERATION = 5;
const BY_POSITION: readonly (readonly [Order, metric: string])[] = [
  ['winner-first', 'overall, winner first'],
  ['loser-first', 'overall, winner last'],
];
/** MT-Bench's agreement with people, by the name of our figure. */
const AGREEMENTS = { agreementWithTies: 'ties counted', agreementWithoutTies: 'ties left out' } as const;
const OLDER = { scale: 'four-sections', counts: 'before-2024-09-10' } as const;
const OLDER_OVERALL = 'overall (counts before 10 September 2024)';

/**
 * The figures of runs on whole benchmarks of the paper, of those that finished last first.
 * @param folders of runs and matrices; others are passed over
 * @returns also which folders could not be read, and why
 */
export async function figuresOfRuns(
  folders: readonly string[],
): Promise<{ figures: FoundFigure[]; unreadable: PaperPage['unreadable'] }> {
  const unreadable: PaperPage['unreadable'] = [];
  const found: { finishedAt: string; figures: FoundFigure[] }[] = [];
  const attempt = async (folder: string, read: () => Promise<void>): Promise<void> => {
    try {
      await read();
    } catch (thrown) {
      if (!(thrown instanceof AutodidactError)) throw thrown;
      unreadable.push({ folder, reason: thrown.received ?? thrown.expected });
    }
  };
  const systems = new Map<string, ReproductionSystem | undefined>();
  for (const folder of folders) {
    if (await exists(join(folder, MATRIX_FILES.report)))
      await attempt(folder, async () => addArms(systems, { folder, report: await readMatrix(folder) }));
  }
  for (const folder of folders) {
    if (!(await exists(join(folder, RUN_FILES.config)))) continue;
    await attempt(folder, async () => {
      const run = new RunFolder(folder);
      const figures = await figuresOfRun(run, systems);
      if (figures.length === 0) return;
      const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
      found.push({ finishedAt: manifest?.finishedAt ?? '', figures });
    });
  }
  found.sort((a, b) => b.finishedAt.localeCompare(a.finishedAt));
  return { figures: found.flatMap(({ figures }) => figures), unreadable };
}

const ABLATIONS = PAPER_TABLES.flatMap(({ experiments }) => experiments).filter(({ arms }) => arms);

/** Notes the systems that the runs of a matrix of the paper stand for. */
function addArms(
  systems: Map<string, ReproductionSystem | undefined>,
  { folder, report }: { folder: string; report: Awaited<ReturnType<typeof readMatrix>> },
): void {
  const ablation = ABLATIONS.find(({ experiment }) => experiment === report.experiment);
  for (const { label, runs } of ablation ? report.arms : [])
    for (const { runId } of runs) systems.set(join(dirname(folder), runId), own(ablation?.arms ?? {}, label));
}

async function figuresOfRun(
  run: RunFolder,
  systems: ReadonlyMap<string, ReproductionSystem | undefined>,
): Promise<FoundFigure[]> {
  const config = await readRunConfig(run);
  const evaluations = evaluationsOf(config).filter(isWhole);
  const isArm = ABLATIONS.some(({ experiment }) => experiment === config.name);
  const system = systems.get(run.path);
  if (evaluations.length === 0 || (isArm && system === undefined)) return [];
  const finished = await chosenIterations(run.path, 'all');
  const all = await readFigures(run, finished.length);
  const isNamed = benchmarksIn(all).length > 0;
  const found: OurFigure[] = [];
  for (const evaluation of evaluations) {
    const iterations = isNamed ? onBenchmark(all, evaluation.name) : all;
    const part = reproductionOf(evaluation, iterations);
    if (!part || !isPaperBenchmark(part.benchmark)) continue;
    const { benchmark } = part;
    if (system !== undefined) {
      const first = part.iterations.find(({ iteration }) => iteration === 1);
      found.push(...namedFigures(first?.figures ?? {}, { system, benchmark }));
      continue;
    }
    found.push(...reproductionFigures({ ...part, benchmark }), ...agreements(part));
    if (benchmark === 'rewardbench' && iterations.some(({ iteration }) => iteration === LAST_ITERATION))
      found.push(...(await byPosition(run.path, isNamed ? evaluation.name : undefined)));
  }
  return found.map((figure) => ({ ...figure, from: run.path }));
}

/** Whether an evaluation is on all items of a benchmark of the paper. */
function isWhole({ settings: { benchmark } }: Evaluation): boolean {
  if (benchmark.source !== 'registry' || !isPaperBenchmark(benchmark.name)) return false;
  return benchmark.subsets === undefined && benchmark.perSubset === undefined;
}

function agreements({
  benchmark,
  iterations,
}: NonNullable<ReturnType<typeof reproductionOf>>): Omit<FoundFigure, 'from'>[] {
  if (benchmark !== 'mt-bench') return [];
  return systemsIn(iterations).flatMap(([system, figures]) =>
    Object.entries(AGREEMENTS).flatMap(([name, note]) => {
      const estimate = own(figures, name);
      return estimate ? [{ system, benchmark, metric: 'agreement', estimate, note }] : [];
    }),
  );
}

/** RewardBench's overall over the items as they were shown with the winner first, and last. */
async function byPosition(path: string, evaluation: string | undefined): Promise<OurFigure[]> {
  const benchmark = benchmarkNamed('rewardbench');
  if (!benchmark) return [];
  const items = await (await readIteration(path, LAST_ITERATION)).evaluation(evaluation);
  return BY_POSITION.flatMap(([order, metric]) => {
    const figures = publishedFigures(benchmark, inOrder(items, order), { items: [], of: 'greedy' });
    const estimate = own(figures, OLDER_OVERALL);
    const system = `iteration-${LAST_ITERATION}`;
    return estimate ? [{ system, benchmark: 'rewardbench', metric, ...OLDER, estimate }] : [];
  });
}

/** The accuracy of a run's judge after the last iteration of the paper in one order; null where it has none. */
export async function accuracyInOrder(path: string, order: Order): Promise<Estimate | null> {
  const items = inOrder(await (await readIteration(path, LAST_ITERATION)).evaluation(), order);
  return items.length === 0 ? null : judgeMetrics(items).accuracy;
}

function inOrder(items: readonly EvaluatedItem[], shown: Order): EvaluatedItem[] {
  return items
    .map((item) => ({ ...item, orders: item.orders.filter(({ order }) => order === shown) }))
    .filter(({ orders }) => orders.length > 0);
}

/** What `autodidact score --json` prints; without a benchmark it is of accuracies by subset of RewardBench. */
const scoreSchema = z.looseObject({
  benchmark: z.string().default('rewardbench'),
  judges: z.array(judgeSummarySchema),
});

/**
 * The figures of a recorded result: what `autodidact score --json` prints, or accuracies by subset as RewardBench publishes them.
 * @param given its file, after `<system>=` where its judge is none that is known by its name
 * @returns also the judges that stand for no system
 * @throws ConfigError for an unknown system, or one for several judges; DataError for a file of another kind
 */
export async function figuresOfRecorded(
  given: string,
): Promise<{ figures: FoundFigure[]; unplaced: PaperPage['unplaced'] }> {
  const { system: named, file } = await systemAndFile(given);
  const score = await readScore(file);
  const { benchmark, judges } = score ?? {
    benchmark: 'rewardbench',
    ...(await scoreSubsetAccuracies([file])),
  };
  if (!isPaperBenchmark(benchmark)) {
    throw new DataError({
      subject: file,
      expected: 'a score on rewardbench, mt-bench or helpsteer2',
      received: benchmark,
      remedy: 'Name a result on a benchmark of the paper.',
    });
  }
  if (named !== undefined && judges.length !== 1) {
    throw new ConfigError({
      subject: `--recorded ${given}`,
      expected: 'a result of one judge',
      received: `${judges.length}: ${judges.map(({ judge }) => judge).join(', ')}`,
      remedy: 'Score one with --judge, or leave the system out: known judges are found by their names.',
    });
  }
  const unplaced: PaperPage['unplaced'] = [];
  const figures = judges.flatMap(({ judge, figures: ofJudge }): FoundFigure[] => {
    const system = named ?? own(RECORDED_JUDGES, judge);
    if (system === undefined) unplaced.push({ judge, file });
    if (system === undefined) return [];
    const from = `${judge} in ${file}`;
    const iterations = [{ iteration: 0, figures: ofJudge }];
    return [
      ...namedFigures(ofJudge, { system, benchmark }).map((figure) => ({ ...figure, from })),
      ...agreements({ benchmark, iterations }).map((figure) => ({ ...figure, system, from })),
    ];
  });
  return { figures, unplaced };
}

async function systemAndFile(given: string): Promise<{ system?: ReproductionSystem; file: string }> {
  const [, before = '', after = ''] = /^([^=/\\]+)=(.+)$/.exec(given) ?? [];
  const system = REPRODUCTION_SYSTEMS.find((each) => each === before);
  if (system !== undefined) return { system, file: after };
  if (after === '' || (await exists(given))) return { file: given };
  throw new ConfigError({
    subject: `--recorded ${given}`,
    expected: `one of ${REPRODUCTION_SYSTEMS.join(', ')} before the file`,
    received: before,
    remedy: 'Write for example --recorded iteration-1=score.json',
  });
}

/** @returns null for JSON that is no score @throws DataError for what is no JSON */
async function readScore(file: string): Promise<z.output<typeof scoreSchema> | null> {
  const text = await readTextIfPresent(file);
  try {
    return scoreSchema.safeParse(JSON.parse(text ?? '')).data ?? null;
  } catch (cause) {
    throw new DataError({
      subject: file,
      expected: 'JSON: a score, or accuracies by subset',
      received: text === null ? 'no file' : messageOf(cause),
      remedy: 'Write one with: autodidact score rewardbench --judgments <file> --json > score.json',
      cause,
    });
  }
}
