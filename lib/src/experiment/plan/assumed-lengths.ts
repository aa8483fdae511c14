// The lengths that a plan assumes: from the config, else from this experiment's completions in the store, else typical ones.
import type { Assumption } from '../../schema/plan.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { ExperimentConfig } from '../config/config.js';
import { NOT_CACHED, sumOfTallies, type RequestTally, type StageTally } from './planning-endpoint.js';
import type { Probe } from './probe.js';
import type { TokenCounter } from './token-counter.js';
import { typicalLengthsOf, type TypicalLengths } from './typical-lengths.js';

/** Means, in tokens; none is bounded by a `maxTokens` yet. */
export interface AssumedLengths extends Omit<TypicalLengths, 'responseShare' | 'source'> {
  /** Of a response as a judge is shown it. */
  responseTokens: number;
}

/** Fewest completions for a mean. */
const FEWEST = 30;

/** What lengths are derived from. */
export interface LengthSources {
  config: ExperimentConfig;
  packName: string;
  generated: readonly Probe<ResponsePair>[];
  /** Of all stages. */
  tallies: readonly StageTally[];
  tokens: TokenCounter;
}

/** The lengths of a plan, and where each comes from. */
export function assumedLengths(sources: LengthSources): {
  lengths: AssumedLengths;
  assumptions: Assumption[];
} {
  const { config, packName, generated, tallies, tokens } = sources;
  const typical = typicalLengthsOf(packName);
  // The store keeps texts, not the servers' token counts.
  const asCounted = tokens.guess === null ? '' : `, their tokens taken to be ${tokens.guess}`;
  const assumptions: Assumption[] = [];
  const classifies = config.instructions?.source === 'pool' && config.instructions.classify !== undefined;
  const choose = (
    what: string,
    { key, seen, otherwise }: { key: keyof ExperimentConfig['plan'] | null; seen: Mean; otherwise: number },
  ): number => {
    const given = key === null ? undefined : config.plan[key];
    const hasSeen = seen.mean !== null && seen.n >= FEWEST;
    const value = given ?? (hasSeen ? seen.mean : null) ?? otherwise;
    const source =
      given !== undefined
        ? `plan.${key ?? ''}`
        : hasSeen
          ? `mean of ${seen.n} in the completion store${what.startsWith('tokens') ? asCounted : ''}`
          : `${typical.source}${key === null ? '' : `; set plan.${key}`}`;
    // A seed model that is only measured judges, and does nothing else.
    if (config.iterations > 0 || key === 'judgmentTokens')
      assumptions.push({ what, value: shown(value), source });
    return value;
  };

  const answerTokens = choose('tokens of an answer', {
    key: 'answerTokens',
    seen: lengthOf(tallies.flatMap(({ winner, loser }) => [winner, loser])),
    otherwise: typical.answerTokens,
  });
  const responses = generated.flatMap(({ kept }) => kept.flatMap(({ winner, loser }) => [winner, loser]));
  const lengths: AssumedLengths = {
    answerTokens,
    responseTokens: choose('tokens of a response as a judge is shown it', {
      key: null,
      seen: meanOf(responses.map(({ text }) => tokens.ofText(text))),
      otherwise: answerTokens * typical.responseShare,
    }),
    modifiedInstructionTokens: choose('tokens of a modified instruction', {
      key: 'modifiedInstructionTokens',
      seen: lengthOf(tallies.map((tally) => tally['modified-instruction'])),
      otherwise: typical.modifiedInstructionTokens,
    }),
    judgmentTokens: choose('tokens of a judgment', {
      key: 'judgmentTokens',
      seen: lengthOf(tallies.flatMap(({ judgment, grade }) => [judgment, grade])),
      otherwise: typical.judgmentTokens,
    }),
    classificationTokens: classifies
      ? choose('tokens of a classification', {
          key: 'classificationTokens',
          seen: lengthOf(tallies.map(({ classification }) => classification)),
          otherwise: typical.classificationTokens,
        })
      : 0,
    pairShare: choose('instructions that become a pair, share', {
      key: 'pairShare',
      seen: seenPairShare(generated),
      otherwise: typical.pairShare,
    }),
  };
  return { lengths, assumptions };
}

/** A mean, null when there was nothing, and over how many. */
interface Mean {
  mean: number | null;
  n: number;
}

function meanOf(values: readonly number[]): Mean {
  const n = values.length;
  return { n, mean: n === 0 ? null : values.reduce((sum, value) => sum + value, 0) / n };
}

function lengthOf(tallies: readonly RequestTally[]): Mean {
  const { nCachedSamples, cachedCompletionTokens } = sumOfTallies(tallies);
  return {
    n: nCachedSamples,
    mean: nCachedSamples === 0 ? null : cachedCompletionTokens / nCachedSamples,
  };
}

function seenPairShare(generated: readonly Probe<ResponsePair>[]): Mean {
  let n = 0;
  let nKept = 0;
  for (const { nInput, kept, drops } of generated) {
    n += nInput - (drops.get(NOT_CACHED) ?? 0);
    nKept += kept.length;
  }
  return { n, mean: n === 0 ? null : nKept / n };
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
