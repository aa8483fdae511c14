// Follows all stages of an experiment as a run would, as far as the completion store allows, and records what each waits for.
import { EXPORTED, type ExportCounts, type ExportEndpoint } from '../../model/export-endpoint.js';
import { ChatModel, NO_COMPLETIONS } from '../../model/index.js';
import type { Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { PlannedStage } from '../../schema/plan.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import { SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import { finishedStages, type FinishedStages } from '../layout/finished-stages.js';
import { ITERATION_FILES, iterationFolder } from '../layout/run-files.js';
import { chooseClassified, readClassification } from '../open/classified-pool.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { chosenSource, selectForIteration, type InstructionSource } from '../open/sources.js';
import { followPipeline, type PipelineExecutor } from '../run/pipeline.js';
import {
  auditStage,
  classifyStage,
  evaluateStage,
  generateStage,
  judgeStage,
  type Asking,
} from '../run/asking-stages.js';

/** The state of one stage in an export. */
export interface WalkedStage extends ExportCounts {
  iteration: number;
  stage: PlannedStage['stage'];
  /** Which of several benchmarks an evaluation is of. */
  benchmark?: string;
  /**
   * `done`: a run finished it. `asks`: inputs of it wait for requests of this export. `in-store`: nothing is left to ask for
   * here, since the store has it or it cannot be had. `next`: training, which a run can begin now. `waits`: what it works on is not there yet.
   */
  state: 'done' | 'asks' | 'in-store' | 'next' | 'waits';
  /** Inputs that wait for requests of this stage, or of an earlier one with the same content. */
  nWaiting: number;
}

/** Where the walk reads from and writes to. */
export interface WalkOptions {
  /** Of the run; need not be there. */
  folder: RunFolder;
  endpoint: ExportEndpoint;
  signal: AbortSignal;
}

const LOOK_AHEAD = 64;

const NOTHING = { nWaiting: 0, nWritten: 0, nTooLarge: 0, nGivenUp: 0 };

/**
 * Runs the real stages for everything that can be requested now. Their results are not kept: pairs are made again from the store for
 * the judge. Pairs are judged once all are known, since in balanced orders a pair's order depends on those before it.
 * @throws DataError; the signal's reason when it aborts
 */
export async function walkStages(
  experiment: PreparedExperiment,
  options: WalkOptions,
): Promise<WalkedStage[]> {
  const walk = new StageWalk(experiment, options);
  await followPipeline<InstructionSource | null, Pairs | null, boolean, string | null>(
    experiment.config,
    experiment.config.model,
    walk,
  );
  return walk.stages;
}

/** Reads the pairs of an iteration. */
type Pairs = () => AsyncIterable<ResponsePair>;

/** Instructions, pairs or a judge that are not known yet are null; of judgments, it only matters whether all are known. */
class StageWalk implements PipelineExecutor<InstructionSource | null, Pairs | null, boolean, string | null> {
  readonly stages: WalkedStage[] = [];
  readonly #experiment: PreparedExperiment;
  readonly #folder: RunFolder;
  readonly #endpoint: ExportEndpoint;
  readonly #asking: Asking;

  constructor(experiment: PreparedExperiment, { folder, endpoint, signal }: WalkOptions) {
    const { config, pack } = experiment;
    this.#experiment = experiment;
    this.#folder = folder;
    this.#endpoint = endpoint;
    // The endpoint reads the store itself, so that every request reaches it at once, also if its input is dropped meanwhile.
    const chatModel = new ChatModel({ endpoint, cache: NO_COMPLETIONS, lookAhead: LOOK_AHEAD });
    this.#asking = { config, pack, chatModel, signal };
  }

  async classify(): Promise<InstructionSource | null> {
    const { config, instructions } = this.#experiment;
    const { unclassified, fileHash } = instructions;
    if (unclassified === null) return instructions;
    const run = this.#folder;
    const record = await readClassification(run);
    if (record !== null) {
      this.#add(0, { stage: 'classify', state: 'done' });
      return chooseClassified(unclassified, { run, record, config, fileHash });
    }
    const { pool } = unclassified;
    const { signal } = this.#asking;
    const label = (): AsyncIterable<Outcome<Instruction>> =>
      classifyStage(pool.candidates({ signal }), unclassified, this.#asking);
    if (!(await this.#ask(0, { stage: 'classify' }, label()))) return null;
    const chosen = await chosenSource(pool, {
      config,
      outcomes: label(),
      tally: new SelectionTally(),
      fileHash,
    });
    // Requests that were given up are counted already.
    await this.#endpoint.takeCounts();
    return chosen;
  }

  async generate(iteration: number, instructions: InstructionSource | null): Promise<Pairs | null> {
    const { records } = await this.#finishedOf(iteration);
    if (records.has('generate')) {
      this.#add(iteration, { stage: 'generate', state: 'done' });
      return () =>
        iterationFolder(this.#folder, iteration).records(ITERATION_FILES.pairs, responsePairSchema);
    }
    if (instructions === null) {
      this.#add(iteration, { stage: 'generate', state: 'waits' });
      return null;
    }
    const { config } = this.#experiment;
    const write = (): AsyncIterable<Outcome<ResponsePair>> =>
      generateStage(recordsIn(selectForIteration(iteration, { config, instructions })), this.#asking);
    const isKnown = await this.#ask(iteration, { stage: 'generate' }, write());
    return isKnown ? () => recordsIn(write()) : null;
  }

  async judge(iteration: number, judgeModel: string | null, pairs: Pairs | null): Promise<boolean> {
    const { records } = await this.#finishedOf(iteration);
    if (records.has('judge')) {
      this.#add(iteration, { stage: 'judge', state: 'done' });
      return true;
    }
    if (judgeModel === null || pairs === null) {
      this.#add(iteration, { stage: 'judge', state: 'waits' });
      return false;
    }
    return this.#ask(iteration, { stage: 'judge' }, judgeStage(pairs(), { model: judgeModel }, this.#asking));
  }

  async train(iteration: number, _judgeModel: string | null, isJudged: boolean): Promise<string | null> {
    const { resultModel } = await this.#finishedOf(iteration);
    const state = resultModel !== null ? 'done' : isJudged ? 'next' : 'waits';
    this.#add(iteration, { stage: 'finetune', state });
    return resultModel;
  }

  async evaluate(iteration: number, judgeModel: string | null): Promise<void> {
    const { evaluations, audit } = this.#experiment;
    const besideNames = evaluations.map(({ files }) => files.besideName);
    const { records } = await finishedStages(this.#folder, iteration, { besideNames });
    for (const how of evaluations) {
      const { recordName: benchmark, files, benchmark: source } = how;
      const row = { stage: 'evaluate', ...(benchmark === undefined ? {} : { benchmark }) } as const;
      if (records.has(files.besideName)) this.#add(iteration, { ...row, state: 'done' });
      else if (judgeModel === null) this.#add(iteration, { ...row, state: 'waits' });
      else await this.#ask(iteration, row, evaluateStage(source.items, judgeModel, { ...this.#asking, how }));
    }
    if (!audit) return;
    const row = { stage: 'audit' } as const;
    if (records.get('audit')?.askedHash === audit.askedHash) this.#add(iteration, { ...row, state: 'done' });
    else if (judgeModel === null) this.#add(iteration, { ...row, state: 'waits' });
    else await this.#ask(iteration, row, auditStage(judgeModel, audit, this.#asking));
  }

  #finishedOf(iteration: number): Promise<FinishedStages> {
    return finishedStages(this.#folder, iteration);
  }

  /** @returns whether nothing of the stage waits for requests */
  async #ask(
    iteration: number,
    row: Pick<WalkedStage, 'stage' | 'benchmark'>,
    outcomes: AsyncIterable<Outcome<unknown>>,
  ): Promise<boolean> {
    let nWaiting = 0;
    for await (const outcome of outcomes)
      if (outcome.kind === 'dropped' && outcome.drop.reason === EXPORTED) nWaiting++;
    const counts = await this.#endpoint.takeCounts();
    this.#add(iteration, { ...row, state: nWaiting > 0 ? 'asks' : 'in-store', nWaiting, ...counts });
    return nWaiting === 0;
  }

  #add(iteration: number, stage: Pick<WalkedStage, 'stage' | 'state'> & Partial<WalkedStage>): void {
    this.stages.push({ iteration, ...NOTHING, ...stage });
  }
}

async function* recordsIn<Kept>(outcomes: AsyncIterable<Outcome<Kept>>): AsyncGenerator<Kept> {
  for await (const outcome of outcomes) if (outcome.kind === 'kept') yield outcome.record;
}
