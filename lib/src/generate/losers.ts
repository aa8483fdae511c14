// Which losers are written for an instruction, and with which settings: the section `generate` of an experiment.
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { samplingSchema } from '../schema/chat.js';
import { CORRUPTIONS, type CorruptionName } from './corruptions.js';
import { nearIdenticalSchema } from './near-identical.js';
import { refusalsSchema } from './refusals.js';

/** Losers of this kind for every instruction, each in a pair of its own. */
const samples = z.int().min(1).max(64).default(1);

const sampling = samplingSchema.shape;

/** Absent values are those of `generate.response`. */
const samplingOverrides = {
  temperature: sampling.temperature.optional(),
  topP: sampling.topP.optional(),
  maxTokens: sampling.maxTokens.optional(),
};

const corruptionNames = Object.keys(CORRUPTIONS) as [CorruptionName, ...CorruptionName[]];

export const loserSpecSchema = z.discriminatedUnion('method', [
  /** A good answer to a modified instruction (the paper); each sample has a modified instruction of its own. */
  section({ method: z.literal('modified-instruction'), samples }),
  /** The winner, which the model is asked to make worse by the pack's prompt `worseAnswer`. */
  section({ method: z.literal('worse'), samples, ...samplingOverrides }),
  /** An answer to the same instruction by another model. */
  section({
    method: z.literal('weaker-model'),
    model: z.string().min(1),
    samples,
    ...samplingOverrides,
  }),
  /** The winner, damaged by one of these rules, drawn by instruction among those that fit the text. */
  section({
    method: z.literal('corruption'),
    rules: z
      .array(z.enum(corruptionNames))
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'expected every name once')
      .default(corruptionNames),
    samples,
  }),
]);
/** One kind of loser, and how many of it. */
export type LoserSpec = z.output<typeof loserSpecSchema>;

export const losersSchema = z
  .array(loserSpecSchema)
  .min(1)
  // Its samples differ by their index alone: a second list of them would be the same ones.
  .refine(
    (specs) => specs.filter(({ method }) => method === 'modified-instruction').length <= 1,
    'expected modified-instruction once; its samples say how many',
  );

/** The section `generate` of an experiment. Absent keys keep what it was before they were there: one loser by modified instruction. */
export const generateSchema = section({
  /** The model that writes responses; absent means the seed model. */
  model: z.string().min(1).optional(),
  /** In its place: the model of winners; that of modified instructions, their answers and worse answers. */
  winnerModel: z.string().min(1).optional(),
  loserModel: z.string().min(1).optional(),
  response: section({
    temperature: sampling.temperature.default(0.7),
    topP: sampling.topP.default(0.9),
    maxTokens: sampling.maxTokens.default(2048),
  }).prefault({}),
  modifiedInstruction: section({
    temperature: sampling.temperature.default(1),
    topP: sampling.topP.default(1),
    maxTokens: sampling.maxTokens.default(2048),
    candidates: z.int().min(1).max(64).default(4),
  }).prefault({}),
  /** Absent: one by modified instruction. */
  losers: losersSchema.optional(),
  /** Absent: only identical responses are dropped. */
  nearIdentical: nearIdenticalSchema.optional(),
  /** Absent: refusals are responses like any other. */
  refusals: refusalsSchema.optional(),
});
/** How pairs are written, as an experiment says it. */
export type GenerateConfig = z.output<typeof generateSchema>;

/** The paper's way. */
export const DEFAULT_LOSERS: readonly LoserSpec[] = [{ method: 'modified-instruction', samples: 1 }];

/** Losers for every instruction: what the generate stage has of inputs for each. */
export function losersPerInstruction(losers: readonly LoserSpec[] = DEFAULT_LOSERS): number {
  return losers.reduce((sum, spec) => sum + spec.samples, 0);
}

/** Every model that writes pairs, once. @param seedModel writes where nothing else is said */
export function generatingModels(
  { model, winnerModel, loserModel, losers }: GenerateConfig,
  seedModel: string,
): string[] {
  const specs: readonly LoserSpec[] = losers ?? DEFAULT_LOSERS;
  const models = [winnerModel ?? model ?? seedModel];
  for (const spec of specs) {
    if (spec.method === 'weaker-model') models.push(spec.model);
    else if (spec.method !== 'corruption') models.push(loserModel ?? model ?? seedModel);
  }
  return [...new Set(models)];
}
