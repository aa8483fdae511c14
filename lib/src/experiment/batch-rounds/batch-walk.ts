// Goes through all stages of an experiment as a run would, as far as the completion store carries, and tells what each waits for.
import { evaluateJudge } from '../../evaluate/index.js';
import { generatePairs } from '../../generate/index.js';
import { judgePairs } from '../../judge/index.js';
import { EXPORTED, type ExportCounts, type ExportEndpoint } from '../../model/export-endpoint.js';
import { ChatModel, NO_COMPLETIONS } from '../../model/index.js';
import type { Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { PlannedStage } from '../../schema/plan.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import { classifyInstructions, SelectionTally } from '../../select/index.js';
import type { RunFolder } from '../../store/index.js';
import { chooseClassified, readClassification } from '../open/classified-pool.js';
import { finishedStages, type FinishedStages } from '../layout/finished-stages.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { chosenSource, selectForIteration, type InstructionSource } from '../open/sources.js';
import {
  classifyOptionsOf,
  evaluateOptionsOf,
  generateOptionsOf,
  judgeOptionsOf,
  type AskingContext,
} from '../run/stage-options.js';
import { FILES } from '../layout/run-files.js';

/** What an export found of one stage. */
export interface WalkedStage extends ExportCounts {
  iteration: number;
  stage: PlannedStage['stage'];
  /**
   * `done`: a run finished it. `asks`: inputs of it wait for requests of this export. `in-store`: nothing is left to ask for
   * here, since the store has it or it cannot be had. `next`: training, which a run can begin now. `waits`: what it works on is not there yet.
   */
  state: 'done' | 'asks' | 'in-store' | 'next' | 'waits';
  /** Inputs that wait for requests: this stage's, or those of an earlier one with the same content. */
  nWaiting: number;
}

/** What is walked over. */
export interface WalkOptions {
  /** Of the run; need not be there. */
  folder: RunFolder;
  endpoint: ExportEndpoint;
  signal: AbortSignal;
}

const LOOK_AHEAD = 64;

const NOTHING = { nWaiting: 0, nWritten: 0, nTooLarge: 0, nGivenUp: 0 };

/**
 * Lets the real stages ask for everything that can be asked now. Nothing is kept of what they make: pairs are made again, from the
 * store, for the judge. Pairs are judged once all are known, since in balanced orders a pair's order depends on those before it.
 * @throws DataError; the signal's reason when it aborts
 */
export async function walkStages(
  experiment: PreparedExperiment,
  options: WalkOptions,
): Promise<WalkedStage[]> {
  return new StageWalk(experiment, options).walk();
}

class StageWalk {
  readonly #experiment: PreparedExperiment;
  readonly #folder: RunFolder;
  readonly #endpoint: ExportEndpoint;
  readonly #context: AskingContext;
  readonly #stages: WalkedStage[] = [];

  constructor(experiment: PreparedExperiment, { folder, endpoint, signal }: WalkOptions) {
    const { config, pack } = experiment;
    this.#experiment = experiment;
    this.#folder = folder;
    this.#endpoint = endpoint;
    // The endpoint looks the store up itself: a request then reaches it at once, and none is overlooked that outlives its input.
    const chatModel = new ChatModel({ endpoint, cache: NO_COMPLETIONS, lookAhead: LOOK_AHEAD });
    this.#context = { config, pack, chatModel, signal };
  }

  async walk(): Promise<WalkedStage[]> {
    const { config } = this.#experiment;
    const instructions = await this.#classify();
    await this.#evaluate({ iteration: 0, finished: await finishedStages(this.#folder, 0) }, config.model);
    let judgeModel: string | null = config.model;
    for (let iteration = 1; iteration <= config.iterations; iteration++) {
      const at = { iteration, finished: await finishedStages(this.#folder, iteration) };
      const pairs = await this.#generate(at, instructions);
      const isJudged = await this.#judge(at, { judgeModel, pairs });
      this.#finetune(at, isJudged);
      judgeModel = at.finished.resultModel;
      await this.#evaluate(at, judgeModel);
    }
    return this.#stages;
  }

  /** @returns what iterations take from, null while it cannot be chosen */
  async #classify(): Promise<InstructionSource | null> {
    const { config, instructions } = this.#experiment;
    const { unclassified, fileHash } = instructions;
    if (unclassified === null) return instructions;
    const run = this.#folder;
    const at = { iteration: 0 };
    const record = await readClassification(run);
    if (record !== null) {
      this.#add(at, { stage: 'classify', state: 'done' });
      return chooseClassified(unclassified, { run, record, config, fileHash });
    }
    const { pool } = unclassified;
    const { signal } = this.#context;
    const label = (): AsyncIterable<Outcome<Instruction>> =>
      classifyInstructions(
        pool.candidates({ signal, onMasked: () => undefined }),
        classifyOptionsOf(unclassified, this.#context),
      );
    if (!(await this.#ask(at, 'classify', label()))) return null;
    const chosen = await chosenSource(pool, {
      config,
      outcomes: label(),
      tally: new SelectionTally(),
      fileHash,
    });
    // What was given up is told of already.
    await this.#endpoint.takeCounts();
    return chosen;
  }

  /** @returns reads the pairs, null while they are not all known */
  async #generate(
    at: StagePlace,
    instructions: InstructionSource | null,
  ): Promise<(() => AsyncIterable<ResponsePair>) | null> {
    const { iteration, finished } = at;
    if (finished.records.has('generate')) {
      this.#add(at, { stage: 'generate', state: 'done' });
      const inside = this.#folder.inside(`iteration-${iteration}`);
      return () => inside.records(FILES.pairs, responsePairSchema);
    }
    if (instructions === null) {
      this.#add(at, { stage: 'generate', state: 'waits' });
      return null;
    }
    const { config } = this.#experiment;
    const write = (): AsyncIterable<Outcome<ResponsePair>> =>
      generatePairs(
        keptOf(selectForIteration(iteration, { config, instructions })),
        generateOptionsOf(this.#context),
      );
    const isKnown = await this.#ask(at, 'generate', write());
    return isKnown ? () => keptOf(write()) : null;
  }

  /** @returns whether all judgments are known */
  async #judge(
    at: StagePlace,
    { judgeModel, pairs }: { judgeModel: string | null; pairs: (() => AsyncIterable<ResponsePair>) | null },
  ): Promise<boolean> {
    if (at.finished.records.has('judge')) {
      this.#add(at, { stage: 'judge', state: 'done' });
      return true;
    }
    if (judgeModel === null || pairs === null) {
      this.#add(at, { stage: 'judge', state: 'waits' });
      return false;
    }
    return this.#ask(at, 'judge', judgePairs(pairs(), judgeOptionsOf(judgeModel, this.#context)));
  }

  #finetune(at: StagePlace, isJudged: boolean): void {
    const state = at.finished.resultModel !== null ? 'done' : isJudged ? 'next' : 'waits';
    this.#add(at, { stage: 'finetune', state });
  }

  async #evaluate(at: StagePlace, judgeModel: string | null): Promise<void> {
    if (at.finished.records.has('evaluate')) this.#add(at, { stage: 'evaluate', state: 'done' });
    else if (judgeModel === null) this.#add(at, { stage: 'evaluate', state: 'waits' });
    else {
      const { items } = this.#experiment.benchmark;
      await this.#ask(at, 'evaluate', evaluateJudge(items, evaluateOptionsOf(judgeModel, this.#context)));
    }
  }

  /** @returns whether nothing of the stage waits for requests */
  async #ask(
    at: Pick<StagePlace, 'iteration'>,
    stage: WalkedStage['stage'],
    outcomes: AsyncIterable<Outcome<unknown>>,
  ): Promise<boolean> {
    let nWaiting = 0;
    for await (const outcome of outcomes)
      if (outcome.kind === 'dropped' && outcome.drop.reason === EXPORTED) nWaiting++;
    const counts = await this.#endpoint.takeCounts();
    this.#add(at, { stage, state: nWaiting > 0 ? 'asks' : 'in-store', nWaiting, ...counts });
    return nWaiting === 0;
  }

  #add(
    { iteration }: Pick<StagePlace, 'iteration'>,
    stage: Pick<WalkedStage, 'stage' | 'state'> & Partial<WalkedStage>,
  ): void {
    this.#stages.push({ iteration, ...NOTHING, ...stage });
  }
}

/** An iteration, and what a run has finished of it. */
interface StagePlace {
  iteration: number;
  finished: FinishedStages;
}

async function* keptOf<Kept>(outcomes: AsyncIterable<Outcome<Kept>>): AsyncGenerator<Kept> {
  for await (const outcome of outcomes) if (outcome.kind === 'kept') yield outcome.record;
}
