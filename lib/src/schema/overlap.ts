// What training texts and a benchmark have in common: the record of an overlap audit.
import { z } from 'zod';

export const overlapKindSchema = z.enum(['same-text', 'near-duplicate', 'shared-run']);
/**
 * How two texts overlap, the strongest first. `same-text`: they are the same but for case, white space and a mark at the end;
 * `near-duplicate`: most of one stands in the other; `shared-run`: a long run of words stands in both.
 */
export type OverlapKind = z.infer<typeof overlapKindSchema>;

export const textFieldSchema = z.enum(['instruction', 'response']);
/** What a text is. */
export type TextField = z.infer<typeof textFieldSchema>;

export const auditedTextSchema = z.strictObject({
  /** Of the benchmark item, the instruction or the pair. */
  id: z.string().min(1),
  field: textFieldSchema,
  text: z.string(),
  /** The subset of the benchmark, or the slice of the pool. */
  subset: z.string().min(1),
  /** Where it was read; absent where no file holds it. */
  source: z.strictObject({ file: z.string().min(1), line: z.int().min(1) }).optional(),
});
/** A text whose overlap is looked for. */
export type AuditedText = z.infer<typeof auditedTextSchema>;

/** A text as a report shows it: its beginning. */
const shownTextSchema = auditedTextSchema.omit({ text: true }).extend({ excerpt: z.string() });

export const overlapRecordSchema = z.strictObject({
  kind: overlapKindSchema,
  benchmark: shownTextSchema,
  training: shownTextSchema,
  /** Of the benchmark text's runs of words, the share that stands in the training text, 0 to 1; null for a text too short for one. */
  benchmarkShare: z.number().min(0).max(1).nullable(),
  /** Of the training text's runs of words, the share that stands in the benchmark text, likewise. */
  trainingShare: z.number().min(0).max(1).nullable(),
});
/** A benchmark text and a training text that overlap. */
export type Overlap = z.infer<typeof overlapRecordSchema>;

export const overlappingItemSchema = z.strictObject({
  itemId: z.string().min(1),
  subset: z.string().min(1),
  /** The strongest overlap with any training text; of equals the one that was read first. */
  strongest: overlapRecordSchema,
  /** Training texts that overlap with the item. */
  nTrainingTexts: z.int().min(1),
  /** Of the item's long runs of words, the share that stands in the training texts taken together; null for an item too short for one. */
  runShare: z.number().min(0).max(1).nullable(),
  /** The reason for which it is allowed, where it is. */
  waivedBecause: z.string().min(1).optional(),
});
/** A benchmark item that overlaps with training texts. */
export type OverlappingItem = z.infer<typeof overlappingItemSchema>;

export const overlapCountsSchema = z.strictObject({
  /** Items or texts that were looked at. */
  n: z.int().min(0),
  /** Those that overlap, each under its strongest kind. */
  sameText: z.int().min(0),
  nearDuplicate: z.int().min(0),
  sharedRun: z.int().min(0),
});
/** How many of something overlap. */
export type OverlapCounts = z.infer<typeof overlapCountsSchema>;

export const overlapReportSchema = z.strictObject({
  /** What counted as an overlap: lengths in words, shares from 0 to 1. */
  settings: z.strictObject({
    runWords: z.int(),
    shingleWords: z.int(),
    share: z.number(),
    minWords: z.int(),
    boilerplateItems: z.int().nullable(),
    benchmarkFields: z.array(textFieldSchema),
    trainingFields: z.array(textFieldSchema),
  }),
  /** Benchmark items by subset. */
  items: z.record(z.string(), overlapCountsSchema),
  /** Training texts by what they are. */
  training: z.record(textFieldSchema, overlapCountsSchema),
  /** All items that overlap, in the benchmark's order. */
  overlappingItems: z.array(overlappingItemSchema),
  /** The first training texts that overlap, each with its strongest overlap; the counts tell how many there are in all. */
  trainingExamples: z.array(overlapRecordSchema),
  /** Overlapping items that no waiver covers. */
  nNotWaived: z.int().min(0),
});
/** What an overlap audit found. */
export type OverlapReport = z.infer<typeof overlapReportSchema>;
