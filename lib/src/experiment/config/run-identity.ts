// What makes a run this run: the settings and inputs that can change a result, and nothing else.
import { isDeepStrictEqual } from 'node:util';
import { contentHash } from '../../core/hash.js';
import type { RunInputs } from '../../schema/manifest.js';
import type { ExperimentConfig } from './config.js';
import { evaluationsOf, sharedSettings } from './evaluate-config.js';

/**
 * The hash that names a run. Where an endpoint is reached and how fast, what it costs and may cost, whom it tells, what is audited and reviewed, and what a description says, is
 * not part of it; what is behind the endpoint and in the files is.
 */
export function configHashOf(config: ExperimentConfig, inputs: RunInputs): string {
  const settings = { ...config, evaluate: identityOf(config), inputs, ...NO_PART_OF_IT };
  // Through JSON, in which settings that are absent are nowhere.
  return contentHash(JSON.parse(JSON.stringify(settings)));
}

/** Of several evaluations the first alone, as if it were the only one; and how checkpoints are judged, where that is another way. */
function identityOf(config: ExperimentConfig): object {
  const [{ settings, pack }] = evaluationsOf(config);
  const scoring = { ...sharedSettings(config), vote: undefined };
  const judging = { ...settings, benchmark: undefined, benchmarks: undefined, vote: undefined };
  const isChosen = config.finetune.checkpoint !== undefined && config.iterations > 0;
  return { ...settings, pack, ...(isChosen && !isDeepStrictEqual(scoring, judging) ? { scoring } : {}) };
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
  audit: undefined,
  review: undefined,
};
