// The experiments that measure the paper's figures: what is finished, what the rest would cost, and the figures of the small twins.
import { join } from 'node:path';
import { AutodidactError } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import { datasetPlaces, readCachedDataset } from '../../datasets/index.js';
import { benchmarkNamed } from '../../evaluate/index.js';
import { PAPER_TABLES, runCommand, type FillingExperiment, type PaperTable } from '../../report/index.js';
import { estimateSchema } from '../../schema/estimate.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { MatrixReport } from '../../schema/matrix.js';
import type { PaperCell, PaperExperiment } from '../../schema/paper.js';
import type { PublishedFigure } from '../../schema/reproduction.js';
import type { PlannedAmounts } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { loadExperimentConfig } from '../config/load-config.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { RUN_FILES } from '../layout/run-files.js';
import { listMatrix } from '../matrix/list-matrix.js';
import { loadMatrix, type Matrix } from '../matrix/load-matrix.js';
import { MATRIX_FILES, readMatrix } from '../matrix/matrix-record.js';
import { prepareMatrix } from '../matrix/prepare-matrix.js';
import { RunFolder } from '../../store/index.js';
import { runFolderOf, type ExperimentPlaces } from '../open/opened-experiment.js';
import { prepareExperiment } from '../open/prepare.js';
import { planPrepared } from '../plan/plan-experiment.js';
import { readFigures } from '../watch/read-figures.js';
import { accuracyInOrder } from './paper-figures.js';

/** Where the repository's experiments and the results are, and whether runs are planned. */
export type ExperimentSearch = Omit<ExperimentPlaces, 'configPath' | 'overrides'> & {
  /** The folder that `experiments/` is in. */
  root: string;
  withPrices: boolean;
};

/** An experiment, and where its results are; null while nothing of it is known. */
export interface FoundExperiment extends PaperExperiment {
  folder: string | null;
}

type Runs = Pick<FoundExperiment, 'nRuns' | 'nFinished' | 'total' | 'folder'>;

/** All experiments of the paper's tables, each once. @throws the signal's reason when aborted */
export async function paperExperiments(search: ExperimentSearch): Promise<Map<string, FoundExperiment>> {
  const found = new Map<string, FoundExperiment>();
  for (const { experiments, twin } of PAPER_TABLES) {
    for (const experiment of [...experiments, twin]) {
      const scale = experiment === twin ? 'embedded' : 'paper';
      if (!found.has(experiment.file))
        found.set(experiment.file, await findExperiment(experiment, scale, search));
    }
  }
  return found;
}

async function findExperiment(
  { file }: FillingExperiment,
  scale: PaperExperiment['scale'],
  search: ExperimentSearch,
): Promise<FoundExperiment> {
  const unknown = { nRuns: 0, nFinished: 0, total: null, missing: [], folder: null };
  const known = { file, scale, command: runCommand({ file }) };
  const configPath = join(search.root, file);
  if (!(await exists(configPath)))
    return { ...known, ...unknown, obstacle: 'not here: it is in the repository of this program' };
  try {
    const matrix = await loadMatrix({ configPath });
    const configs = matrix?.arms.map(({ config }) => config) ?? [await loadExperimentConfig(configPath)];
    const nRuns = matrix === null ? 1 : matrix.arms.length * matrix.seeds.length;
    const missing = await datasetsToPull(configs);
    if (missing.length > 0) return { ...known, ...unknown, nRuns, missing, obstacle: null };
    const runs = matrix ? await runsOf(matrix, search) : await runOf(configPath, search);
    return { ...known, ...runs, missing, obstacle: null };
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    return { ...known, ...unknown, obstacle: thrown.message };
  }
}

