// The experiment file: one YAML per experiment, strict, with every default in one place.
import { auditSchema } from './audit-config.js';
import { notifySchema } from './notify-config.js';
import { reviewSchema } from './review-config.js';
import { z } from 'zod';
import { overlapSchema } from '../../audit/index.js';
import { int, nonEmpty, section } from '../../core/config-section.js';
import { filterSchema, preferenceSchema, rewardPromptSchema, splitSchema } from '../../filter/index.js';
import { trainerSchema } from '../../finetune/index.js';
import { generateSchema, generatingModels } from '../../generate/index.js';
import { samplingSchema } from '../../schema/chat.js';
import { benchmarkSchema } from './benchmark-config.js';
import { endpointSchema } from './endpoint-config.js';
import { evaluateSchema } from './evaluate-config.js';
import { classifyingModels, instructionsSchema } from './instructions-config.js';

const positive = z.number().gt(0);

const priceSchema = section(
  {
    inputUsdPerMillion: z.number().min(0),
    outputUsdPerMillion: z.number().min(0),
    batchShare: z.number().min(0).max(1).default(0.5),
  },
  {
    inputUsdPerMillion: ['US dollars for a million prompt tokens.', 0.15],
    outputUsdPerMillion: ['US dollars for a million completion tokens.', 0.6],
    batchShare: 'Share of these prices that a batch costs.',
  },
);

const budgetSchema = section(
  { costUsd: positive.optional(), tokens: int(1).optional(), calls: int(1).optional() },
  {
    costUsd: ['Most US dollars; needs prices. Absent: no cap.', 20],
    tokens: ['Most tokens, prompt and completion together. Absent: no cap.', 5_000_000],
    calls: ['Most answered requests. Absent: no cap.', 20_000],
  },
);

const planSchema = section(
  {
    answerTokens: positive.optional(),
    modifiedInstructionTokens: positive.optional(),
    judgmentTokens: positive.optional(),
    classificationTokens: positive.optional(),
    pairShare: positive.max(1).optional(),
    checkpoints: int(1, 1000).optional(),
    charactersPerToken: positive.optional(),
    tokensPerSecond: positive.optional(),
  },
  {
    answerTokens: ['Mean length of a response, in tokens. Absent: typical of the pack.', 300],
    modifiedInstructionTokens: [
      'Mean length of a modified instruction, in tokens. Absent: typical of the pack.',
      120,
    ],
    judgmentTokens: ['Mean length of a judgment, in tokens. Absent: typical of the pack.', 400],
    classificationTokens: ['Mean length of a classification, in tokens. Absent: typical of the pack.', 30],
    pairShare: ['Share of the instructions that become a pair. Absent: typical of the pack.', 0.9],
    checkpoints: ['Checkpoints that a training saves, where the best is chosen. Absent: one an epoch.', 4],
    charactersPerToken: ['Mean length of a token, in characters. Absent: typical of the model.', 4],
    tokensPerSecond: [
      'Completion tokens per second of all requests together. Absent: known for the embedded model only.',
      2500,
    ],
  },
);

const sampling = samplingSchema.shape;

const judgeSchema = section(
  {
    samples: int(1, 128).default(15),
    orders: z.enum(['both', 'balanced', 'winner-first']).default('both'),
    temperature: sampling.temperature.default(0.7),
    topP: sampling.topP.default(0.9),
    maxTokens: sampling.maxTokens.default(4096),
  },
  {
    samples: 'N, judgments per pair and order (paper: 15).',
    orders:
      'both: N in each order (the paper); balanced: one order per pair, each order equally often; winner-first: that one alone, to plant a position shortcut.',
  },
);

/** Absent: the trainer's own choice. */
const trainingKnobs = {
  batchSize: int(1, 4096).optional(),
  learningRateMultiplier: positive.max(100).optional(),
  learningRate: positive.max(1).optional(),
};
const trainingNotes = {
  batchSize: ["Examples in an optimizer step, on all devices together. Absent: the trainer's choice.", 16],
  learningRateMultiplier: ["Factor on the trainer's default learning rate. Absent: the trainer's choice.", 2],
  learningRate: ["Peak learning rate, for trainers that take it. Absent: the trainer's choice.", 1e-6],
} as const;

