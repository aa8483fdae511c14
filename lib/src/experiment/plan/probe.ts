// Runs the real stages over a planning endpoint, and keeps what they asked for and which inputs were kept or dropped.
import { contentHash } from '../../core/hash.js';
import { ChatModel, NO_COMPLETIONS } from '../../model/index.js';
import type { PromptPack } from '../../prompt/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { kept, keptOf, type Outcome } from '../../schema/drop.js';
import type { Instruction } from '../../schema/instruction.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import { sharedSettings } from '../config/evaluate-config.js';
import type { OpenedAudit } from '../open/opened-audit.js';
import type { OpenedEvaluation } from '../open/evaluations.js';
import type { PreparedExperiment } from '../open/prepare.js';
import type { InstructionSource, UnclassifiedPool } from '../open/sources.js';
import { selectInstructions, type SelectOptions } from '../../select/index.js';
import {
  auditStage,
  classifyStage,
  evaluateStage,
  generateStage,
  judgeStage,
  scoreStage,
  type Asking,
} from '../run/asking-stages.js';
import type { PlanningEndpoint, StageTally } from './planning-endpoint.js';
import { MOST_PROBED, MOST_PROBED_OF_MANY } from './sample.js';
import type { TaggedPack } from './tagged-pack.js';

/** What a stage asked for, and which of its inputs were kept or dropped, given the completion store. */
export interface Probe<Kept> {
  nInput: number;
  kept: Kept[];
  /** Inputs that were dropped, by reason; `not-cached`: what becomes of them is not known yet. */
  drops: ReadonlyMap<string, number>;
  tally: StageTally;
}

/** What plans of several experiments over one store that does not change have found out, by what it depends on. */
export interface KnownProbes {
  probes: Map<string, Probe<unknown>>;
  /** The instructions that iterations take. */
  taken: WeakMap<InstructionSource, Map<string, Promise<Instruction[]>>>;
}

/** The stages of one experiment, over an endpoint that sends nothing. */
export class StageProber {
  readonly #endpoint: PlanningEndpoint;
  readonly #tagged: TaggedPack;
  readonly #asking: Asking;
  readonly #known: KnownProbes | null;
  /** What every probe depends on besides its settings and inputs. */
  readonly #ground: object;

