// The experiment file: one YAML per experiment, strict, with every default in one place.
import { z } from 'zod';
import { overlapSchema } from '../../audit/index.js';
import { section } from '../../core/config-section.js';
import { pairColumnsSchema, PUBLISHED_BENCHMARK_NAMES } from '../../evaluate/index.js';
import { filterSchema, preferenceSchema, splitSchema } from '../../filter/index.js';
import { trainerSchema } from '../../finetune/index.js';
import { generateSchema, generatingModels } from '../../generate/index.js';
import { samplingSchema } from '../../schema/chat.js';
import { distinct } from './distinct-names.js';
import { endpointSchema } from './endpoint-config.js';
import { classifyingModels, instructionPoolSchema } from './instruction-pool-config.js';

/** Prices of a model, in US dollars for a million tokens. */
const priceSchema = section({
  inputUsdPerMillion: z.number().min(0),
  outputUsdPerMillion: z.number().min(0),
  /** What of these prices a batch costs, 0 to 1. */
  batchShare: z.number().min(0).max(1).default(0.5),
});

/** Hard caps of a run, all of its attempts together. */
const budgetSchema = section({
  costUsd: z.number().gt(0).optional(),
  /** Prompt and completion tokens together. */
  tokens: z.int().min(1).optional(),
  /** Requests that are answered. */
  calls: z.int().min(1).optional(),
});

/** What `autodidact plan` cannot know; absent values are taken from what is typical of the pack. */
const planSchema = section({
  /** Mean length of completions, in tokens. */
  answerTokens: z.number().gt(0).optional(),
  modifiedInstructionTokens: z.number().gt(0).optional(),
  judgmentTokens: z.number().gt(0).optional(),
  classificationTokens: z.number().gt(0).optional(),
  /** Of the instructions, the share that becomes a pair, 0 to 1. */
  pairShare: z.number().gt(0).max(1).optional(),
  /** How many checkpoints a training saves, where the experiment chooses among them. */
  checkpoints: z.int().min(1).max(1000).optional(),
  charactersPerToken: z.number().gt(0).optional(),
  /** Completion tokens that the servers write in a second, all requests together. */
  tokensPerSecond: z.number().gt(0).optional(),
});

/** The slices of the embedded world. */
export const EMBEDDED_SLICES = ['reasoning', 'code', 'math'] as const;

const embeddedInstructionsSchema = section({
  source: z.literal('embedded'),
  slices: distinct(z.enum(EMBEDDED_SLICES)).default([...EMBEDDED_SLICES]),
  perIteration: z.int().min(2).max(1_000_000),
  fresh: z.boolean().default(true),
});

const fileInstructionsSchema = section({
  source: z.literal('jsonl'),
  path: z.string().min(1),
  /** The field that holds the instruction. */
  textField: z.string().min(1).default('instruction'),
  /** The field that holds the slice; absent: every instruction belongs to the slice `all`. */
  sliceField: z.string().min(1).optional(),
  slices: distinct(z.string().min(1)).default(['all']),
  perIteration: z.int().min(2).max(1_000_000),
  fresh: z.boolean().default(true),
});

const embeddedBenchmarkSchema = section({
  source: z.literal('embedded'),
  /** `dev` is for tuning; figures that are reported come from `test`. */
  split: z.enum(['dev', 'test']).default('test'),
  pairs: z.int().min(1).max(100_000),
  seed: z.int().min(0).default(1),
});

const fileBenchmarkSchema = section({
  source: z.literal('jsonl'),
  /** Lines of `{itemId, instruction, slice, errorKind, winner, loser}`, or of other columns; also JSON, CSV or Parquet. */
  path: z.string().min(1),
  /** Which column holds what, where they are named otherwise. */
  columns: pairColumnsSchema.prefault({}),
});

const namedBenchmarkSchema = section({
  source: z.literal('registry'),
  name: z.enum(PUBLISHED_BENCHMARK_NAMES),
  /** Files of its items; absent: those that `autodidact data pull` put into the cache. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Absent: as the environment says. */
  cacheFolder: z.string().min(1).optional(),
  /** Absent: all. */
  subsets: distinct(z.string().min(1)).optional(),
  /** The first so many of each subset; absent: all. */
  perSubset: z.int().min(1).optional(),
});

const benchmarkSchema = z.discriminatedUnion('source', [
  embeddedBenchmarkSchema,
  fileBenchmarkSchema,
  namedBenchmarkSchema,
]);
/** Pairs that a judge is measured on. */
export type BenchmarkConfig = z.output<typeof benchmarkSchema>;

const sampling = samplingSchema.shape;

/** What a training can be told; absent: the trainer's own choice. */
const trainingKnobs = {
  batchSize: z.int().min(1).max(4096).optional(),
  learningRateMultiplier: z.number().gt(0).max(100).optional(),
  /** The peak itself, for trainers that take it. */
  learningRate: z.number().gt(0).max(1).optional(),
};

