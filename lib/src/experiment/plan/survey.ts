// Follows all stages of an experiment as a run would, and keeps what each would ask for, given the completion store.
import { groupBy } from '../../core/group-by.js';
import { losersPerInstruction } from '../../generate/index.js';
import { kept } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { PlannedStage } from '../../schema/plan.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import { SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import { instructionsOf, selectOptionsOf } from '../config/instructions-of-iteration.js';
import { finishedStages, type FinishedStages } from '../layout/finished-stages.js';
import { chooseClassified, readClassification } from '../open/classified-pool.js';
import type { OpenedAudit } from '../open/opened-audit.js';
import type { OpenedEvaluation } from '../open/evaluations.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { chosenSource, type InstructionSource } from '../open/sources.js';
import { followPipeline, type PipelineExecutor } from '../run/pipeline.js';
import { checkpointCountOf } from './checkpoint-count.js';
import {
  allCached,
  estimateCheckpoints,
  estimateClassify,
  estimateEvaluate,
  estimateGenerate,
  estimateKnownJudge,
  estimateUnknownJudge,
  sum,
  type Estimate,
  type EstimateGround,
  type ExpectedPairs,
} from './estimate.js';
import { NOT_CACHED, type StageTally } from './planning-endpoint.js';
import type { Probe, StageProber } from './probe.js';
import { evenSample } from './sample.js';

/** A stage of a plan; its amounts are computed once the lengths of completions are assumed. */
export interface SurveyedStage {
  iteration: number;
  stage: PlannedStage['stage'];
  /** Which of several benchmarks an evaluation is of. */
  benchmark?: string;
  /** The model that it asks, or a placeholder for a judge that is not trained yet; null: no model. */
  model: string | null;
  /** Its number of inputs, if an earlier attempt of the run has finished it. */
  done: { nInput: number | null } | null;
  /** `estimate`: null for a stage that asks no model. */
  expect: (ground: EstimateGround) => { nInput: number; estimate: Estimate | null };
}

/** What was found out about an experiment. */
export interface Survey {
  /** In the order of a run. */
  stages: readonly SurveyedStage[];
  /** Of all stages whose completions the store may have. */
  tallies: readonly StageTally[];
  /** Of the generate stages that differ. */
  generated: readonly Probe<ResponsePair>[];
  /** Whether some stage was looked at by a sample of its inputs. */
  isSampled: boolean;
  /** Whether iterations take instructions of a pool that is not classified to its end. */
  isProvisional: boolean;
  /** Whether a judge is not trained yet. */
  hasNewJudge: boolean;
}

/** @throws DataError for a run's records or files that cannot be read; the signal's reason when aborted */
export async function survey(
  experiment: PreparedExperiment & { folder: RunFolder },
  prober: StageProber,
): Promise<Survey> {
  const surveyor = new Surveyor(experiment, prober);
  await followPipeline(experiment.config, { model: experiment.config.model, isTrained: true }, surveyor);
  return surveyor;
}

/** A judge by its name, or by a placeholder until it is trained. */
interface SurveyedJudge {
  model: string;
  isTrained: boolean;
}

/** A probe of a stage, and how many inputs the stage has in all. */
interface Looked<Kept> {
  probe: Probe<Kept>;
  nInputs: number;
}

/** The pairs of an iteration, as far as they are known. */
interface SurveyedPairs {
  finished: FinishedStages;
  /** The instructions that were looked at. */
  instructions: readonly Instruction[];
  written: Looked<ResponsePair>;
  expected: (ground: EstimateGround) => ExpectedPairs;
}

