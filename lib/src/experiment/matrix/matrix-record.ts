// The record of a matrix while it runs: the results of its runs, and the report that is rewritten after each of them.
import { shellWord } from '../../core/shell-word.js';
import { svgOf } from '../../chart/index.js';
import { documentToMarkdown, matrixChartSpec, matrixDocument } from '../../report/index.js';
import { benchmarksIn, onBenchmark, type IterationMetrics } from '../../schema/evaluation.js';
import { SCHEMA_VERSION } from '../../schema/manifest.js';
import {
  matrixReportSchema,
  type MatrixArmReport,
  type MatrixReport,
  type MatrixRun,
} from '../../schema/matrix.js';
import { DataError } from '../../core/errors.js';
import { RunFolder } from '../../store/run-folder.js';
import { overrideOptions } from '../config/override-options.js';
import {
  armComparisons,
  armIterations,
  compareRuns,
  runIterationOf,
  type SeedComparison,
} from './matrix-figures.js';
import type { MatrixArm } from './load-matrix.js';
import type { PlannedRun, PreparedMatrix } from './prepare-matrix.js';

/** Files of a matrix's folder. */
export const MATRIX_FILES = { report: 'matrix.json', markdown: 'matrix.md', chart: 'matrix.svg' } as const;

/** The outcome of a run. */
type RunOutcome = Pick<MatrixRun, 'state' | 'problem' | 'waitsAt'> & {
  iterations: readonly IterationMetrics[];
};

type ArmFigures = Pick<MatrixArmReport, 'runs' | 'byIteration' | 'againstBaseline'>;
const NO_FIGURES: ArmFigures = { runs: [], byIteration: [], againstBaseline: null };

const WAITING: RunOutcome = { state: 'waiting', problem: null, iterations: [] };

/** Collects the outcomes of runs. */
export class MatrixRecord {
  readonly #matrix: PreparedMatrix;
  readonly #outcomes = new Map<PlannedRun, RunOutcome>();
  /** Each is computed once, since it reads all items. */
  readonly #comparisons = new Map<string, SeedComparison>();

  constructor(matrix: PreparedMatrix) {
    this.#matrix = matrix;
  }

  /** A run is finished. */
  finished(run: PlannedRun, iterations: readonly IterationMetrics[]): void {
    this.#outcomes.set(run, { state: 'finished', problem: null, iterations });
  }

  /** A run has failed, or waits. */
  ended(run: PlannedRun, { problem, waitsAt }: { problem: string; waitsAt: MatrixRun['waitsAt'] }): void {
    const outcome = waitsAt ? { state: 'waiting' as const, waitsAt } : { state: 'failed' as const };
    this.#outcomes.set(run, { ...outcome, problem, iterations: [] });
  }

