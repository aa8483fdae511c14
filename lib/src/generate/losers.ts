// Which losers are written for an instruction, and with which settings: the section `generate` of an experiment.
import { z } from 'zod';
import { about, distinct, int, nonEmpty, section } from '../core/config-section.js';
import { samplingSchema } from '../schema/chat.js';
import { CORRUPTIONS, type CorruptionName } from './corruptions.js';
import { nearIdenticalSchema } from './near-identical.js';
import { plantSchema } from './plant.js';
import { refusalsSchema } from './refusals.js';

const samples = int(1, 64)
  .default(1)
  .meta(about('Losers of this kind for every instruction, each in a pair of its own.', 2));

const sampling = samplingSchema.shape;

/** Absent values are those of `generate.response`. */
const samplingOverrides = {
  temperature: sampling.temperature.optional(),
  topP: sampling.topP.optional(),
  maxTokens: sampling.maxTokens.optional(),
};

const corruptionNames = Object.keys(CORRUPTIONS) as [CorruptionName, ...CorruptionName[]];

const method = <Name extends string>(name: Name, description: string) =>
  z.literal(name).meta(about(description));

export const loserSpecSchema = z.discriminatedUnion('method', [
  section({
    method: method('modified-instruction', 'A good answer to a modified instruction (the paper).'),
    samples,
  }),
  section({
    method: method('worse', "The winner, made worse by the model with the pack's prompt worseAnswer."),
    samples,
    ...samplingOverrides,
  }),
  section(
    {
      method: method('weaker-model', 'An answer to the same instruction by another model.'),
      model: nonEmpty,
      samples,
      ...samplingOverrides,
    },
    { model: ['The weaker model.', 'Qwen/Qwen2.5-0.5B-Instruct'] },
  ),
  section(
    {
      method: method('corruption', 'The winner, damaged by a rule; no model is needed.'),
      rules: distinct(z.enum(corruptionNames)).default(corruptionNames),
      samples,
    },
    {
      rules: ['Rules to draw from, among those that fit the text.', ['change-number', 'negate']],
    },
  ),
]);
/** One kind of loser, and how many of this kind. */
export type LoserSpec = z.output<typeof loserSpecSchema>;

export const losersSchema = z
  .array(loserSpecSchema)
  .min(1)
  // Samples differ only by index: a second entry would repeat the first.
  .refine(
    (specs) => specs.filter(({ method }) => method === 'modified-instruction').length <= 1,
    'expected modified-instruction once; its samples say how many',
  );

const modelFor = (what: string) => nonEmpty.optional().meta(about(what, 'meta-llama/Llama-3.1-8B-Instruct'));

/** The section `generate` of an experiment. Without further keys: one loser for each instruction, by modified instruction. */
export const generateSchema = section(
  {
    model: modelFor('Model that writes responses. Absent: the seed model.'),
    winnerModel: modelFor('Model that writes winners. Absent: generate.model.'),
    loserModel: modelFor('Model that writes modified instructions and losers. Absent: generate.model.'),
    response: section({
      temperature: sampling.temperature.default(0.7),
      topP: sampling.topP.default(0.9),
      maxTokens: sampling.maxTokens.default(2048),
    }).prefault({}),
    modifiedInstruction: section(
      {
        temperature: sampling.temperature.default(1),
        topP: sampling.topP.default(1),
        maxTokens: sampling.maxTokens.default(2048),
        candidates: int(1, 64).default(4),
      },
      { candidates: 'Attempts at a modified instruction; the first usable one is taken.' },
    ).prefault({}),
    losers: losersSchema.optional(),
    nearIdentical: nearIdenticalSchema.optional(),
    refusals: refusalsSchema.optional(),
    plant: plantSchema.optional(),
  },
  {
    response: 'How responses are sampled.',
    modifiedInstruction: 'How modified instructions are sampled.',
    losers: 'Kinds of losers, several for an instruction if you like. Absent: one by modified instruction.',
    nearIdentical: 'Drop pairs whose responses are nearly the same. Absent: only identical ones are dropped.',
    refusals: 'Drop pairs with a refusal. Absent: refusals are responses like any other.',
    plant:
      'Surface features to add on purpose, to try whether an audit finds a judge that learned them. Absent: none.',
  },
);
/** How an experiment writes pairs. */
export type GenerateConfig = z.output<typeof generateSchema>;

/** The paper's method. */
export const DEFAULT_LOSERS: readonly LoserSpec[] = [{ method: 'modified-instruction', samples: 1 }];

/** Number of losers per instruction: the inputs of the generate stage for each. */
export function losersPerInstruction(losers: readonly LoserSpec[] = DEFAULT_LOSERS): number {
  return losers.reduce((sum, spec) => sum + spec.samples, 0);
}

/** Every model that writes pairs, once. @param seedModel the default where no other model is set */
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