  /**
   * @param options.tagged the pack of the endpoint's `kindOf`
   * @param options.known probes of earlier experiments, which are not repeated; only for an experiment that has not begun, since judges
   *   that a run has trained are its own
   */
  constructor(options: {
    prepared: Pick<PreparedExperiment, 'config' | 'inputs'>;
    tagged: TaggedPack;
    endpoint: PlanningEndpoint;
    signal: AbortSignal;
    known?: KnownProbes | undefined;
  }) {
    const { prepared, tagged, endpoint, signal, known } = options;
    const { config, inputs } = prepared;
    const { server, otherServers, promptVersion } = inputs;
    this.#known = known ?? null;
    this.#ground = { server, otherServers, promptVersion, pack: config.pack, model: config.model };
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
    const settings = { classify: unclassified.settings, seed: this.#asking.config.seed };
    const ids = instructions.map(({ instructionId }) => instructionId);
    return this.#probe({ settings, ids }, () => classifyStage(candidates, unclassified, this.#asking));
  }

  /** Most inputs of a stage that are looked at. */
  get mostProbed(): number {
    return this.#known === null ? MOST_PROBED : MOST_PROBED_OF_MANY;
  }

  /** The instructions that an iteration takes. */
  taken(source: InstructionSource, options: SelectOptions): Promise<Instruction[]> {
    const select = (): Promise<Instruction[]> => keptOf(selectInstructions(source.read(), options));
    if (this.#known === null) return select();
    const key = JSON.stringify(options);
    const ofSource = this.#known.taken.get(source) ?? new Map<string, Promise<Instruction[]>>();
    const taken = ofSource.get(key) ?? select();
    this.#known.taken.set(source, ofSource.set(key, taken));
    return taken;
  }

  /** Writes pairs as far as the store has them. */
  generate(instructions: readonly Instruction[]): Promise<Probe<ResponsePair>> {
    this.#tagged.expectInstructions(instructions.map(({ text }) => text));
    const { generate, seed } = this.#asking.config;
    const ids = instructions.map(({ instructionId, slice }) => [instructionId, slice]);
    return this.#probe({ settings: { generate, seed }, ids }, () =>
      generateStage(instructions, this.#asking),
    );
  }

  /**
   * Judges pairs.
   * @param judge.orders `both` in place of what the experiment says, where the pairs are a sample, in which turns say nothing
   */
  judge(
    judge: { model: string; orders?: 'both' | undefined },
    pairs: readonly ResponsePair[],
  ): Promise<Probe<unknown>> {
    const { judge: sampling, seed } = this.#asking.config;
    const ids = pairs.map(({ pairId }) => pairId);
    return this.#probe({ settings: { judge, sampling, seed }, ids }, () =>
      judgeStage(pairs, judge, this.#asking),
    );
  }

  /** Evaluates a judge. */
  evaluate(
    judgeModel: string,
    items: readonly BenchmarkItem[],
    { settings: evaluate, pack, hasOwnPack }: OpenedEvaluation,
  ): Promise<Probe<unknown>> {
    const { seed } = this.#asking.config;
    // Greedy verdicts draw nothing; votes do.
    const prompts = hasOwnPack ? { prompts: pack.version } : {};
    const settings = { evaluate, judgeModel, ...prompts, ...(evaluate.vote ? { seed } : {}) };
    const how = { settings: evaluate, pack: this.#packOf({ pack, hasOwnPack }) };
    return this.#probe({ settings, ids: items.map(({ itemId }) => itemId) }, () =>
      evaluateStage(items, judgeModel, { ...this.#asking, how }),
    );
  }

  /** Audits a judge. */
  audit(
    judgeModel: string,
    { items, evaluation, askedHash }: Pick<OpenedAudit, 'items' | 'evaluation' | 'askedHash'>,
  ): Promise<Probe<unknown>> {
    const audited = { items, evaluation: { ...evaluation, pack: this.#packOf(evaluation) } };
    const ids = items.map(({ itemId, probe, side }) => [itemId, probe, side]);
    return this.#probe({ settings: { askedHash, judgeModel }, ids }, () =>
      auditStage(judgeModel, audited, this.#asking),
    );
  }

  /** The prompts of a benchmark, tagged. */
  #packOf({ pack, hasOwnPack }: Pick<OpenedEvaluation, 'pack' | 'hasOwnPack'>): PromptPack {
    return hasOwnPack ? this.#tagged.tag(pack) : this.#tagged.pack;
  }

  /** Scores a checkpoint. */
  score(model: string, items: readonly BenchmarkItem[]): Promise<Probe<unknown>> {
    const evaluate = sharedSettings(this.#asking.config);
    return this.#probe({ settings: { evaluate, score: model }, ids: items.map(({ itemId }) => itemId) }, () =>
      scoreStage(items, model, this.#asking),
    );
  }

  /** @param dependsOn settings and inputs: what makes this probe the same as another */
  async #probe<Kept>(
    dependsOn: { settings: object; ids: readonly unknown[] },
    outcomes: () => AsyncIterable<Outcome<Kept>>,
  ): Promise<Probe<Kept>> {
    if (this.#known === null) return this.#look(outcomes());
    // Through JSON, in which settings that are absent are nowhere.
    const key = contentHash(JSON.parse(JSON.stringify({ ...this.#ground, ...dependsOn })));
    const { probes } = this.#known;
    const probe = probes.get(key) ?? (await this.#look(outcomes()));
    probes.set(key, probe);
    return probe as Probe<Kept>;
  }

  async #look<Kept>(outcomes: AsyncIterable<Outcome<Kept>>): Promise<Probe<Kept>> {
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