const checkpointSchema = section(
  { benchmark: benchmarkSchema, patience: int(1, 50).optional() },
  {
    benchmark: 'Pairs on which checkpoints are compared; never the benchmark that is reported.',
    patience: ['End after so many checkpoints in a row without improvement. Absent: train to the end.', 3],
  },
);

const dpoSchema = section(
  {
    ...trainingKnobs,
    epochs: int(1, 50).optional(),
    beta: positive.max(10).optional(),
    nllScale: z.number().min(0).max(100).optional(),
    preferences: preferenceSchema.prefault({}),
  },
  {
    ...trainingNotes,
    epochs: ["Passes over the preference examples. Absent: the trainer's choice.", 1],
    beta: ["How strongly the judge is kept near its start (paper: 0.1). Absent: the trainer's choice.", 0.1],
    nllScale: ["Weight of the chosen judgment's own loss (paper: 1.5). Absent: the trainer's choice.", 1.5],
    preferences: 'How preference examples are drawn from judgments.',
  },
);

const reinforcementSchema = section(
  {
    ...trainingKnobs,
    epochs: int(1, 50).optional(),
    groupSize: int(2, 64).optional(),
    updates: int(1, 16).optional(),
    clip: positive.max(10).optional(),
    klScale: z.number().min(0).max(100).optional(),
    warmStart: z.boolean().default(true),
    prompts: rewardPromptSchema.shape.prompts,
  },
  {
    ...trainingNotes,
    batchSize: ["Prompts in a step, each with a group of judgments. Absent: the trainer's choice.", 16],
    epochs: ["Passes over the prompts. Absent: the trainer's choice.", 1],
    groupSize: ["Judgments sampled of each prompt in a step. Absent: the trainer's choice.", 8],
    updates: ["Updates with the judgments of a step. Absent: the trainer's choice.", 1],
    clip: [
      "How far the probability of a token may move in a step before its reward counts no more. Absent: the trainer's choice.",
      0.2,
    ],
    klScale: ["Weight of the divergence from the starting point. Absent: the trainer's choice.", 0.01],
    warmStart: 'true: after supervised training on the kept judgments; false: in place of it.',
  },
);

const finetuneSchema = section(
  {
    start: z.enum(['restart', 'continue']).default('restart'),
    ...trainingKnobs,
    epochs: int(1, 50).default(2),
    trainer: trainerSchema.prefault({ backend: 'openai' }),
    validation: splitSchema.optional(),
    checkpoint: checkpointSchema.optional(),
    dpo: dpoSchema.optional(),
    reinforcement: reinforcementSchema.optional(),
  },
  {
    start: 'restart: from the seed model each time (the paper); continue: from the model before.',
    ...trainingNotes,
    epochs: 'Passes over the training examples.',
    trainer: 'Who trains. Absent: the server that answers, through its fine-tuning API.',
    validation: 'Examples of these instructions only measure the loss. Absent: all examples are trained on.',
    checkpoint: 'Choose the checkpoint that judges these pairs best. Absent: the last one.',
    dpo: 'A second training by preference (DPO) on correct and wrong judgments. Absent: none.',
    reinforcement:
      'Training by rewards (GRPO): the model samples judgments, and those for the known winner are rewarded. Absent: none.',
  },
);

