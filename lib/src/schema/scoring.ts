// The result of scoring a judge: its metrics and biases, every figure with n and unscored.
import { z } from 'zod';
import { trivialReportSchema } from './comparison-report.js';
import { estimateSchema } from './estimate.js';
import { metricShape } from './metrics.js';
import { goldSchema, shownSchema } from './recorded-judgment.js';

export const reliabilityBinSchema = z.strictObject({
  /** Verdicts whose confidence fell into this bin. */
  n: z.int().min(1),
  meanConfidence: z.number(),
  shareRight: z.number(),
});

export const calibrationSchema = z.strictObject({
  /** Number of vote shares. */
  n: z.int().min(0),
  /** Mean squared distance of the winner's vote share from 1, 0 is best; null for none. */
  brier: z.number().nullable(),
  /** Expected calibration error of the majority's vote share, 0 is best; null for none. */
  expectedCalibrationError: z.number().nullable(),
  /** Bins of a reliability diagram, empty ones left out. */
  bins: z.array(reliabilityBinSchema),
});
/** Whether vote shares can be read as probabilities. */
export type Calibration = z.infer<typeof calibrationSchema>;

export const verdictMetricsSchema = z.strictObject({
  nItems: z.int().min(0),
  ...metricShape,
  /** Accuracy of a majority vote of k samples, by k: the mean over all choices of k, so the order of samples does not matter. */
  voteAccuracyByK: z.record(z.string(), estimateSchema).optional(),
  /** Of the vote shares, if several samples were taken. */
  calibration: calibrationSchema.optional(),
  /** Number of judgments without a verdict. */
  nUnparsed: z.int().min(0),
});
/** Metrics of a judge on a set of items. */
export type VerdictMetrics = z.infer<typeof verdictMetricsSchema>;

export const figuresSchema = z.record(z.string(), estimateSchema);
/** Named figures. */
export type Figures = z.infer<typeof figuresSchema>;

export const resultSetSchema = z.strictObject({
  judge: z.string(),
  subset: z.string(),
  /** Number of texts by the verdict rule by which they were parsed. */
  rules: z.record(z.string(), z.int().min(1)),
  metrics: verdictMetricsSchema,
  /** The figures by the conventions of the benchmark's publications. */
  published: figuresSchema,
});
/** A judge on a subset. */
export type ResultSet = z.infer<typeof resultSetSchema>;

export const gradeSetSchema = z.strictObject({
  judge: z.string(),
  /** The model whose answers were graded. */
  model: z.string(),
  /** Turn of the conversation, from 1. */
  turn: z.int().min(1),
  rule: z.string(),
  /** Mean grade, 1 to 10. */
  meanGrade: estimateSchema,
});
/** Grades of one model's answers by one judge. */
export type GradeSet = z.infer<typeof gradeSetSchema>;

export const judgeSummarySchema = z.strictObject({
  judge: z.string(),
  /** Over all subsets, aggregated as the benchmark does. */
  figures: figuresSchema,
  /** Over all subsets, each item counting alike; absent where there is one, or verdicts are not known. */
  metrics: verdictMetricsSchema.optional(),
});

/** A judge over all subsets. */
export type JudgeSummary = z.infer<typeof judgeSummarySchema>;

export const differingSchema = z.strictObject({
  file: z.string(),
  line: z.int().min(1),
  judge: z.string(),
  itemId: z.string(),
  shown: shownSchema,
  recorded: z.string(),
  parsed: z.string(),
});
/** A judgment whose parsed verdict differs from the recorded one. */
export type Differing = z.infer<typeof differingSchema>;

export const badRowSchema = z.strictObject({
  file: z.string(),
  line: z.int().min(1),
  reason: z.string(),
  detail: z.string(),
});
/** A row that could not be used. */
export type BadRow = z.infer<typeof badRowSchema>;

export const readLabelSchema = z.strictObject({
  value: z.string(),
  readAs: goldSchema,
  /** Rows with this value. */
  n: z.int().min(1),
});
/** What a value of a label column was read as. */
export type ReadLabel = z.infer<typeof readLabelSchema>;

export const coverageSchema = z.strictObject({
  judge: z.string(),
  /** Of the benchmark's items. */
  nItems: z.int().min(1),
  nJudged: z.int().min(0),
  /** The first ids without a judgment. */
  notJudged: z.array(z.string()),
  /** Judged ids that are not among the items. */
  nUnknown: z.int().min(0),
  /** The first of them, each with the place of its first judgment. */
  unknown: z.array(z.strictObject({ itemId: z.string(), file: z.string(), line: z.int().min(1) })),
});
/** A judge that judged other items than the benchmark has. */
export type Coverage = z.infer<typeof coverageSchema>;

export const unreadJudgeSchema = z.strictObject({
  judge: z.string(),
  rule: z.string(),
  nTexts: z.int().min(1),
  /** Texts without a verdict by that rule. */
  nUnread: z.int().min(1),
  /** The end of the first of them. */
  ending: z.string(),
  /** The rule that reads most of them; null where none reads a fifth. */
  betterRule: z.string().nullable(),
});
/** A judge of whose texts half or more hold no verdict by the rule. */
export type UnreadJudge = z.infer<typeof unreadJudgeSchema>;

export const weightedAccuracySchema = z.strictObject({
  judge: z.string(),
  /** Verdicts of significantly better, such as [[A>>B]]. */
  nSignificant: z.int().min(0),
  /** Accuracy where each of these counts three times; n are verdicts. */
  accuracy: estimateSchema,
});
/** The accuracy of a judge with the weights of Arena-Hard's win rate. */
export type WeightedAccuracy = z.infer<typeof weightedAccuracySchema>;

export const scoreSchema = z.strictObject({
  benchmark: z.string(),
  files: z.array(z.string()),
  nJudgments: z.int().min(0),
  /** Judgments that were parsed again and compared with a recorded verdict. */
  nReparsed: z.int().min(0),
  /** How many of those differ; the first of them are listed. */
  nDiffering: z.int().min(0),
  differing: z.array(differingSchema),
  /** Items without a gold label; their verdicts count in no accuracy. */
  nWithoutGold: z.int().min(0),
  /** Agreement of the human annotators, where their single labels are known. */
  goldAgreement: figuresSchema,
  /** What each value of the items' label column was read as; empty where no mapping reads them. */
  labels: z.array(readLabelSchema),
  sets: z.array(resultSetSchema),
  grades: z.array(gradeSetSchema),
  judges: z.array(judgeSummarySchema),
  /** Judges beside the trivial ones; without those that have no accuracy. */
  trivial: z.array(trivialReportSchema),
  /** Judges that did not judge all items of the benchmark, or others; empty where its items are not known. */
  coverage: z.array(coverageSchema),
  unread: z.array(unreadJudgeSchema),
  /** Judges whose verdicts say how much better. */
  weighted: z.array(weightedAccuracySchema),
  /** Rows that could not be used, by reason; the first of them are listed. */
  dropped: z.record(z.string(), z.int().min(1)),
  /** Rows of the benchmark's files that are not items, by reason. */
  droppedItems: z.record(z.string(), z.int().min(1)),
  /** The first of them, in words. */
  itemProblems: z.array(z.string()),
  /** Items of which a judge's recording has several verdicts in one order, where the others have one; the first ids. */
  repeated: z.array(
    z.strictObject({
      judge: z.string(),
      subset: z.string(),
      n: z.int().min(1),
      itemIds: z.array(z.string()),
    }),
  ),
  badRows: z.array(badRowSchema),
});
/** The report of `autodidact score`. */
export type Score = z.infer<typeof scoreSchema>;