  /** The report so far. @throws DataError for a finished run whose evaluations cannot be read */
  async report(): Promise<MatrixReport> {
    const { name, matrixId, seeds, axes, baseline, arms, runs } = this.#matrix;
    const [benchmark, ...names] = benchmarksIn(runs.flatMap((run) => this.#outcomeOf(run).iterations));
    const figures = await this.#figuresOn(benchmark);
    const others: { benchmark: string; ofArm: Map<MatrixArm, ArmFigures> }[] = [];
    for (const other of names) others.push({ benchmark: other, ofArm: await this.#figuresOn(other) });
    return {
      schemaVersion: SCHEMA_VERSION,
      experiment: name,
      description: arms[0]?.config.description ?? '',
      matrixId,
      command: this.#command(),
      seeds,
      axes,
      baseline,
      ...(benchmark === undefined ? {} : { benchmark }),
      arms: arms.map((arm) => {
        const { label, combination, settings } = arm;
        const known = figures.get(arm) ?? NO_FIGURES;
        const onOthers = others.map((other) => {
          return { benchmark: other.benchmark, ...(other.ofArm.get(arm) ?? NO_FIGURES) };
        });
        const more = onOthers.length === 0 ? {} : { others: onOthers };
        return { label, combination, settings, ...known, ...more };
      }),
    };
  }

  /** The figures of every arm on a benchmark. @param benchmark undefined: there is one, which has no name */
  async #figuresOn(benchmark: string | undefined): Promise<Map<MatrixArm, ArmFigures>> {
    const { baseline, arms, runs } = this.#matrix;
    const others = arms.filter(({ label }) => label !== baseline);
    const bySeed: SeedComparison[][] = [];
    for (const { label } of others) bySeed.push(await this.#comparisonsOf(label, benchmark));
    const comparisons = armComparisons(bySeed);
    const figures = arms.map((arm): [MatrixArm, ArmFigures] => {
      const ofArm = runs
        .filter((run) => run.arm === arm)
        .map((run) => {
          const { seed, runId } = run;
          const { iterations, ...outcome } = this.#outcomeOf(run, benchmark);
          return { seed, runId, ...outcome, iterations: iterations.map(runIterationOf) };
        });
      const againstBaseline = comparisons[others.indexOf(arm)] ?? null;
      return [arm, { runs: ofArm, byIteration: armIterations(ofArm), againstBaseline }];
    });
    return new Map(figures);
  }

  /** Writes the report, its Markdown and its chart, each whole. @throws DataError */
  async write(): Promise<MatrixReport> {
    const report = await this.report();
    const folder = new RunFolder(this.#matrix.folder);
    await folder.writeJson(MATRIX_FILES.report, report);
    await folder.writeText(
      MATRIX_FILES.markdown,
      documentToMarkdown(matrixDocument(report), { arms: MATRIX_FILES.chart }),
    );
    await folder.writeText(MATRIX_FILES.chart, await svgOf(matrixChartSpec(report)));
    return report;
  }

  #outcomeOf(run: PlannedRun, benchmark?: string): RunOutcome {
    const outcome = this.#outcomes.get(run) ?? WAITING;
    if (benchmark === undefined) return outcome;
    return { ...outcome, iterations: onBenchmark(outcome.iterations, benchmark) };
  }

  async #comparisonsOf(label: string, benchmark: string | undefined): Promise<SeedComparison[]> {
    const { runs, baseline } = this.#matrix;
    const comparisons: SeedComparison[] = [];
    for (const run of runs.filter(({ arm }) => arm.label === label)) {
      const other = runs.find(({ arm, seed }) => arm.label === baseline && seed === run.seed);
      const key = JSON.stringify([run.folder, benchmark]);
      const known = this.#comparisons.get(key);
      if (known) comparisons.push(known);
      if (known || !other) continue;
      const [lastOfRun, lastOfOther] = [run, other].map((each) =>
        this.#outcomeOf(each, benchmark).iterations.at(-1),
      );
      if (!lastOfRun || !lastOfOther) continue;
      const arm = { folder: run.folder, lastIteration: lastOfRun.iteration };
      const ofBaseline = { folder: other.folder, lastIteration: lastOfOther.iteration };
      const compared = await compareRuns({ seed: run.seed, arm, baseline: ofBaseline }, benchmark);
      const comparison = { seed: run.seed, ...compared };
      this.#comparisons.set(key, comparison);
      comparisons.push(comparison);
    }
    return comparisons;
  }

  #command(): string {
    const { configPath, overrides, isFile } = this.#matrix;
    if (!isFile) return 'runMatrix, with the arms below';
    return ['npx autodidact run', shellWord(configPath), ...overrideOptions(overrides)].join(' ');
  }
}

/**
 * Reads the report of a matrix.
 * @param folder `results/<experiment>/matrix-<hash>`
 * @throws DataError where there is none
 */
export async function readMatrix(folder: string): Promise<MatrixReport> {
  const report = await new RunFolder(folder).readJson(MATRIX_FILES.report, matrixReportSchema);
  if (report) return report;
  throw new DataError({
    subject: folder,
    expected: `the folder of a matrix, with ${MATRIX_FILES.report} in it`,
    received: 'none',
    remedy:
      'Name results/<experiment>/matrix-<hash>; autodidact run of an experiment with a matrix leaves it.',
  });
}
