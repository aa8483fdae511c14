// Runs the loop: stages write their records to the folders of the run, and finished stages are not repeated.
import { isDeepStrictEqual } from 'node:util';
import { GateError, ReviewError, type AutodidactError } from '../../core/errors.js';
import { exists } from '../../core/files.js';
import { losersPerInstruction } from '../../generate/index.js';
import { JudgmentsWriter } from '../../judge/index.js';
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { FineTunedModel } from '../../schema/fine-tuned-model.js';
import { instructionSchema } from '../../schema/instruction.js';
import { judgmentIndexPath } from '../../schema/judgment-index.js';
import {
  iterationManifestSchema,
  SCHEMA_VERSION,
  stageRecordSchema,
  type IterationManifest,
  type StageRecord,
} from '../../schema/manifest.js';
import type { OverlapReport } from '../../schema/overlap.js';
import { pairAuditSchema, type PairAudit } from '../../schema/pair-audit.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import type { RunFolder } from '../../store/index.js';
import type { SelectionSummary } from '../../schema/selection-summary.js';
import { damageOfIteration } from '../layout/file-hashes.js';
import { instructionsOf } from '../config/instructions-of-iteration.js';
import { ITERATION_FILES, filesBeside, iterationFolder } from '../layout/run-files.js';
import { headlineOf, type OpenedEvaluation } from '../open/evaluations.js';
import type { OpenedExperiment } from '../open/opened-experiment.js';
import type { LaterOverlap } from '../open/overlap-check.js';
import { selectForIteration, type InstructionSource } from '../open/sources.js';
import { askPeople } from './ask-people.js';
import { auditPairsIn, auditTrainingSetIn } from '../score/audit-pair-files.js';
import { classifyPool } from './classify-stage.js';
import { filterFilesIn, filterToExamples, stagesOfLaterTrainings } from './filter-stage.js';
import { runFineTune } from './finetune-stage.js';
import { passGate } from './gate.js';
import { IterationFigures, isComplete, isOfOneBenchmark, type Failures } from './iteration-figures.js';
import { followPipeline, type PipelineExecutor } from './pipeline.js';
import { requireSome, runStage, stageAtWork, type StageAtWork, type StageWork } from './stage-runner.js';
import { auditStage, evaluateStage, generateStage, judgeStage } from './asking-stages.js';
import { checkTrainingTexts } from './training-overlap.js';

/** The result of the loop. */
export interface LoopResult {
  iterations: IterationMetrics[];
  manifests: IterationManifest[];
  /** What a pool held and what was chosen of it; null where the instructions are of no pool. */
  selection: SelectionSummary | null;
  /** What instructions and benchmark have in common, all of it waived; null where there was nothing to compare. */
  overlap: OverlapReport | null;
  /** The same of each benchmark but the first. */
  laterOverlaps: LaterOverlap[];
  /** Why the run is not finished: a benchmark has no figures of some judge, the first first, which the next run measures again; people. */
  failures: AutodidactError[];
}

/**
 * Classifies the pool if there is one to classify, and runs all iterations; finished parts are not repeated.
 * @throws ModelError, DataError, and ConfigError for a pool that leaves too few; the signal's reason when aborted
 */
export async function runLoop(opened: OpenedExperiment): Promise<LoopResult> {
  const loop = new Loop(opened);
  await followPipeline(opened.config, opened.config.model, loop);
  return loop.result;
}

/** The stages of an iteration that people can be asked about before its training. */
const BEFORE_TRAINING = ['select', 'generate', 'filter'] as const;

/** An iteration in progress. */
interface BegunIteration {
  stages: StageRecord[];
  /** The judge at its start. */
  judgeModel: string;
  fineTunedModel?: FineTunedModel;
}

/** Pairs and judgments are in the iteration's folder; their stage records count them. */
class Loop implements PipelineExecutor<InstructionSource, StageRecord, StageRecord, string> {
  readonly result: LoopResult;
  readonly #opened: OpenedExperiment;
  #begun: BegunIteration;
  readonly #figures: IterationFigures;
  /** Checks that gates have warned of. */
  readonly #warned = new Set<string>();

  constructor(opened: OpenedExperiment) {
    const { config, instructions, overlap, laterOverlaps } = opened;
    this.#opened = opened;
    this.#figures = new IterationFigures(opened);
    this.#begun = { stages: [], judgeModel: config.model };
    const { selection } = instructions;
    this.result = { iterations: [], manifests: [], selection, overlap, laterOverlaps, failures: [] };
  }

