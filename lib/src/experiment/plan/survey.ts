// Goes through all iterations of an experiment as a run would, and keeps what each stage asks for as far as the store tells.
import { losersPerInstruction } from '../../generate/index.js';
import type { Instruction } from '../../schema/instruction.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { RunFolder } from '../../store/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { ExperimentConfig } from '../config/config.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { selectForIteration, type InstructionSource } from '../open/sources.js';
import { followPipeline, type PipelineExecutor } from '../run/pipeline.js';
import { finishedStages, type FinishedStages } from '../layout/finished-stages.js';
import { surveyPool, type SurveyedPool } from './pool-survey.js';
import type { StageTally } from './planning-endpoint.js';
import type { Probe, StageProber } from './probe.js';
import { evenSample } from './sample.js';

/** A probe of a stage, and how many inputs the stage has in all. */
export interface SurveyedStage<Kept> {
  probe: Probe<Kept>;
  nInputs: number;
}

/** What was found out about one iteration after the first evaluation. */
export interface SurveyedIteration {
  iteration: number;
  finished: FinishedStages;
  /** The judge at its start; one that is not trained yet has a name that stands for it. */
  judgeModel: string;
  /** The judge that it makes, likewise. */
  resultModel: string;
  /** The instructions that were looked at. */
  instructions: readonly Instruction[];
  generate: SurveyedStage<ResponsePair>;
  /** Whether the iteration before it wrote the same pairs. */
  repeatsPairs: boolean;
  /** Over the pairs that are known; null where none is. */
  judge: (SurveyedStage<unknown> & { bothForOne: boolean }) | null;
  evaluate: SurveyedStage<unknown>;
  /** The evaluation was surveyed with another judge, since this one's name is not known. */
  isNewJudge: boolean;
}

/** What was found out about an experiment. */
export interface Survey {
  /** Null where no pool is to be classified. */
  pool: SurveyedPool | null;
  seed: { finished: FinishedStages; evaluate: SurveyedStage<unknown> };
  iterations: SurveyedIteration[];
  /** One checkpoint, of which nothing is in the store; null where none is chosen. */
  checkpoint: SurveyedStage<unknown> | null;
  /** Of all probes. */
  tallies: StageTally[];
  /** Whether some stage was looked at by a sample of its inputs. */
  isSampled: boolean;
}

/** @throws DataError for a run's records or files that cannot be read; the signal's reason when aborted */
export async function survey(
  experiment: PreparedExperiment & { folder: RunFolder },
  prober: StageProber,
): Promise<Survey> {
  const { config, validation } = experiment;
  const surveyor = new Surveyor(experiment, prober);
  const { iterations } = surveyor;
  await followPipeline(config, { model: config.model, isKnown: true }, surveyor);
  const { pool, seed } = surveyor;
  if (!seed) throw new RangeError('expected the seed model to be evaluated');
  const checkpoint = validation && (await surveyCheckpoint(validation.items, prober));
  const stages: { probe: Probe<unknown>; nInputs: number }[] = [seed.evaluate];
  if (pool?.probe) stages.push({ probe: pool.probe, nInputs: pool.unclassified.nCandidates });
  for (const { generate, repeatsPairs, judge, evaluate, isNewJudge } of iterations) {
    if (!repeatsPairs) stages.push(generate);
    if (judge) stages.push(judge);
    if (!isNewJudge) stages.push(evaluate);
  }
  const tallies = stages.map(({ probe }) => probe.tally);
  const looked = checkpoint ? [...stages, checkpoint] : stages;
  const isSampled = looked.some(({ probe, nInputs }) => probe.nInput < nInputs);
  return { pool, seed, iterations, checkpoint, tallies, isSampled };
}

/** A judge by its name, or by one that stands for it while it is not trained. */
interface SurveyedJudge {
  model: string;
  isKnown: boolean;
}

/** What an iteration is known to make before its judge is trained. */
type SurveyedPairs = Pick<SurveyedIteration, 'finished' | 'instructions' | 'generate' | 'repeatsPairs'>;

type SurveyedJudgments = SurveyedPairs & Pick<SurveyedIteration, 'judge' | 'judgeModel'>;

class Surveyor implements PipelineExecutor<
  InstructionSource,
  SurveyedPairs,
  SurveyedJudgments,
  SurveyedJudge
