// Runs the real stages over a planning endpoint, and keeps what they asked for and which inputs were kept or dropped.
import { ChatModel, NO_COMPLETIONS } from '../../model/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { kept, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { ExperimentConfig } from '../config/config.js';
import type { UnclassifiedPool } from '../open/sources.js';
import {
  classifyStage,
  evaluateStage,
  generateStage,
  judgeStage,
  scoreStage,
  type Asking,
} from '../run/asking-stages.js';
import type { PlanningEndpoint, StageTally } from './planning-endpoint.js';
import type { TaggedPack } from './tagged-pack.js';

/** What a stage asked for, and which of its inputs were kept or dropped, given the completion store. */
export interface Probe<Kept> {
  nInput: number;
  kept: Kept[];
  /** Inputs that were dropped, by reason; `not-cached`: what becomes of them is not known yet. */
  drops: ReadonlyMap<string, number>;
  tally: StageTally;
}

/** The stages of one experiment, over an endpoint that sends nothing. */
export class StageProber {
  readonly #endpoint: PlanningEndpoint;
  readonly #tagged: TaggedPack;
  readonly #asking: Asking;

  /** @param options.tagged the pack of the endpoint's `kindOf` */
  constructor(options: {
    config: ExperimentConfig;
    tagged: TaggedPack;
    endpoint: PlanningEndpoint;
    signal: AbortSignal;
  }) {
    const { config, tagged, endpoint, signal } = options;
    // The endpoint reads the store itself, since it counts by the kind of a request.
    const chatModel = new ChatModel({ endpoint, cache: NO_COMPLETIONS, lookAhead: LOOK_AHEAD });
    this.#endpoint = endpoint;
    this.#tagged = tagged;
    this.#asking = { config, pack: tagged.pack, chatModel, signal };
  }

  /** Ends a survey. */
  get signal(): AbortSignal {
    return this.#asking.signal;
  }

  /** Labels instructions of a pool as far as the store has labels. */
  classify(
    unclassified: UnclassifiedPool,
    instructions: readonly Instruction[],
  ): Promise<Probe<Instruction>> {
    const candidates = instructions.map((instruction) => kept(instruction));
    return this.#probe(classifyStage(candidates, unclassified, this.#asking));
  }

  /** Writes pairs as far as the store has them. */
  generate(instructions: readonly Instruction[]): Promise<Probe<ResponsePair>> {
    this.#tagged.expectInstructions(instructions.map(({ text }) => text));
    return this.#probe(generateStage(instructions, this.#asking));
  }

  /**
   * Judges pairs.
   * @param judge.orders `both` in place of what the experiment says, where the pairs are a sample, in which turns say nothing
   */
  judge(
    judge: { model: string; orders?: 'both' | undefined },
    pairs: readonly ResponsePair[],
  ): Promise<Probe<unknown>> {
    return this.#probe(judgeStage(pairs, judge, this.#asking));
  }

  /** Evaluates a judge. */
  evaluate(judgeModel: string, items: readonly BenchmarkItem[]): Promise<Probe<unknown>> {
    return this.#probe(evaluateStage(items, judgeModel, this.#asking));
  }

  /** Scores a checkpoint. */
  score(model: string, items: readonly BenchmarkItem[]): Promise<Probe<unknown>> {
    return this.#probe(scoreStage(items, model, this.#asking));
  }

  async #probe<Kept>(outcomes: AsyncIterable<Outcome<Kept>>): Promise<Probe<Kept>> {
    const keptRecords: Kept[] = [];
    const drops = new Map<string, number>();
    let nInput = 0;
    for await (const outcome of outcomes) {
      nInput++;
      if (outcome.kind === 'kept') keptRecords.push(outcome.record);
      else drops.set(outcome.drop.reason, (drops.get(outcome.drop.reason) ?? 0) + 1);
    }
    return { nInput, kept: keptRecords, drops, tally: await this.#endpoint.takeCounts() };
  }
}

const LOOK_AHEAD = 64;
