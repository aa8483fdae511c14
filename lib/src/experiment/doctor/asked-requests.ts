// The requests that a run would send, from its real stages over an endpoint that sends nothing: what they ask of a server, and how long
// their prompts are.
import { NO_COMPLETIONS, type SampleRequest } from '../../model/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { keptOf } from '../../schema/drop.js';
import { stageName } from '../../schema/manifest.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { selectForIteration } from '../open/sources.js';
import { PlanningEndpoint } from '../plan/planning-endpoint.js';
import { StageProber } from '../plan/probe.js';
import { tagPrompts } from '../plan/tagged-pack.js';
import { tokenCounterOf } from '../plan/token-counter.js';

/** Requests of one stage to one model, with answers of the same length at most. */
export interface AskedRequests {
  stage: string;
  model: string;
  /** null: no bound is sent. */
  maxTokens: number | null;
  /** Tokens of each prompt, counted or estimated. */
  promptTokens: number[];
  /** The first of each set of other parameters, roles, and whether several completions are wanted, by a key of them. */
  forms: Map<string, SampleRequest>;
}

/**
 * The requests of a run that can be known before it. Pairs do not exist yet: benchmark items take their place for the judge. Prompts that
 * the embedded model cannot read, whose input a run would drop, are left out.
 * @throws ConfigError, DataError for inputs that cannot be read; the signal's reason when it aborts
 */
export async function askedRequests(
  prepared: PreparedExperiment,
  signal: AbortSignal,
): Promise<AskedRequests[]> {
  const { config, instructions, evaluations, audit } = prepared;
  const tagged = tagPrompts(prepared.pack);
  const asked = new Map<string, AskedRequests>();
  let stage = '';
  const endpoint = new PlanningEndpoint({
    identityOf: (model) => model,
    lookUp: (partition, keys) => NO_COMPLETIONS.getAll(partition, keys),
    kindOf: tagged.kindOf,
    tokens: tokenCounterOf(config).counter,
    onRequest: (request, promptTokens) => note(asked, { stage, request, promptTokens }),
  });
  const prober = new StageProber({ prepared, tagged, endpoint, signal });
  for (const evaluation of evaluations) {
    stage = stageName({ stage: 'evaluate', benchmark: evaluation.recordName });
    await prober.evaluate(config.model, evaluation.benchmark.items, evaluation);
  }
  stage = 'audit';
  if (audit) await prober.audit(config.model, audit);
  if (config.iterations === 0) return [...asked.values()];
  const { unclassified } = instructions;
  if (unclassified) {
    stage = 'classify';
    await prober.classify(unclassified, await unclassified.pool.sample(prober.mostProbed, signal));
  }
  stage = 'generate';
  await prober.generate(await keptOf(selectForIteration(1, { config, instructions })));
  stage = 'judge';
  await prober.judge({ model: config.model }, evaluations[0].benchmark.items.map(pairOf));
  return [...asked.values()];
}

function note(
  asked: Map<string, AskedRequests>,
  { stage, request, promptTokens }: { stage: string; request: SampleRequest; promptTokens: number },
): void {
  const { model, sampling, nSamples, messages } = request;
  const { maxTokens, ...parameters } = sampling;
  const key = JSON.stringify([stage, model, maxTokens]);
  const nothing: AskedRequests = { stage, model, maxTokens, promptTokens: [], forms: new Map() };
  const known = asked.get(key) ?? nothing;
  asked.set(key, known);
  known.promptTokens.push(promptTokens);
  const form = JSON.stringify([model, parameters, nSamples > 1, messages.map(({ role }) => role)]);
  if (!known.forms.has(form)) known.forms.set(form, request);
}

function pairOf({ itemId, instruction, slice, winner, loser }: BenchmarkItem): ResponsePair {
  return {
    pairId: itemId,
    instructionId: itemId,
    instruction,
    slice,
    winner: { text: winner, model: '', method: 'answer' },
    loser: { text: loser, model: '', method: 'corruption' },
  };
}