export const experimentConfigSchema = section({
  name: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens')
    .meta({ description: 'Its runs are kept in results/<name>.' }),
  description: z.string().default(''),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1)
    .meta({ description: 'Names every random stream of the run.' }),
  iterations: z
    .int()
    .min(1)
    .max(100)
    .meta({ description: 'Rounds of generating, judging and training; iteration 0 is the seed model.' }),
  endpoint: endpointSchema.meta({ description: 'Where models are asked.' }),
  prices: z.record(z.string().min(1), priceSchema).default({}).meta({
    description:
      "By the name of the model; '*' stands for all others, such as the judges that fine-tuning makes.",
  }),
  budget: budgetSchema
    .prefault({})
    .meta({ description: 'Hard caps of a run, all of its attempts together.' }),
  plan: planSchema.prefault({}).meta({ description: 'What autodidact plan cannot know.' }),
  model: z.string().min(1).meta({ description: 'The seed model.' }),
  pack: z.string().min(1).meta({ description: 'general, mt-bench, micro, or the path of a pack file.' }),
  /** `fresh`: every iteration takes instructions of its own; otherwise all take the same. */
  instructions: z.discriminatedUnion('source', [
    embeddedInstructionsSchema,
    fileInstructionsSchema,
    instructionPoolSchema,
  ]),
  /** Whether instructions of files may hold what the judge is measured on: they may not, unless it is waived. */
  overlap: overlapSchema.prefault({}),
  generate: generateSchema.prefault({}),
  judge: section({
    samples: z
      .int()
      .min(1)
      .max(128)
      .default(15)
      .meta({ description: 'N, judgments per pair and order (paper: 15).' }),
    orders: z.enum(['both', 'balanced']).default('both').meta({
      description:
        'both: N in each order (the paper); balanced: one order per pair, each order equally often.',
    }),
    temperature: sampling.temperature.default(0.7),
    topP: sampling.topP.default(0.9),
    maxTokens: sampling.maxTokens.default(4096),
  }).prefault({}),
  filter: filterSchema.prefault({}),
  finetune: section({
    start: z.enum(['restart', 'continue']).default('restart').meta({
      description: 'restart: from the seed model each time (the paper); continue: from the model before.',
    }),
    ...trainingKnobs,
    epochs: z.int().min(1).max(50).default(2),
    /** Who trains; absent: the server that answers, through its fine-tuning API. */
    trainer: trainerSchema.prefault({ backend: 'openai' }),
    /** Present: examples of so many instructions are not trained on, and the trainer tells its loss on them. */
    validation: splitSchema.optional(),
    /** Present: of the checkpoints the one is taken that judges these pairs best; never the benchmark that is reported. */
    checkpoint: section({
      benchmark: benchmarkSchema,
      /** Training ends early after so many checkpoints in a row that are no better; absent: all are made. */
      patience: z.int().min(1).max(50).optional(),
    }).optional(),
    /** Present: a second training by preference (DPO) on right and wrong judgments of one prompt, from what the first one made. */
    dpo: section({
      ...trainingKnobs,
      epochs: z.int().min(1).max(50).optional(),
      /** How strongly the judge is held to where it starts from; absent: the trainer's own choice (paper: 0.1). */
      beta: z.number().gt(0).max(10).optional(),
      /** Weight of the right judgment's own loss beside the preference loss, where the trainer has one (paper: 1.5). */
      nllScale: z.number().min(0).max(100).optional(),
      preferences: preferenceSchema.prefault({}),
    }).optional(),
  }).prefault({}),
  evaluate: section({
    benchmark: benchmarkSchema,
    maxTokens: sampling.maxTokens.default(4096),
    method: z.enum(['pairwise', 'single-grading']).default('pairwise').meta({
      description:
        "pairwise: the two responses are compared; single-grading: each is graded alone, by the pack's grade prompt.",
    }),
    orders: z.enum(['both', 'one']).default('both').meta({
      description:
        'both: every pair in both orders; one: in one, drawn by item (how RewardBench is published).',
    }),
    /** Names the draw of orders. */
    orderSeed: z.int().min(0).default(1),
    /**
     * Whether to ask how probable each greedy verdict was; servers that do not tell are asked without. What they answered stays in the
     * completion store as their answer to this: where a server has learned to tell, give it another `endpoint.identity`.
     */
    logprobs: z.boolean().default(false),
    /** Absent: no majority vote. */
    vote: section({
      samples: z.int().min(1).max(128).default(32),
      temperature: sampling.temperature.default(0.7),
      topP: sampling.topP.default(0.9),
    }).optional(),
  }).superRefine(({ method, vote, logprobs, orders }, context) => {
    if (method !== 'single-grading') return;
    const inVain = { vote: vote !== undefined, logprobs, orders: orders === 'one' };
    for (const [key, isSet] of Object.entries(inVain)) {
      const message = 'has no meaning with single-grading, in which no pair is shown; leave it out';
      if (isSet) context.addIssue({ code: 'custom', path: [key], message });
    }
  }),
}).superRefine(({ budget, prices, model, generate, instructions }, context) => {
  if (budget.costUsd === undefined) return;
  const asked = [model, ...generatingModels(generate, model), ...classifyingModels(instructions), '*'];
  for (const name of new Set(asked)) {
    if (name in prices || '*' in prices) continue;
    const message = `a cap on cost needs the price of ${name === '*' ? "'*', the judges that fine-tuning makes" : name}`;
    context.addIssue({ code: 'custom', path: ['prices'], message });
  }
});
/** An experiment with all defaults filled in. */
export type ExperimentConfig = z.output<typeof experimentConfigSchema>;
