// What makes a run this run: the settings and inputs that can change a result, and nothing else.
import { contentHash } from '../../core/hash.js';
import type { RunInputs } from '../../schema/manifest.js';
import type { ExperimentConfig } from './config.js';

/**
 * The hash that names a run. Where an endpoint is reached and how fast, what it costs and may cost, whom it tells, and what a description says, is
 * not part of it; what is behind the endpoint and in the files is.
 */
export function configHashOf(config: ExperimentConfig, inputs: RunInputs): string {
  const settings = { ...config, inputs, ...NO_PART_OF_IT };
  // Through JSON, in which settings that are absent are nowhere.
  return contentHash(JSON.parse(JSON.stringify(settings)));
}

/** Names a run among those of the same experiment. @param configHash see {@link configHashOf} */
export function runIdOf({ seed }: ExperimentConfig, configHash: string): string {
  return `seed-${seed}-${configHash.slice(0, 8)}`;
}

const NO_PART_OF_IT = {
  endpoint: undefined,
  description: undefined,
  prices: undefined,
  budget: undefined,
  plan: undefined,
  notify: undefined,
};
