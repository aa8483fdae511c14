// What people are asked about a run, and what they answered.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';

/** After which stage of the loop people are asked, and what: one question for each. */
export const reviewStageSchema = z.enum([
  /** Is the instruction fit to make a pair of? */
  'select',
  /** Which response of a new pair is better? The known winner is not shown. */
  'generate',
  /** Is the reasoning of a judgment sound that was kept for training? */
  'filter',
  /** Which response of a held-out pair is better? Neither gold label nor judgment is shown. */
  'evaluate',
]);
/** See {@link reviewStageSchema}. */
export type ReviewStage = z.infer<typeof reviewStageSchema>;

/** Labels of the better response, as in a verdict. */
const betterSchema = z.enum(['A', 'B', 'tie']);

export const reviewItemSchema = z.strictObject({
  /** Stage, benchmark, iteration and the id of the record that it was made of. */
  itemId: z.string().min(1),
  iteration: z.int().min(0),
  stage: reviewStageSchema,
  /** Which of several benchmarks a held-out pair is of. */
  benchmark: z.string().optional(),
  /** The slice that it was drawn from. */
  stratum: z.string().min(1),
  instruction: z.string(),
  /** A and B, in the order in which they are shown; absent where only the instruction is asked about. */
  responses: z.tuple([z.string(), z.string()]).optional(),
  /** The judgment that is asked about. */
  reasoning: z.string().optional(),
  /** Not shown before the answer. */
  hidden: z.strictObject({
    /** The known winner or the gold label. */
    better: betterSchema.optional(),
    /** What the judge of the run says of the responses in this order. */
    judge: betterSchema.optional(),
  }),
});
/** One question to people. */
export type ReviewItem = z.infer<typeof reviewItemSchema>;

/** What can be answered. `skip` counts as no answer; `undo` takes the reviewer's last answer to the item back. */
export const reviewWordSchema = z.enum(['A', 'B', 'tie', 'yes', 'no', 'skip', 'undo']);
/** See {@link reviewWordSchema}. */
export type ReviewWord = z.infer<typeof reviewWordSchema>;

export const reviewAnswerSchema = z.strictObject({
  itemId: z.string().min(1),
  reviewer: z.string().min(1),
  answer: reviewWordSchema,
  note: z.string().min(1).optional(),
  /** When it was given, ISO 8601; absent where an imported file does not say. */
  at: z.iso.datetime().optional(),
});
/** One answer of one reviewer; the last one for an item counts. */
export type ReviewAnswer = z.infer<typeof reviewAnswerSchema>;

export const reviewNoteSchema = reviewAnswerSchema
  .omit({ at: true })
  .extend({ stage: reviewStageSchema, iteration: z.int().min(0), note: z.string().min(1) });
/** What a reviewer remarked on an item, with the answer: hostile text. */
export type ReviewNote = z.infer<typeof reviewNoteSchema>;

/** Agreement of two sides on the items that both have labelled. */
const reviewAgreementSchema = z.strictObject({
  agreement: estimateSchema,
  /** Cohen's kappa of a reviewer's labels with those of the other side; Krippendorff's alpha between reviewers. Null: undefined. */
  chanceCorrected: z.number().nullable(),
});

export const reviewResultSchema = z.strictObject({
  stage: reviewStageSchema,
  /** Of several, where held-out pairs were asked about. */
  benchmark: z.string().optional(),
  iteration: z.int().min(0),
  nItems: z.int().min(0),
  /** Items with at least one answer. */
  nAnswered: z.int().min(0),
  nSkipped: z.int().min(0),
  /** Answers by reviewer. */
  reviewers: z.array(z.strictObject({ reviewer: z.string(), nAnswers: z.int().min(0) })),
  /** Answers that speak for the run: fit, sound, or the known winner; a tie counts half. */
  approval: estimateSchema,
  approvalByStratum: z.record(z.string(), estimateSchema),
  /** Between reviewers; absent for one. */
  betweenReviewers: reviewAgreementSchema.optional(),
  /** Of reviewers with the judge; absent where there is no judgment. */
  withJudge: reviewAgreementSchema.optional(),
  /** The alternative annotator test of the judge, where at least two reviewers have enough items. */
  altTest: z
    .strictObject({
      epsilon: z.number(),
      winningRate: z.number().nullable(),
      advantageProbability: z.number().nullable(),
      annotators: z.array(
        z.strictObject({
          annotator: z.string(),
          nItems: z.int(),
          advantage: z.number(),
          pValue: z.number(),
          isBeaten: z.boolean(),
        }),
      ),
      leftOut: z.array(z.strictObject({ annotator: z.string(), nItems: z.int() })),
    })
    .optional(),
  /** What was asked for, and whether it is met; absent where nothing was. */
  need: z
    .strictObject({
      /** The share of approval that the lower end of the interval has to reach. */
      share: z.number().min(0).max(1),
      /** Items that have to be answered at least; absent: as many as settle it. */
      items: z.int().min(1).optional(),
      state: z.enum(['met', 'failed', 'open']),
      /** How many more items would settle it, if approval stays as it is; null where no number would. */
      nMoreItems: z.int().min(0).nullable(),
    })
    .optional(),
});
/** What people say of one stage of one iteration. */
export type ReviewResult = z.infer<typeof reviewResultSchema>;