class Surveyor
  implements Survey, PipelineExecutor<InstructionSource, SurveyedPairs, SurveyedPairs, SurveyedJudge>
{
  readonly stages: SurveyedStage[] = [];
  readonly tallies: StageTally[] = [];
  readonly generated: Probe<ResponsePair>[] = [];
  isSampled = false;
  isProvisional = false;
  hasNewJudge = false;
  readonly #experiment: PreparedExperiment & { folder: RunFolder };
  readonly #prober: StageProber;
  /** Of the iteration before; and of the seed model, by benchmark. */
  #pairs: SurveyedPairs | null = null;
  readonly #evaluations = new Map<OpenedEvaluation, Looked<unknown>>();
  /** One checkpoint, of which nothing is in the store: all are asked the same, and none has a name before it is there. */
  #checkpoint: Looked<unknown> | null = null;
  /** The audit of a judge that is not trained yet, likewise. */
  #auditOfNew: Looked<unknown> | null = null;

  constructor(experiment: PreparedExperiment & { folder: RunFolder }, prober: StageProber) {
    this.#experiment = experiment;
    this.#prober = prober;
  }

  async classify(): Promise<InstructionSource> {
    const { config, instructions, folder: run } = this.#experiment;
    const { unclassified, fileHash } = instructions;
    if (unclassified === null) return instructions;
    const { pool, settings, nRows, nCandidates } = unclassified;
    const { model = config.model, maxTokens } = settings;
    const row = { iteration: 0, stage: 'classify', model } as const;
    const record = await readClassification(run);
    if (record !== null) {
      this.stages.push({ ...row, done: record, expect: () => ({ nInput: nRows, estimate: null }) });
      return chooseClassified(unclassified, { run, record, config, fileHash });
    }
    const probe = await this.#prober.classify(
      unclassified,
      await pool.sample(this.#prober.mostProbed, this.#prober.signal),
    );
    this.#look({ probe, nInputs: nCandidates });
    this.stages.push({
      ...row,
      done: null,
      expect: (ground) => ({
        nInput: nRows,
        estimate: estimateClassify(probe, { nCandidates, maxTokens, ground }),
      }),
    });
    this.isProvisional = probe.nInput < nCandidates || probe.drops.has(NOT_CACHED);
    if (this.isProvisional) return instructions;
    const tally = new SelectionTally({ drops: Object.fromEntries(probe.drops) });
    const outcomes = probe.kept.map((instruction) => kept(instruction));
    return chosenSource(pool, { config, outcomes, tally, fileHash });
  }

  async generate(iteration: number, source: InstructionSource): Promise<SurveyedPairs> {
    const { config, folder } = this.#experiment;
    const finished = await finishedStages(folder, iteration);
    const repeated = instructionsOf(config).fresh ? null : this.#pairs;
    const { instructions, written } = repeated ?? (await this.#writePairs(iteration, source));
    const { probe, nInputs: nInstructions } = written;
    const estimated = (ground: EstimateGround): ReturnType<typeof estimateGenerate> =>
      estimateGenerate(probe, { nInstructions, ground });
    const record = finished.records.get('generate');
    this.stages.push({
      iteration,
      stage: 'generate',
      model: config.generate.model ?? config.model,
      done: record ?? null,
      expect: (ground) => {
        const { estimate } = estimated(ground);
        return { nInput: nInstructions, estimate: repeated ? allCached(estimate) : estimate };
      },
    });
    this.#pairs = {
      finished,
      instructions,
      written,
      // Where the stage is finished, all pairs are known.
      expected: (ground) => (record ? { nKnown: record.nKept, nUnknown: 0 } : estimated(ground).pairs),
    };
    return this.#pairs;
  }

  async judge(iteration: number, { model }: SurveyedJudge, found: SurveyedPairs): Promise<SurveyedPairs> {
    const { finished, instructions, expected, written } = found;
    const isWhole = finished.records.has('generate') || written.probe.kept.length === written.nInputs;
    const pairs = (await finished.readPairs()) ?? written.probe.kept;
    const probed = evenSample(pairs, this.#prober.mostProbed);
    // The order of a pair depends on the pairs before it, so it is known only if all of them are.
    const bothForOne =
      this.#experiment.config.judge.orders === 'balanced' && !(isWhole && probed.length === pairs.length);
    const judge = { model, ...(bothForOne && { orders: 'both' as const }) };
    const probe = probed.length === 0 ? null : await this.#prober.judge(judge, probed);
    if (probe) this.#look({ probe, nInputs: pairs.length });
    this.stages.push({
      iteration,
      stage: 'judge',
      model,
      done: finished.records.get('judge') ?? null,
      expect: (ground) => {
        const { nKnown, nUnknown } = expected(ground);
        const unknown = estimateUnknownJudge(nUnknown, { instructions, ground });
        const known = probe ? [estimateKnownJudge(probe, { nPairs: nKnown, bothForOne, ground })] : [];
        return { nInput: nKnown + nUnknown, estimate: sum([unknown, ...known]) };
      },
    });
    return found;
  }

  async train(
    iteration: number,
    _judge: SurveyedJudge,
    { finished, expected }: SurveyedPairs,
  ): Promise<SurveyedJudge> {
    const { validation, config } = this.#experiment;
    const { records, resultModel } = finished;
    const model = resultModel ?? `(the judge of iteration ${iteration})`;
    const record = records.get('finetune');
    this.stages.push({
      iteration,
      stage: 'finetune',
      model: null,
      done: record ?? null,
      expect: (ground) => {
        const { nKnown, nUnknown } = expected(ground);
        const nExamples = (nKnown + nUnknown) * config.filter.perPair;
        return { nInput: records.get('filter')?.nKept ?? nExamples, estimate: null };
      },
    });
    if (validation) {
      const nItems = validation.items.length;
      this.#checkpoint ??= this.#look(
        {
          probe: await this.#prober.score(
            '(a checkpoint)',
            evenSample(validation.items, this.#prober.mostProbed),
          ),
          nInputs: nItems,
        },
        { inStore: false },
      );
      const { probe } = this.#checkpoint;
      const nCheckpoints = checkpointCountOf(config)?.nCheckpoints ?? 0;
      this.stages.push({
        iteration,
        stage: 'choose-checkpoint',
        model,
        // A part of the fine-tuning stage, which compares its checkpoints before it ends.
        done: record ? { nInput: null } : null,
        expect: (ground) => ({
          nInput: nItems * nCheckpoints,
          estimate: estimateCheckpoints(probe, { nItems, nCheckpoints, ground }),
        }),
      });
    }
    return { model, isTrained: resultModel !== null };
  }

  async evaluate(iteration: number, { model, isTrained }: SurveyedJudge): Promise<void> {
    const { evaluations, audit, folder } = this.#experiment;
    const besideNames = evaluations.map(({ files }) => files.besideName);
    const { records } = await finishedStages(folder, iteration, { besideNames });
    if (!isTrained) this.hasNewJudge = true;
    for (const evaluation of evaluations) {
      const { benchmark, recordName, files, settings } = evaluation;
      const nItems = benchmark.items.length;
      const sample = evenSample(benchmark.items, this.#prober.mostProbed);
      // A judge that is not trained yet is asked what the seed model is asked, and nothing of its answers is in the store.
      const looked =
        (isTrained ? null : this.#evaluations.get(evaluation)) ??
        this.#look({ probe: await this.#prober.evaluate(model, sample, evaluation), nInputs: nItems });
      if (!this.#evaluations.has(evaluation)) this.#evaluations.set(evaluation, looked);
      this.stages.push({
        iteration,
        stage: 'evaluate',
        ...(recordName === undefined ? {} : { benchmark: recordName }),
        model,
        done: records.get(files.besideName) ?? null,
        expect: (ground) => ({
          nInput: nItems,
          estimate: estimateEvaluate(looked.probe, { nItems, isNewJudge: !isTrained, settings, ground }),
        }),
      });
    }
    if (!audit) return;
    const { settings } = audit.evaluation;
    const nItems = audit.items.length;
    const { probe } = isTrained
      ? this.#look(await this.#lookAtAudit(model, audit))
      : (this.#auditOfNew ??= this.#look(await this.#lookAtAudit('(a new judge)', audit), {
          inStore: false,
        }));
    const earlier = records.get('audit');
    this.stages.push({
      iteration,
      stage: 'audit',
      model,
      done: earlier?.askedHash === audit.askedHash ? earlier : null,
      expect: (ground) => ({
        nInput: nItems,
        estimate: estimateEvaluate(probe, { nItems, isNewJudge: false, settings, ground }),
      }),
    });
  }

  /** Looks at whole pairs, which probes ask for equally often as far as slices are alike. */
  async #lookAtAudit(model: string, audit: OpenedAudit): Promise<Looked<unknown>> {
    const { items, evaluation, nPairs } = audit;
    const pairs = [...groupBy(items, ({ itemId }) => itemId).values()];
    const nLooked = Math.max(1, Math.floor((this.#prober.mostProbed * nPairs) / items.length));
    const sample = evenSample(pairs, nLooked).flat();
    // The evaluation comes first, and asks for the pairs as they are.
    const plain = sample.filter(({ probe }) => probe === 'plain');
    await this.#prober.evaluate(model, plain, evaluation);
    const probe = await this.#prober.audit(model, { ...audit, items: sample });
    return { probe, nInputs: items.length };
  }

  async #writePairs(
    iteration: number,
    instructions: InstructionSource,
  ): Promise<Pick<SurveyedPairs, 'instructions' | 'written'>> {
    const { config } = this.#experiment;
    const all = await this.#prober.taken(instructions, selectOptionsOf(iteration, config));
    const sample = evenSample(all, this.#prober.mostProbed);
    const probe = await this.#prober.generate(sample);
    this.generated.push(probe);
    const nInputs = all.length * losersPerInstruction(config.generate.losers);
    return { instructions: sample, written: this.#look({ probe, nInputs }) };
  }

  #look<Kept>(looked: Looked<Kept>, { inStore = true } = {}): Looked<Kept> {
    if (inStore) this.tallies.push(looked.probe.tally);
    this.isSampled ||= looked.probe.nInput < looked.nInputs;
    return looked;
  }
}
