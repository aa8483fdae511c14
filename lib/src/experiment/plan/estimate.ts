// Estimates of what a stage will ask for in total, from what it asked for on a sample of its inputs.
import { DataError } from '../../core/errors.js';
import { addRecords, scaleRecord } from '../../core/number-records.js';
import type { PromptPack } from '../../prompt/index.js';
import type { Instruction } from '../../schema/instruction.js';
import type { PlannedAmounts } from '../../schema/plan.js';
import type { ResponsePair } from '../../schema/response-pair.js';
import type { ExperimentConfig } from '../config/config.js';
import type { EvaluateSettings } from '../config/evaluate-config.js';
import type { AssumedLengths } from './assumed-lengths.js';
import { NOT_CACHED, sumOfTallies, type RequestTally } from './planning-endpoint.js';
import type { Probe } from './probe.js';
import type { TokenCounter } from './token-counter.js';

/** What a stage will ask for; means and shares make fractions, which are rounded at the end. */
export type Estimate = Omit<PlannedAmounts, 'costUsd' | 'wallMs'>;

/** What all estimates of an experiment rest on. */
export interface EstimateGround {
  config: ExperimentConfig;
  pack: PromptPack;
  tokens: TokenCounter;
  lengths: AssumedLengths;
}

/** How many pairs the generate stage leaves: those whose text is known, and others. Both may be fractions. */
export interface ExpectedPairs {
  nKnown: number;
  nUnknown: number;
}

/** Of a stage that asks for nothing. */
export const NOTHING: Estimate = {
  requests: 0,
  cachedRequests: 0,
  completions: 0,
  promptTokens: 0,
  completionTokens: 0,
};

/**
 * The classify stage.
 * @param options.nCandidates in all; the probe may have seen a sample
 * @param options.maxTokens of a classification
 */
export function estimateClassify(
  { nInput, tally }: Probe<unknown>,
  {
    nCandidates,
    maxTokens,
    ground: { lengths },
  }: { nCandidates: number; maxTokens: number | null; ground: EstimateGround },
): Estimate {
  const tokens = Math.min(lengths.classificationTokens, maxTokens ?? Infinity);
  return scaleRecord(ofTally(tally.classification, tokens), ratio(nCandidates, nInput));
}

/**
 * The generate stage. Instructions whose answer or modified instruction is still to be written will ask for a loser, too, with a prompt
 * of about the same length.
 * @param nInstructions in all; the probe may have seen a sample
 */
export function estimateGenerate(
  { nInput, kept, drops, tally }: Probe<ResponsePair>,
  { nInstructions, ground }: { nInstructions: number; ground: EstimateGround },
): { estimate: Estimate; pairs: ExpectedPairs } {
  const { config, lengths } = ground;
  const { winner, loser, 'modified-instruction': modified } = tally;
  const answers = sumOfTallies([winner, loser]);
  const answerTokens = Math.min(lengths.answerTokens, config.generate.response.maxTokens ?? Infinity);
  const modifiedTokens = Math.min(
    lengths.modifiedInstructionTokens,
    config.generate.modifiedInstruction.maxTokens ?? Infinity,
  );
  const nUnknown = drops.get(NOT_CACHED) ?? 0;
  const nLosersToCome = Math.max(0, nUnknown - loser.nAsked);
  const scale = ratio(nInstructions, nInput);
  const estimate = sum([
    ofTally(answers, answerTokens),
    ofTally(modified, modifiedTokens),
    {
      ...NOTHING,
      requests: nLosersToCome,
      completions: nLosersToCome,
      promptTokens: nLosersToCome * meanPromptTokens(answers),
      completionTokens: nLosersToCome * answerTokens,
    },
  ]);
  return {
    estimate: scaleRecord(estimate, scale),
    pairs: { nKnown: kept.length * scale, nUnknown: nUnknown * lengths.pairShare * scale },
  };
}

/** The judge stage on pairs that are not written yet: only their instructions are known. */
export function estimateUnknownJudge(
  nPairs: number,
  { instructions, ground }: { instructions: readonly Instruction[]; ground: EstimateGround },
): Estimate {
  const { config, lengths } = ground;
  const requests = nPairs * (config.judge.orders === 'both' ? 2 : 1);
  const completions = requests * config.judge.samples;
  return {
    ...NOTHING,
    requests,
    completions,
    promptTokens: requests * (meanEmptyPrompt(instructions, ground) + 2 * lengths.responseTokens),
    completionTokens: completions * Math.min(lengths.judgmentTokens, config.judge.maxTokens ?? Infinity),
  };
}

/**
 * The judge stage on pairs that are known.
 * @param options.nPairs in all; the probe may have seen a sample
 * @param options.bothForOne the probe asked in both orders where a run asks in one of them: what it found in the store is still found
 */
