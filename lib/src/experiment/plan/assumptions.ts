// The assumptions of a plan other than lengths.
import type { Assumption } from '../../schema/plan.js';
import type { ExperimentConfig } from '../config/config.js';
import { checkpointCountOf } from './checkpoint-count.js';
import { MOST_PROBED } from './sample.js';
import type { Survey } from './survey.js';

/** Of a whole run of the quickstart on two cores: its completion tokens by the time of its stages that ask the model. */
const EMBEDDED_TOKENS_PER_SECOND = 25_000;

/** How fast completions are written, and the source of that figure. */
export function paceOf({ endpoint, plan }: ExperimentConfig): {
  /** null where it is not known. */
  tokensPerSecond: number | null;
  assumption: Assumption;
} {
  const what = 'completion tokens a second';
  if (plan.tokensPerSecond !== undefined) {
    const value = String(plan.tokensPerSecond);
    return {
      tokensPerSecond: plan.tokensPerSecond,
      assumption: { what, value, source: 'plan.tokensPerSecond' },
    };
  }
  if (endpoint.batch !== undefined) {
    const source = `a batch takes up to ${endpoint.batch.completionWindow}`;
    return { tokensPerSecond: null, assumption: { what, value: 'unknown', source } };
  }
  if (endpoint.provider === 'embedded') {
    return {
      tokensPerSecond: EMBEDDED_TOKENS_PER_SECOND,
      assumption: {
        what,
        value: String(EMBEDDED_TOKENS_PER_SECOND),
        source: 'the quickstart on two cores (results/reference/quickstart); set plan.tokensPerSecond',
      },
    };
  }
  const source = 'set plan.tokensPerSecond';
  return { tokensPerSecond: null, assumption: { what, value: 'unknown', source } };
}

/** What is assumed of the servers, of later judges, and of inputs that were not looked at. */
export function assumptionsAbout(
  config: ExperimentConfig,
  { isSampled, hasNewJudge, isProvisional }: Survey,
): Assumption[] {
  const { prices, endpoint, filter, iterations } = config;
  const assumptions: Assumption[] = [
    {
      what: 'completions of one prompt',
      value: 'asked for in one request, its prompt billed once',
      source: 'servers that honour n; others bill the prompt with each completion',
    },
  ];
  if (iterations > 0) {
    assumptions.push(
      {
        what: 'prompts of losers',
        value: 'as long as those of winners',
        source: 'a modified instruction is like its original',
      },
      {
        what: 'training examples',
        value: `at most ${filter.perPair} per pair`,
        source: 'filter.perPair; training is not priced and its time is not counted',
      },
    );
  }
  if (isProvisional) {
    assumptions.push({
      what: 'instructions that iterations take',
      value: 'like those that pass the filters of the pool',
      source: 'which are chosen is known once they are classified',
    });
  }
  if (hasNewJudge) {
    assumptions.push({
      what: 'judges that are not trained yet',
      value: 'nothing of theirs is in the store',
      source: 'their names are not known before',
    });
  }
  const checkpoints = iterations > 0 ? checkpointCountOf(config) : null;
  if (checkpoints) assumptions.push(checkpoints.assumption);
  if (isSampled) {
    assumptions.push({
      what: 'inputs looked at',
      value: `${MOST_PROBED} of each stage, evenly spread; the rest is like them`,
      source: 'so that a plan takes seconds; store hits are scaled likewise',
    });
  }
  if (Object.keys(prices).length > 0 && endpoint.batch !== undefined) {
    const value = 'batchShare of the price';
    assumptions.push({ what: 'requests in batches', value, source: 'prices' });
  }
  return assumptions;
}
