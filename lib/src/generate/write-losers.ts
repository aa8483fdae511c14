// How losers are made: one function per method, with one result per sample.
import { ConfigError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import { allAnswered } from '../model/all-answered.js';
import type { Parsed } from '../prompt/index.js';
import type { Sampling } from '../schema/chat.js';
import type { Response } from '../schema/response-pair.js';
import { ask, readingOf, writeResponse, type WriteOptions } from './ask.js';
import { corrupt } from './corruptions.js';
import { DEFAULT_LOSERS, type LoserSpec } from './losers.js';

/** What losers are made from. */
export interface LoserGround {
  /** The instruction's text. */
  instruction: string;
  /** Already requested; rejects when its request fails. */
  winner: Promise<Written>;
}

/** A response, or the reason why there is none and a detail for the reader. */
export type Written = { ok: true; response: Response } | { ok: false; reason: string; detail?: string };

/** @throws ConfigError where a loser needs a prompt that the pack does not have */
export function requirePrompts({ pack, losers = DEFAULT_LOSERS }: WriteOptions): void {
  if (pack.worseAnswer !== null || losers.every(({ method }) => method !== 'worse')) return;
  throw new ConfigError({
    subject: 'generate.losers',
    expected: 'methods that the prompt pack has prompts for',
    received: `worse, for which the pack ${pack.name} has no prompt worseAnswer`,
    remedy: 'Take that method out, or choose or write a pack with worseAnswer.',
  });
}

/** Losers of one kind, in the order of their samples; each is a separate promise, so that one failure does not affect the others. */
export function writeLosers(spec: LoserSpec, ground: LoserGround, options: WriteOptions): Promise<Written>[] {
  const each = (write: (sampleIndex: number) => Promise<Written>): Promise<Written>[] =>
    Array.from({ length: spec.samples }, (_, sampleIndex) => write(sampleIndex));
  switch (spec.method) {
    case 'modified-instruction':
      return each((sampleIndex) => answerToModified(sampleIndex, ground, options));
    case 'worse': {
      const all = worseAnswers(spec, ground, options);
      return each(async (sampleIndex) => nthOf(await all, sampleIndex));
    }
    case 'weaker-model': {
      const all = weakerAnswers(spec, ground, options);
      return each(async (sampleIndex) => nthOf(await all, sampleIndex));
    }
    case 'corruption':
      return each(async (sampleIndex) => {
        const winner = await ground.winner;
        if (!winner.ok) return winner;
        const { instruction } = ground;
        const { text, ...lineage } = winner.response;
        const damaged = corrupt(
          { text, instruction },
          { rules: spec.rules, seed: options.seed, sampleIndex },
        );
        if (damaged === null) return { ok: false, reason: 'corruption-not-applicable' };
        return { ok: true, response: { ...lineage, ...damaged, method: 'corruption' } };
      });
  }
}

/** The paper's method. */
async function answerToModified(
  sampleIndex: number,
  { instruction, winner: asked }: LoserGround,
  options: WriteOptions,
): Promise<Written> {
  const [winner, modified] = await allAnswered([asked, modifyInstruction(instruction, sampleIndex, options)]);
  if (!winner.ok) return winner;
  if (!modified.ok) return { ok: false, reason: `modified-instruction-${modified.reason}` };
  const detail = modified.value;
  const model = loserModelOf(options);
  const loser = await writeResponse(modified.value, { role: 'loser', model }, options);
  if (!loser.ok) return { ok: false, reason: `loser-${loser.reason}`, detail };
  return {
    ok: true,
    response: {
      text: loser.value,
      model,
      method: 'answer-to-modified-instruction',
      modifiedInstruction: modified.value,
      promptVersion: options.pack.version,
      sampleIndex: 0,
      ...readingOf(loser),
    },
  };
}

/** The first candidate that can be read and is not the instruction itself. */
async function modifyInstruction(
  instruction: string,
  sampleIndex: number,
  options: WriteOptions,
): Promise<Parsed<string>> {
  const { pack, seed } = options;
  const { candidates, ...sampling } = options.modifiedInstruction;
  // The first attempt keeps the seed of a single attempt.
  const labels = sampleIndex === 0 ? [] : [sampleIndex];
  const all = await ask(
    {
      prompt: pack.modifiedInstruction,
      input: instruction,
      model: loserModelOf(options),
      sampling,
      nSamples: candidates,
      seed: deriveSeed(seed, 'modified-instruction', instruction, ...labels),
    },
    options,
  );
  let reason = 'unchanged';
  for (const parsed of all) {
    if (!parsed.ok) reason = parsed.reason;
    else if (parsed.value !== instruction) return parsed;
  }
  return { ok: false, reason };
}

/** The winner, which the model is asked to make worse. */
async function worseAnswers(
  spec: Extract<LoserSpec, { method: 'worse' }>,
  { instruction, winner: asked }: LoserGround,
  options: WriteOptions,
): Promise<Written[]> {
  const winner = await asked;
  if (!winner.ok) return Array.from({ length: spec.samples }, () => winner);
  const { worseAnswer } = options.pack;
  if (worseAnswer === null)
    throw new RangeError('expected a pack with worseAnswer, as requirePrompts checks');
  const model = loserModelOf(options);
  const all = await ask(
    {
      prompt: worseAnswer,
      input: { instruction, response: winner.response.text },
      model,
      sampling: overridden(options.response, spec),
      nSamples: spec.samples,
      seed: deriveSeed(options.seed, 'worse-answer', instruction),
    },
    options,
  );
  return all.map((parsed, sampleIndex) =>
    writtenOf(parsed, { model, method: 'worse-answer', sampleIndex }, options),
  );
}

/** Answers of another model to the same instruction, requested while the winner is written. */
async function weakerAnswers(
  spec: Extract<LoserSpec, { method: 'weaker-model' }>,
  { instruction, winner: asked }: LoserGround,
  options: WriteOptions,
): Promise<Written[]> {
  const { model, samples } = spec;
  const [winner, all] = await allAnswered([
    asked,
    ask(
      {
        prompt: options.pack.answer,
        input: instruction,
        model,
        sampling: overridden(options.response, spec),
        nSamples: samples,
        seed: deriveSeed(options.seed, 'weaker-model', instruction),
      },
      options,
    ),
  ]);
  if (!winner.ok) return Array.from({ length: samples }, () => winner);
  return all.map((parsed, sampleIndex) =>
    writtenOf(parsed, { model, method: 'weaker-model-answer', sampleIndex }, options),
  );
}

function writtenOf(
  parsed: Parsed<string>,
  lineage: Pick<Response, 'model' | 'method' | 'sampleIndex'>,
  { pack }: WriteOptions,
): Written {
  if (!parsed.ok) return { ok: false, reason: `loser-${parsed.reason}` };
  return {
    ok: true,
    response: { text: parsed.value, ...lineage, promptVersion: pack.version, ...readingOf(parsed) },
  };
}

function loserModelOf({ model, loserModel }: WriteOptions): string {
  return loserModel ?? model;
}

function overridden(
  { temperature, topP, maxTokens }: Sampling,
  spec: Partial<Record<'temperature' | 'topP' | 'maxTokens', number | null | undefined>>,
): Sampling {
  return {
    temperature: spec.temperature === undefined ? temperature : spec.temperature,
    topP: spec.topP === undefined ? topP : spec.topP,
    maxTokens: spec.maxTokens === undefined ? maxTokens : spec.maxTokens,
  };
}

function nthOf(all: readonly Written[], sampleIndex: number): Written {
  const written = all[sampleIndex];
  if (written) return written;
  throw new RangeError(`expected ${sampleIndex + 1} losers or more, received ${all.length}`);
}
