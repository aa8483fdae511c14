// The lengths that a plan assumes: from the config, else from this experiment's completions in the store, else typical ones.
import { own } from '../../core/own.js';
import type { Assumption } from '../../schema/plan.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { ExperimentConfig } from '../config/config.js';
import { NOT_CACHED, sumOfTallies, type RequestTally, type StageTally } from './planning-endpoint.js';
import type { Probe } from './probe.js';
import type { TokenCounter } from './token-counter.js';

/** Typical lengths of a pack's completions, in tokens, and shares: used if neither the config nor the store has them. */
interface TypicalLengths {
  answerTokens: number;
  /** What of an answer's completion a judge is shown: all of it, or what its parser leaves, 0 to 1. */
  responseShare: number;
  modifiedInstructionTokens: number;
  /** Of a judgment, and of a grade. */
  judgmentTokens: number;
  /** Of a completion that labels an instruction of a pool. */
  classificationTokens: number;
  /** Of the instructions without completions, the share that becomes a pair, 0 to 1. */
  pairShare: number;
  source: string;
}

/**
 * Guesses, meant to be of the right size for instruction-tuned models that work things out before they answer; anyone who knows better
 * says so in the section `plan` of the config.
 */
const GENERAL: TypicalLengths = {
  answerTokens: 400,
  responseShare: 1,
  modifiedInstructionTokens: 60,
  judgmentTokens: 350,
  // Three lines: "category: Knowledge and Reasoning", "complexity: 4", "length: one paragraph".
  classificationTokens: 20,
  pairShare: 0.9,
  source: 'a guess for instruction-tuned models',
};

// `npx autodidact run experiments/quickstart.yaml`, seed 1: the usage of its stages (results/reference/quickstart/report.md) and, to
// tell answers from modified instructions, the lengths of the latter in its pairs: 8.22 and 11.39 tokens; judgments 9.28 in the
// judge stage and 9.35 in evaluations; responses 1.0; 2,797 pairs of 3,000 instructions. Seed 2: 8.21, 11.40, 9.28, 9.34, 1.0, 2,799.
// It takes all three slices in equal parts; an experiment on one of them uses 8% less than it would by these (math) to 16% more (code).
const MICRO: TypicalLengths = {
  answerTokens: 8.2,
  responseShare: 0.122,
  modifiedInstructionTokens: 11.4,
  judgmentTokens: 9.3,
  classificationTokens: GENERAL.classificationTokens,
  pairShare: 0.93,
  source: 'measured on the quickstart, seed 1',
};

const BY_PACK: Readonly<Record<string, TypicalLengths>> = {
  micro: MICRO,
  // experiments/questions/planted-shortcuts.yaml, loop seeds 11 and 12: responses 7.3 words, judgments 9.3 tokens, 0.93 pairs an instruction.
  'micro-worked': { ...MICRO, responseShare: 0.88, source: 'measured on planted-shortcuts, seeds 11 and 12' },
  'mt-bench': GENERAL,
};

/** What is typical of a pack, by its name; packs that are not known are taken to be like `general`. */
function typicalLengthsOf(packName: string): TypicalLengths {
  return own(BY_PACK, packName) ?? GENERAL;
}

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