/** The data sets that experiments name and the cache does not have. */
async function datasetsToPull(configs: readonly ExperimentConfig[]): Promise<string[]> {
  const { cacheFolder } = datasetPlaces(process.env);
  const named = configs.flatMap((config) => [
    ...(config.instructions?.source === 'pool'
      ? config.instructions.files.flatMap(({ dataset = [] }) => dataset)
      : []),
    ...evaluationsOf(config).flatMap(({ settings: { benchmark } }) => {
      if (benchmark.source !== 'registry' || benchmark.files !== undefined) return [];
      const { itemFiles = [], companions = [] } = benchmarkNamed(benchmark.name) ?? {};
      return [...itemFiles, ...companions].map(({ dataset }) => dataset);
    }),
  ]);
  const missing: string[] = [];
  for (const name of new Set(named))
    if ((await readCachedDataset(cacheFolder, name)) === null) missing.push(name);
  return missing;
}

async function runOf(configPath: string, search: ExperimentSearch): Promise<Runs> {
  const prepared = await prepareExperiment(configPath, undefined, search.signal);
  const folder = runFolderOf(prepared, search).path;
  const nFinished = (await exists(join(folder, RUN_FILES.manifest))) ? 1 : 0;
  const isPlanned = search.withPrices && nFinished === 0;
  const total = isPlanned ? (await planPrepared(prepared, search)).total : null;
  return { nRuns: 1, nFinished, total, folder };
}

async function runsOf(matrix: Matrix, search: ExperimentSearch): Promise<Runs> {
  const { folder, runs } = await prepareMatrix(matrix, search);
  let nFinished = 0;
  for (const run of runs) if (await exists(join(run.folder, RUN_FILES.manifest))) nFinished++;
  const isPlanned = search.withPrices && nFinished < runs.length;
  const listing = isPlanned ? await listMatrix({ ...search, configPath: matrix.configPath }) : null;
  const total: PlannedAmounts | null = listing?.total ?? null;
  return { nRuns: runs.length, nFinished, total, folder };
}

/** What a twin measured, by published figure. @throws DataError for results that cannot be read */
export async function openTwin(
  { twin, twinMetrics }: PaperTable,
  { folder }: FoundExperiment,
): Promise<(figure: PublishedFigure) => Promise<PaperCell['twin']>> {
  const none = (): Promise<null> => Promise.resolve(null);
  if (folder === null) return none;
  const { arms } = twin;
  if (arms) {
    if (!(await exists(join(folder, MATRIX_FILES.report)))) return none;
    const report = await readMatrix(folder);
    return (figure) => Promise.resolve(twinOfArm(report, { arms, figure, folder }));
  }
  if (!(await exists(join(folder, RUN_FILES.manifest)))) return none;
  const finished = await chosenIterations(folder, 'all');
  const iterations = await readFigures(new RunFolder(folder), finished.length);
  return async (figure) => {
    const metric = figure.scale === 'with-prior-sets' ? undefined : twinMetrics[figure.metric];
    const of = iterationOf(figure, iterations);
    if (metric === undefined || of === undefined) return null;
    const isOrder = metric === 'winner-first' || metric === 'loser-first';
    const estimate = isOrder ? await accuracyInOrder(folder, metric) : of.metrics[metric];
    return estimate ? { estimate, from: folder } : null;
  };
}

function twinOfArm(
  report: MatrixReport,
  { arms, figure, folder }: { arms: object; figure: PublishedFigure; folder: string },
): PaperCell['twin'] {
  const [label] = Object.entries(arms).find(([, system]) => system === figure.system) ?? [];
  const arm = report.arms.find((each) => each.label === label);
  const first = arm?.byIteration.find(({ iteration }) => iteration === 1);
  if (first?.accuracy.value == null) return null;
  const estimate = estimateSchema.strip().parse(first.accuracy);
  return { estimate, from: folder, note: `arm ${label}, mean over loop seeds` };
}

/** The iteration of a run that stands for a system; undefined for none. */
function iterationOf(
  { system }: PublishedFigure,
  iterations: readonly IterationMetrics[],
): IterationMetrics | undefined {
  if (system.startsWith('majority-vote-')) return iterations.at(-1);
  const wanted = system === 'seed' ? 0 : Number(/^iteration-(\d+)$/.exec(system)?.[1]);
  return iterations.find(({ iteration }) => iteration === wanted);
}
