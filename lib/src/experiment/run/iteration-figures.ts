// The figures of an iteration's judge on every benchmark, the headline first.
import { DataError, ModelError, type AutodidactError } from '../../core/errors.js';
import { allOf } from '../../core/all-of.js';
import { compareJudges, judgeAudit, lostProbes } from '../../evaluate/index.js';
import { dropSchema } from '../../schema/drop.js';
import type { EvaluatedItem, IterationMetrics } from '../../schema/evaluation.js';
import type { JudgeAudit } from '../../schema/judge-audit.js';
import type { IterationManifest } from '../../schema/manifest.js';
import { probedItemSchema, type ProbedItem } from '../../schema/probed-item.js';
import type { RunFolder } from '../../store/index.js';
import { filesBeside, ITERATION_FILES } from '../layout/run-files.js';
import { headlineOf, type OpenedEvaluation } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import { judgeFigures, readEvaluation } from '../score/judge-figures.js';

/** Why some benchmarks have no figures of a judge. */
export type Failures = Map<OpenedEvaluation, AutodidactError>;

/** Computes the figures of iterations, the seed's first, with which all others are compared. */
export class IterationFigures {
  readonly #opened: Pick<OpenedExperiment, 'config' | 'evaluations' | 'audit'>;
  readonly #ofSeed = new Map<OpenedEvaluation, EvaluatedItem[]>();
  #probesOfSeed: ProbedItem[] | undefined;

  constructor(opened: Pick<OpenedExperiment, 'config' | 'evaluations' | 'audit'>) {
    this.#opened = opened;
  }

  /** @param at.folder of the iteration @throws DataError for an evaluation that cannot be read */
  async of(
    manifest: IterationManifest,
    { folder, failed }: { folder: RunFolder; failed: Failures },
  ): Promise<IterationMetrics> {
    const { evaluations } = this.#opened;
    const { iteration, resultModel: model } = manifest;
    const headline = headlineOf(evaluations);
    const figuresOn = (evaluation: OpenedEvaluation) =>
      this.#figuresOn(evaluation, { manifest, folder, failure: failed.get(evaluation) });
    const figures = await figuresOn(headline);
    const others: NonNullable<IterationMetrics['others']> = [];
    for (const other of evaluations.filter((each) => each !== headline))
      others.push({ ...(await figuresOn(other)), benchmark: other.name });
    const { recordName } = headline;
    const audit = await this.#auditIn(manifest, folder);
    return {
      iteration,
      model,
      ...figures,
      ...(recordName === undefined ? {} : { benchmark: recordName }),
      ...(audit && { audit }),
      ...(others.length > 0 ? { others } : {}),
    };
  }

  async #auditIn(
    { iteration, stages }: IterationManifest,
    folder: RunFolder,
  ): Promise<JudgeAudit | undefined> {
    const { audit } = this.#opened;
    const record = stages.find(({ stage }) => stage === 'audit');
    if (!audit || !record) return undefined;
    const probed = await allOf(folder.records(ITERATION_FILES.probes, probedItemSchema));
    const ofSeed = this.#probesOfSeed;
    if (iteration === 0) this.#probesOfSeed = probed;
    const drops = folder.records(filesBeside('audit').drops, dropSchema);
    const lost = record.nKept < record.nInput ? lostProbes(audit.items, await allOf(drops)) : [];
    return judgeAudit(probed, { ...(ofSeed && { ofSeed }), lost });
  }

  async #figuresOn(
    evaluation: OpenedEvaluation,
    {
      manifest,
      folder,
      failure,
    }: { manifest: IterationManifest; folder: RunFolder; failure: AutodidactError | undefined },
  ): Promise<Omit<IterationMetrics, 'iteration' | 'model' | 'benchmark' | 'others'>> {
    const { iteration, resultModel: judge, stages } = manifest;
    const { benchmark, files, recordName } = evaluation;
    if (failure) {
      const none = judgeFigures([], {
        ...evaluation,
        judge,
        nDropped: { 'not-measured': benchmark.items.length },
      });
      return { ...none, problem: failure.message };
    }
    const evaluated = await readEvaluation(folder.file(files.kept));
    if (iteration === 0) this.#ofSeed.set(evaluation, evaluated);
    const ofSeed = iteration === 0 ? undefined : this.#ofSeed.get(evaluation);
    const record = stages.find((each) => each.stage === 'evaluate' && each.benchmark === recordName);
    const nDropped = record?.drops ?? {};
    const { seed } = this.#opened.config;
    return {
      ...judgeFigures(evaluated, { ...evaluation, judge, nDropped }),
      ...(ofSeed && { againstSeed: compareJudges(ofSeed, evaluated, { seed }) }),
    };
  }
}

/** Whether an iteration has been measured on exactly these benchmarks, under these names, and audited so. */
export function isComplete(
  { stages, headline }: IterationManifest,
  { evaluations, audit }: Pick<OpenedExperiment, 'evaluations' | 'audit'>,
): boolean {
  const done = stages.filter(({ stage }) => stage === 'evaluate');
  const hasDone = ({ recordName, files }: OpenedEvaluation): boolean =>
    done.some(
      ({ benchmark, files: written }) =>
        benchmark === recordName && (written === undefined || Object.hasOwn(written, files.kept)),
    );
  return (
    done.length === evaluations.length &&
    stages.find(({ stage }) => stage === 'audit')?.askedHash === audit?.askedHash &&
    headline === headlineOf(evaluations).recordName &&
    evaluations.every(hasDone)
  );
}

/** Whether an evaluation failed for its own pairs and answers, so that others can still have figures. */
export function isOfOneBenchmark(thrown: unknown): thrown is AutodidactError {
  return thrown instanceof DataError || (thrown instanceof ModelError && thrown.code === 'server-losses');
}