export const experimentConfigSchema = section(
  {
    name: z
      .string()
      .max(64)
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'expected lower-case letters, digits and hyphens'),
    description: z.string().default(''),
    seed: int(0, 2 ** 31 - 1).default(1),
    iterations: int(0, 100),
    endpoint: endpointSchema,
    prices: z.record(nonEmpty, priceSchema).default({}),
    budget: budgetSchema.prefault({}),
    plan: planSchema.prefault({}),
    notify: notifySchema.optional(),
    model: nonEmpty,
    pack: nonEmpty,
    instructions: instructionsSchema.optional(),
    overlap: overlapSchema.prefault({}),
    generate: generateSchema.prefault({}),
    judge: judgeSchema.prefault({}),
    filter: filterSchema.prefault({}),
    finetune: finetuneSchema.prefault({}),
    evaluate: evaluateSchema,
    audit: auditSchema.optional(),
    review: reviewSchema.optional(),
  },
  {
    name: ['Name of the experiment; its runs are kept in results/<name>.', 'quickstart'],
    description: ['What the experiment tries; reports show it.', 'N = 5 judgments in place of 15.'],
    seed: 'Seed of every random stream of the run.',
    iterations: ['Rounds of generating, judging and training; 0 measures the seed model alone.', 5],
    endpoint: 'The models: the embedded one, or servers of the OpenAI API.',
    prices:
      "Prices by the name of the model; '*' stands for all others, such as the judges that fine-tuning makes.",
    budget:
      'Hard caps of a run, all of its attempts together. A run that reaches one stops and can be continued.',
    plan: 'What autodidact plan cannot know.',
    notify: 'A command or an address that is told how a run ended. Absent: none.',
    model: ['The seed model, as the endpoint names it.', 'meta-llama/Llama-3.1-8B-Instruct'],
    pack: ['Prompts: general, mt-bench, micro, micro-worked, or the path of a pack file.', 'general'],
    instructions: 'Unlabeled instructions to learn from. May be absent if iterations is 0.',
    overlap: 'Instructions of files must not contain what the judge is measured on, unless it is waived.',
    generate: 'How pairs of a winner and a loser are written.',
    judge: 'How pairs are judged.',
    filter: 'Which judgments become training examples.',
    finetune: 'How a judge is trained.',
    evaluate: 'How a judge is measured.',
    audit:
      'Probes of every judge for shortcuts, after its evaluation. It can be added, changed and taken away later: a finished run audits its judges, and trains nothing again. Absent: none; what training sets and evaluations show is assessed all the same.',
    review: 'What people are asked. Absent: nothing by the run; autodidact review asks at any time.',
  },
).superRefine((config, context) => {
  const { budget, prices, iterations, instructions } = config;
  if (iterations > 0 && instructions === undefined) {
    const message =
      'expected a section, since iterations is above 0; iterations: 0 measures the seed model alone';
    context.addIssue({ code: 'custom', path: ['instructions'], message });
  }
  if (config.judge.orders === 'winner-first' && config.filter.balanceLabels) {
    const message = 'expected false: with judge.orders winner-first every right judgment says A';
    context.addIssue({ code: 'custom', path: ['filter', 'balanceLabels'], message });
  }
  if (config.finetune.dpo && config.finetune.reinforcement) {
    const message = 'expected one of dpo and reinforcement, which both follow the supervised training';
    context.addIssue({ code: 'custom', path: ['finetune', 'reinforcement'], message });
  }
  if (budget.costUsd === undefined) return;
  for (const name of [...askedModels(config), ...(iterations > 0 ? ['*'] : [])]) {
    if (Object.hasOwn(prices, name) || Object.hasOwn(prices, '*')) continue;
    const message = `a cap on cost needs the price of ${name === '*' ? "'*', the judges that fine-tuning makes" : name}`;
    context.addIssue({ code: 'custom', path: ['prices'], message });
  }
});

/** The models that a run asks and that are there before it: the seed model and, where there are iterations, those that prepare training. */
export function askedModels({
  model,
  generate,
  instructions,
  iterations,
}: Pick<ExperimentConfig, 'model' | 'generate' | 'instructions' | 'iterations'>): string[] {
  if (iterations === 0) return [model];
  const others = [...generatingModels(generate, model), ...classifyingModels(instructions)];
  return [...new Set([model, ...others])];
}

/** An experiment with all defaults filled in. */
export type ExperimentConfig = z.output<typeof experimentConfigSchema>;