  async classify(): Promise<InstructionSource> {
    const pool = await classifyPool(this.#opened, this.#at(0, this.#opened.folder));
    if (!pool) return this.#opened.instructions;
    this.#begun.stages.push(pool.record);
    this.result.overlap = pool.overlap;
    this.result.laterOverlaps = pool.laterOverlaps;
    this.result.selection = pool.instructions.selection;
    return pool.instructions;
  }

  async finished(iteration: number): Promise<string | undefined> {
    const { folder } = this.#at(iteration);
    const { warn } = this.#opened.observers;
    const manifest = await folder.readIntact(ITERATION_FILES.manifest, iterationManifestSchema, warn);
    // The stages say what is damaged as they are done again.
    if (!manifest || (await damageOfIteration(folder, manifest)) !== null) return undefined;
    const { resultModel } = manifest;
    if (isComplete(manifest, this.#opened)) {
      this.#begun = { stages: [], judgeModel: resultModel };
      await this.#measure(manifest, { wasDone: true, failed: new Map() });
      if (iteration > 0) for (const stage of BEFORE_TRAINING) await this.#askAbout(stage, iteration);
      await this.#askAboutJudge(iteration);
    } else {
      const { judgeModel, fineTunedModel } = manifest;
      const stages = manifest.stages.filter(({ stage }) => stage !== 'evaluate' && stage !== 'audit');
      this.#begun = { stages, judgeModel, ...(fineTunedModel && { fineTunedModel }) };
      await this.evaluate(iteration, resultModel);
    }
    return resultModel;
  }

  async generate(iteration: number, instructions: InstructionSource): Promise<StageRecord> {
    const { config, signal } = this.#opened;
    const { folder } = this.#at(iteration);
    await this.#passGate(iteration, { isBeforeTraining: false });
    const earlier = await this.#recordOf(folder, 'generate');
    const selected = await this.#run(iteration, {
      stage: 'select',
      fileName: ITERATION_FILES.instructions,
      nExpected: instructionsOf(config).perIteration,
      outcomes: () => selectForIteration(iteration, { config, instructions }),
    });
    await this.#askAbout('select', iteration);
    const pairs = await this.#runAndRequire(iteration, {
      stage: 'generate',
      fileName: ITERATION_FILES.pairs,
      nExpected: selected.nKept * losersPerInstruction(config.generate.losers),
      outcomes: () =>
        generateStage(folder.records(ITERATION_FILES.instructions, instructionSchema), this.#opened),
    });
    const file = ITERATION_FILES.pairAudit;
    await this.#auditOf(pairs, { earlier, folder, file, audit: () => auditPairsIn(folder, signal) });
    await this.#askAbout('generate', iteration);
    return pairs;
  }

  async judge(iteration: number, judgeModel: string, pairs: StageRecord): Promise<StageRecord> {
    const { folder } = this.#at(iteration);
    return this.#runAndRequire(iteration, {
      stage: 'judge',
      fileName: ITERATION_FILES.judgments,
      createKept: (folder, fileName) => JudgmentsWriter.create(folder, fileName),
      moreFiles: [judgmentIndexPath(ITERATION_FILES.judgments)],
      nExpected: pairs.nKept,
      outcomes: () =>
        judgeStage(
          folder.records(ITERATION_FILES.pairs, responsePairSchema),
          { model: judgeModel },
          this.#opened,
        ),
    });
  }

  async train(iteration: number, judgeModel: string, { nKept }: StageRecord): Promise<string> {
    const at = this.#at(iteration);
    const from = { files: filterFilesIn(at.folder), iteration };
    const earlier = await this.#recordOf(at.folder, 'filter');
    const filtered = await this.#runAndRequire(iteration, {
      stage: 'filter',
      fileName: ITERATION_FILES.examples,
      nExpected: nKept,
      outcomes: () => filterToExamples(this.#opened, from),
    });
    const file = ITERATION_FILES.trainingSetAudit;
    const audit = (): Promise<PairAudit> => auditTrainingSetIn(at.folder, this.#opened);
    await this.#auditOf(filtered, { earlier, folder: at.folder, file, audit });
    await this.#askAbout('filter', iteration);
    await this.#passGate(iteration, { isBeforeTraining: true });
    for (const stage of stagesOfLaterTrainings(this.#opened, from))
      await this.#run(iteration, { ...stage, nExpected: nKept });
    const { record, fineTuned } = await runFineTune(judgeModel, this.#opened, at);
    this.#begun.stages.push(record);
    this.#begun.fineTunedModel = fineTuned;
    return fineTuned.model;
  }

  async evaluate(iteration: number, resultModel: string): Promise<void> {
    const { evaluations, audit } = this.#opened;
    const { folder } = this.#at(iteration);
    const failed: Failures = new Map();
    for (const evaluation of evaluations) {
      try {
        await this.#evaluateOn(evaluation, { iteration, resultModel });
      } catch (thrown) {
        if (!isOfOneBenchmark(thrown)) throw thrown;
        failed.set(evaluation, thrown);
        if (failed.size === evaluations.length) throw failed.get(evaluations[0]) ?? thrown;
      }
    }
    if (audit && !failed.has(audit.evaluation)) {
      await this.#run(iteration, {
        stage: 'audit',
        fileName: ITERATION_FILES.probes,
        // Nothing follows from it.
        besideName: 'audit',
        askedHash: audit.askedHash,
        nExpected: audit.items.length,
        outcomes: () => auditStage(resultModel, audit, this.#opened),
      });
    }
    const headline = headlineOf(evaluations).recordName;
    const manifest: IterationManifest = {
      schemaVersion: SCHEMA_VERSION,
      iteration,
      resultModel,
      ...this.#begun,
      ...(headline === undefined ? {} : { headline }),
    };
    await folder.writeRecord(ITERATION_FILES.manifest, manifest);
    this.#begun = { stages: [], judgeModel: resultModel };
    for (const [{ name }, { message }] of failed)
      this.#opened.observers.warn(`iteration ${iteration} has no figures on ${name}: ${message}`);
    this.result.failures.push(...failed.values());
    await this.#measure(manifest, { wasDone: false, failed });
    if (!failed.has(headlineOf(evaluations))) await this.#askAboutJudge(iteration);
  }

  /** People are asked about what a stage has kept; what is trained on already is not waited for. */
  async #askAbout(stage: (typeof BEFORE_TRAINING)[number], iteration: number): Promise<void> {
    const isPast = (await this.#recordOf(this.#at(iteration).folder, 'finetune')) !== null;
    await askPeople(this.#opened, { stage, iteration, isPast });
  }

  /** People are asked about held-out pairs. After the last iteration the run waits once its report is written. */
  async #askAboutJudge(iteration: number): Promise<void> {
    const { config, folder } = this.#opened;
    const isPast = await exists(iterationFolder(folder, iteration + 1).path);
    try {
      await askPeople(this.#opened, { stage: 'evaluate', iteration, isPast });
    } catch (thrown) {
      const isWaiting = thrown instanceof ReviewError || thrown instanceof GateError;
      if (!isWaiting || iteration < config.iterations) throw thrown;
      this.result.failures.push(thrown);
    }
  }

  async #evaluateOn(
    evaluation: OpenedEvaluation,
    { iteration, resultModel }: { iteration: number; resultModel: string },
  ): Promise<void> {
    const { benchmark, files, isFirst, recordName } = evaluation;
    const { folder } = this.#at(iteration);
    // A training checks the benchmarks that are there; this one may have been added since.
    if (!isFirst && iteration > 0 && !(await exists(folder.file(files.overlap))))
      await checkTrainingTexts(folder, evaluation, this.#opened);
    await this.#runAndRequire(iteration, {
      stage: 'evaluate',
      benchmark: recordName,
      fileName: files.kept,
      ...(isFirst ? {} : { besideName: files.besideName }),
      nExpected: benchmark.items.length,
      outcomes: () => evaluateStage(benchmark.items, resultModel, { ...this.#opened, how: evaluation }),
    });
  }

  /** Computes the figures of an iteration. */
  async #measure(
    manifest: IterationManifest,
    { wasDone, failed }: { wasDone: boolean; failed: Failures },
  ): Promise<void> {
    const { folder } = this.#at(manifest.iteration);
    const metrics = await this.#figures.of(manifest, { folder, failed });
    this.result.manifests.push(manifest);
    this.result.iterations.push(metrics);
    this.#opened.observers.onEvent({ kind: 'iteration-finished', metrics, wasDone });
  }

  /** Before an iteration begins, and before it trains; what is trained already is past it. */
  async #passGate(iteration: number, { isBeforeTraining }: { isBeforeTraining: boolean }): Promise<void> {
    const { iterations } = this.result;
    if (iterations.length === 0 || (await this.#recordOf(this.#at(iteration).folder, 'finetune'))) return;
    await passGate(this.#opened, { iteration, iterations, isBeforeTraining, warned: this.#warned });
  }

  #recordOf(folder: RunFolder, stage: string): Promise<StageRecord | null> {
    return folder.readIntact(filesBeside(stage).record, stageRecordSchema, () => undefined);
  }

  /** Writes the audit of what a stage has kept, unless it is there and the stage has not changed since. */
  async #auditOf(
    { files }: StageRecord,
    of: {
      earlier: StageRecord | null;
      folder: RunFolder;
      file: string;
      audit: () => Promise<PairAudit>;
    },
  ): Promise<void> {
    const { earlier, folder, file, audit } = of;
    const { warn } = this.#opened.observers;
    if (
      isDeepStrictEqual(earlier?.files, files) &&
      (await folder.readIntact(file, pairAuditSchema, warn)) !== null
    )
      return;
    await folder.writeJson(file, await audit());
  }

  #at(iteration: number, folder = iterationFolder(this.#opened.folder, iteration)): StageAtWork {
    return stageAtWork(this.#opened, { iteration, folder });
  }

  async #run<Kept>(iteration: number, work: StageWork<Kept>): Promise<StageRecord> {
    const record = await runStage(work, this.#at(iteration));
    this.#begun.stages.push(record);
    return record;
  }

  /** The same for a stage that must keep at least one record. @throws DataError */
  async #runAndRequire<Kept>(iteration: number, work: StageWork<Kept>): Promise<StageRecord> {
    const record = await this.#run(iteration, { ...work, needsSome: true });
    const { folder } = this.#at(iteration);
    await requireSome(record, {
      subject: folder.path,
      dropsPath: folder.file(filesBeside(work.besideName ?? record.stage).drops),
      remedy:
        'then run again where servers failed, or change the setting that causes it, which makes a new run.',
    });
    return record;
  }
}