export function estimateKnownJudge(
  { nInput, tally }: Probe<unknown>,
  { nPairs, bothForOne, ground }: { nPairs: number; bothForOne: boolean; ground: EstimateGround },
): Estimate {
  const { judge } = ground.config;
  const judgmentTokens = Math.min(ground.lengths.judgmentTokens, judge.maxTokens ?? Infinity);
  const { judgment } = tally;
  const scale = ratio(nPairs, nInput);
  if (!bothForOne) return scaleRecord(ofTally(judgment, judgmentTokens), scale);
  const cachedRequests = Math.min(judgment.nCached, nInput);
  const requests = nInput - cachedRequests;
  const completions = requests * judge.samples;
  const promptTokens = requests * meanPromptTokens(judgment);
  const completionTokens = completions * judgmentTokens;
  return scaleRecord({ requests, cachedRequests, completions, promptTokens, completionTokens }, scale);
}

/**
 * An evaluation.
 * @param options.nItems in all; the probe may have seen a sample
 * @param options.settings of the benchmark
 * @param options.isNewJudge the probe was made with another judge: nothing of this one is in the store
 */
export function estimateEvaluate(
  { nInput, tally }: Probe<unknown>,
  options: {
    nItems: number;
    isNewJudge: boolean;
    settings: Pick<EvaluateSettings, 'maxTokens'>;
    ground: EstimateGround;
  },
): Estimate {
  const { nItems, isNewJudge, settings, ground } = options;
  const judgmentTokens = evaluationTokens(ground, settings);
  const requests = sumOfTallies([tally.judgment, tally.grade]);
  const asked = isNewJudge ? withoutStore(requests) : requests;
  return scaleRecord(ofTally(asked, judgmentTokens), ratio(nItems, nInput));
}

/**
 * The comparison of an iteration's checkpoints.
 * @param probe of one checkpoint
 * @param options.nItems of the held-out pairs in all; the probe may have seen a sample
 */
export function estimateCheckpoints(
  { nInput, tally }: Probe<unknown>,
  { nItems, nCheckpoints, ground }: { nItems: number; nCheckpoints: number; ground: EstimateGround },
): Estimate {
  const asked = sumOfTallies([tally.judgment, tally.grade]);
  return scaleRecord(
    ofTally(asked, evaluationTokens(ground, ground.config.evaluate)),
    nCheckpoints * ratio(nItems, nInput),
  );
}

/** Mean tokens of a judgment of an evaluation. */
function evaluationTokens(
  { lengths }: EstimateGround,
  { maxTokens }: Pick<EvaluateSettings, 'maxTokens'>,
): number {
  return Math.min(lengths.judgmentTokens, maxTokens ?? Infinity);
}

/** The same requests, all of them to be sent. */
function withoutStore(tally: RequestTally): RequestTally {
  return {
    ...tally,
    nAsked: tally.nAsked + tally.nCached,
    nAskedSamples: tally.nAskedSamples + tally.nCachedSamples,
    askedPromptTokens: tally.askedPromptTokens + tally.cachedPromptTokens,
    nCached: 0,
  };
}

/** An estimate in which the store answers everything, as it does when a stage asks the same once more. */
export function allCached({ requests, cachedRequests }: Estimate): Estimate {
  return { ...NOTHING, cachedRequests: requests + cachedRequests };
}

/** Several estimates together. */
export function sum(parts: readonly Estimate[]): Estimate {
  return parts.reduce((total, part) => addRecords(total, part), NOTHING);
}

function ofTally(tally: RequestTally, tokensPerCompletion: number): Estimate {
  return {
    requests: tally.nAsked,
    cachedRequests: tally.nCached,
    completions: tally.nAskedSamples,
    promptTokens: tally.askedPromptTokens,
    completionTokens: tally.nAskedSamples * tokensPerCompletion,
  };
}

function meanPromptTokens({ nAsked, nCached, askedPromptTokens, cachedPromptTokens }: RequestTally): number {
  return ratio(askedPromptTokens + cachedPromptTokens, nAsked + nCached);
}

/** Mean length of a judge prompt without its two responses. */
function meanEmptyPrompt(instructions: readonly Instruction[], { pack, tokens }: EstimateGround): number {
  const lengths = instructions.flatMap(({ text }) => {
    const messages = pack.judge.render({ instruction: text, responseA: '', responseB: '' });
    try {
      return [tokens.ofPrompt(messages)];
    } catch (thrown) {
      // The server would refuse this prompt, so it is left out of the mean.
      if (thrown instanceof DataError) return [];
      throw thrown;
    }
  });
  return ratio(
    lengths.reduce((total, length) => total + length, 0),
    lengths.length,
  );
}

/** 0 if there are no inputs: such a stage asks for nothing. */
function ratio(whole: number, part: number): number {
  return part === 0 ? 0 : whole / part;
}