> {
  pool: SurveyedPool | null = null;
  seed: Survey['seed'] | null = null;
  readonly iterations: SurveyedIteration[] = [];
  readonly #experiment: PreparedExperiment & { folder: RunFolder };
  readonly #prober: StageProber;
  #judged: SurveyedJudgments | null = null;

  constructor(experiment: PreparedExperiment & { folder: RunFolder }, prober: StageProber) {
    this.#experiment = experiment;
    this.#prober = prober;
  }

  async classify(): Promise<InstructionSource> {
    this.pool = await surveyPool(this.#experiment, this.#prober);
    return this.pool?.instructions ?? this.#experiment.instructions;
  }

  async generate(iteration: number, source: InstructionSource): Promise<SurveyedPairs> {
    const { config, folder } = this.#experiment;
    const finished = await finishedStages(folder, iteration);
    const earlier = config.instructions.fresh ? undefined : this.iterations.at(-1);
    if (earlier) {
      const { instructions, generate } = earlier;
      return { finished, instructions, generate, repeatsPairs: true };
    }
    const all = await instructionsOf(iteration, { config, source });
    const instructions = evenSample(all);
    const probe = await this.#prober.generate(instructions);
    const nInputs = all.length * losersPerInstruction(config.generate.losers);
    return { finished, instructions, generate: { probe, nInputs }, repeatsPairs: false };
  }

  async judge(
    _iteration: number,
    { model }: SurveyedJudge,
    found: SurveyedPairs,
  ): Promise<SurveyedJudgments> {
    const { finished, generate } = found;
    const judge = await surveyJudge(model, {
      pairs: (await finished.readPairs()) ?? generate.probe.kept,
      isWhole: finished.records.has('generate') || generate.probe.kept.length === generate.nInputs,
      isBalanced: this.#experiment.config.judge.orders === 'balanced',
      prober: this.#prober,
    });
    return { ...found, judge, judgeModel: model };
  }

  train(iteration: number, _judge: SurveyedJudge, judged: SurveyedJudgments): Promise<SurveyedJudge> {
    this.#judged = judged;
    const { resultModel } = judged.finished;
    const model = resultModel ?? `(the judge of iteration ${iteration})`;
    return Promise.resolve({ model, isKnown: resultModel !== null });
  }

  async evaluate(iteration: number, { model, isKnown }: SurveyedJudge): Promise<void> {
    const { benchmark, folder } = this.#experiment;
    // Nothing of a judge without a name is in the store: it is asked what the seed model is asked.
    const evaluate =
      !isKnown && this.seed
        ? this.seed.evaluate
        : {
            probe: await this.#prober.evaluate(model, evenSample(benchmark.items)),
            nInputs: benchmark.items.length,
          };
    if (iteration === 0) this.seed = { finished: await finishedStages(folder, 0), evaluate };
    else if (this.#judged)
      this.iterations.push({
        iteration,
        ...this.#judged,
        resultModel: model,
        evaluate,
        isNewJudge: !isKnown,
      });
  }
}

/** All checkpoints are asked the same, and none has a name before it is there. */
async function surveyCheckpoint(
  items: readonly BenchmarkItem[],
  prober: StageProber,
): Promise<SurveyedStage<unknown>> {
  return { probe: await prober.score('(a checkpoint)', evenSample(items)), nInputs: items.length };
}

async function instructionsOf(
  iteration: number,
  { config, source }: { config: ExperimentConfig; source: InstructionSource },
): Promise<Instruction[]> {
  const instructions: Instruction[] = [];
  for await (const outcome of selectForIteration(iteration, { config, instructions: source })) {
    if (outcome.kind === 'kept') instructions.push(outcome.record);
  }
  return instructions;
}

async function surveyJudge(
  judgeModel: string,
  options: { pairs: readonly ResponsePair[]; isWhole: boolean; isBalanced: boolean; prober: StageProber },
): Promise<SurveyedIteration['judge']> {
  const { pairs, isWhole, isBalanced, prober } = options;
  if (pairs.length === 0) return null;
  const probed = evenSample(pairs);
  // Which order is a pair's turn can be told only where all pairs before it are there.
  const bothForOne = isBalanced && !(isWhole && probed.length === pairs.length);
  const judge = { model: judgeModel, ...(bothForOne && { orders: 'both' as const }) };
  const probe = await prober.judge(judge, probed);
  return { probe, nInputs: pairs.length, bothForOne };
}
