// The record of an overlap audit of training texts and a benchmark.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';

export const overlapKindSchema = z.enum(['same-text', 'near-duplicate', 'shared-run']);
/**
 * How two texts overlap, the strongest first. `same-text`: equal except for case, white space and punctuation at the end; `near-duplicate`:
 * one contains most of the other; `shared-run`: both contain the same long run of words.
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
  /** Its file and line; absent for texts without a file. */
  source: z.strictObject({ file: z.string().min(1), line: z.int().min(1) }).optional(),
});
/** An audited text. */
export type AuditedText = z.infer<typeof auditedTextSchema>;

/** An audited text as a report shows it: its beginning. */
const shownTextSchema = auditedTextSchema.omit({ text: true }).extend({ excerpt: z.string() });

export const overlapRecordSchema = z.strictObject({
  kind: overlapKindSchema,
  benchmark: shownTextSchema,
  training: shownTextSchema,
  /** Share of the benchmark text's runs of words that the training text contains, 0 to 1; null for a text shorter than one run. */
  benchmarkShare: z.number().min(0).max(1).nullable(),
  /** Share of the training text's runs of words that the benchmark text contains, likewise. */
  trainingShare: z.number().min(0).max(1).nullable(),
});
/** A benchmark text and a training text that overlap. */
export type Overlap = z.infer<typeof overlapRecordSchema>;

export const overlappingItemSchema = z.strictObject({
  itemId: z.string().min(1),
  subset: z.string().min(1),
  /** The strongest overlap with any training text; the first of equals. */
  strongest: overlapRecordSchema,
  /** Training texts that overlap with the item. */
  nTrainingTexts: z.int().min(1),
  /** Share of the item's long runs of words that all training texts together contain; null for an item shorter than one run. */
  runShare: z.number().min(0).max(1).nullable(),
  /** The reason of its waiver, if it has one. */
  waivedBecause: z.string().min(1).optional(),
});
/** A benchmark item that overlaps with training texts. */
export type OverlappingItem = z.infer<typeof overlappingItemSchema>;

export const overlapCountsSchema = z.strictObject({
  /** Audited items or texts. */
  n: z.int().min(0),
  /** Those with an overlap, each under its strongest kind. */
  sameText: z.int().min(0),
  nearDuplicate: z.int().min(0),
  sharedRun: z.int().min(0),
});
/** Counts of audited and overlapping items or texts. */
export type OverlapCounts = z.infer<typeof overlapCountsSchema>;

/** What an overlap without a waiver does. */
export const OVERLAP_ACTIONS = ['stop', 'drop', 'report'] as const;

export const overlapReportSchema = z.strictObject({
  /** The settings of the audit: lengths in words, shares from 0 to 1. */
  settings: z.strictObject({
    runWords: z.int(),
    shingleWords: z.int(),
    share: z.number(),
    minWords: z.int(),
    boilerplateItems: z.int().nullable(),
    /** Absent: stop. */
    action: z.enum(OVERLAP_ACTIONS).optional(),
    benchmarkFields: z.array(textFieldSchema),
    trainingFields: z.array(textFieldSchema),
  }),
  /** Benchmark items by subset. */
  items: wordRecord(overlapCountsSchema),
  /** Training texts by what they are. */
  training: z.record(textFieldSchema, overlapCountsSchema),
  /** All items that overlap, in the benchmark's order. */
  overlappingItems: z.array(overlappingItemSchema),
  /** The first training texts that overlap, each with its strongest overlap; the counts cover all of them. */
  trainingExamples: z.array(overlapRecordSchema),
  /** Overlapping items that no waiver covers. */
  nNotWaived: z.int().min(0),
});
/** The report of an overlap audit. */
export type OverlapReport = z.infer<typeof overlapReportSchema>;
