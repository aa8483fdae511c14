// Goes through all iterations of an experiment as a run would, and keeps what each stage asks for as far as the store tells.
import { losersPerInstruction } from '../../generate/index.js';
import type { Instruction } from '../../schema/instruction.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { RunFolder } from '../../store/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { ExperimentConfig } from '../config/config.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { selectForIteration, type InstructionSource } from '../open/sources.js';
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
  const { config, benchmark, validation, folder } = experiment;
  const nItems = benchmark.items.length;
  const items = evenSample(benchmark.items);
  const seed = {
    finished: await finishedStages(folder, 0),
    evaluate: { probe: await prober.evaluate(config.model, items), nInputs: nItems },
  };
  const pool = await surveyPool(experiment, prober);
  const instructionSource = pool?.instructions ?? experiment.instructions;
  const checkpoint = validation && (await surveyCheckpoint(validation.items, prober));
  const iterations: SurveyedIteration[] = [];
  const tallies: StageTally[] = [seed.evaluate.probe.tally];
  let isSampled = items.length < nItems;
  if (checkpoint) isSampled ||= checkpoint.probe.nInput < checkpoint.nInputs;
  if (pool?.probe) {
    tallies.push(pool.probe.tally);
    isSampled ||= pool.probe.nInput < pool.unclassified.nCandidates;
  }
  let judgeModel: string | null = config.model;
  for (let iteration = 1; iteration <= config.iterations; iteration++) {
    const finished = await finishedStages(folder, iteration);
    const earlier = config.instructions.fresh ? undefined : iterations.at(-1);
    const all = earlier ? null : await instructionsOf(iteration, { config, source: instructionSource });
    const instructions = all ? evenSample(all) : (earlier?.instructions ?? []);
    const generate: SurveyedStage<ResponsePair> = earlier?.generate ?? {
      probe: await prober.generate(instructions),
      nInputs: (all?.length ?? 0) * losersPerInstruction(config.generate.losers),
    };
    const judge = await surveyJudge(judgeModel ?? judgeAfter(iteration - 1), {
      pairs: (await finished.readPairs()) ?? generate.probe.kept,
      isWhole: finished.records.has('generate') || generate.probe.kept.length === generate.nInputs,
      isBalanced: config.judge.orders === 'balanced',
      prober,
    });
    const result: string | null = finished.resultModel;
    const evaluate =
      result === null ? seed.evaluate : { probe: await prober.evaluate(result, items), nInputs: nItems };
    iterations.push({
      iteration,
      finished,
      judgeModel: judgeModel ?? judgeAfter(iteration - 1),
      resultModel: result ?? judgeAfter(iteration),
      instructions,
      generate,
      repeatsPairs: earlier !== undefined,
      judge,
      evaluate,
      isNewJudge: result === null,
    });
    if (!earlier) tallies.push(generate.probe.tally);
    if (judge) tallies.push(judge.probe.tally);
    if (result !== null) tallies.push(evaluate.probe.tally);
    isSampled ||=
      generate.probe.nInput < generate.nInputs || (judge?.probe.nInput ?? 0) < (judge?.nInputs ?? 0);
    judgeModel = result;
  }
  return { pool, seed, iterations, checkpoint, tallies, isSampled };
}

/** Stands for a judge that is not trained yet: no server has a model of this name. */
function judgeAfter(iteration: number): string {
  return `(the judge of iteration ${iteration})`;
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
  const probe = await prober.judge(judgeModel, probed, bothForOne ? { orders: 'both' } : {});
  return { probe, nInputs: pairs.length, bothForOne };
}
