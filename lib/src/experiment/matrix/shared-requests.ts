// Finds stages of several runs that ask for the same, so that only the first run pays.
import { contentHash } from '../../core/hash.js';
import type { PlannedStage } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';
import type { PreparedExperiment } from '../open/prepare.js';

/**
 * Remembers what planned runs would ask for. What a judge asks or is asked that is still to be trained counts as its own, though two
 * arms may train the same, and a stage that shares but a part counts whole: amounts are upper bounds.
 */
export class SharedRequests {
  /** By stage: the most samples of each request. */
  readonly #planned = new Map<string, number>();

  /** Adds the stages of a run; those that an earlier run asks for count as answered by the store. */
  withoutShared(
    stages: readonly PlannedStage[],
    prepared: Pick<PreparedExperiment, 'config' | 'inputs' | 'evaluations' | 'audit'>,
  ): PlannedStage[] {
    return stages.map((stage) => {
      const asked = askedOf(stage, prepared);
      if (stage.state === 'done' || asked === null) return stage;
      const { key, nSamples } = asked;
      if ((this.#planned.get(key) ?? 0) >= nSamples) return answered(stage);
      this.#planned.set(key, nSamples);
      return stage;
    });
  }
}

/** What the requests of a stage depend on; null for one whose judge is not trained yet, and for training. */
function askedOf(
  { iteration, stage, benchmark: name }: PlannedStage,
  {
    config,
    inputs,
    evaluations,
    audit,
  }: Pick<PreparedExperiment, 'config' | 'inputs' | 'evaluations' | 'audit'>,
): { key: string; nSamples: number } | null {
  const { judge, model, seed, pack } = config;
  const { server, otherServers, promptVersion } = inputs;
  const servers = { model, pack, server, otherServers, promptVersion };
  const pairs = { ...servers, ...pairsOf(config), instructionsHash: inputs.instructionsHash };
  switch (stage) {
    case 'classify':
      return { key: keyOf({ stage, ...servers, seed, instructions: config.instructions }), nSamples: 1 };
    case 'generate':
      return { key: keyOf({ stage, iteration, ...pairs }), nSamples: 1 };
    case 'judge': {
      // The seed model judges in the first iteration.
      if (iteration > 1) return null;
      const { samples, ...how } = judge;
      return { key: keyOf({ stage, ...pairs, how }), nSamples: samples };
    }
    case 'evaluate': {
      const evaluation = evaluations.find(({ recordName }) => recordName === name);
      if (iteration > 0 || !evaluation) return null;
      const { settings: evaluate, benchmark, pack: prompts } = evaluation;
      const of = { evaluate, benchmarkHash: benchmark.fileHash, promptVersion: prompts.version };
      // Greedy verdicts draw nothing; votes do.
      return { key: keyOf({ stage, ...servers, ...of, ...(evaluate.vote ? { seed } : {}) }), nSamples: 1 };
    }
    case 'audit':
      if (iteration > 0 || !audit) return null;
      return { key: keyOf({ stage, ...servers, askedHash: audit.askedHash }), nSamples: 1 };
    case 'choose-checkpoint':
    case 'finetune':
      return null;
  }
}

function pairsOf({ seed, iterations, instructions, generate }: ExperimentConfig): object {
  return { seed, iterations, instructions, generate };
}

/** Through JSON, in which settings that are absent are nowhere. */
function keyOf(parts: object): string {
  return contentHash(JSON.parse(JSON.stringify(parts)));
}

function answered(stage: PlannedStage): PlannedStage {
  const cachedRequests = stage.cachedRequests + stage.requests;
  const nothing = { requests: 0, completions: 0, promptTokens: 0, completionTokens: 0, costUsd: 0 };
  return { ...stage, ...nothing, cachedRequests, wallMs: stage.wallMs === null ? null : 0 };
}
