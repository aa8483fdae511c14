// What counts as an overlap between training texts and a benchmark, and what is let pass: the section of an experiment.
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { overlapKindSchema, textFieldSchema, type OverlapKind } from '../schema/overlap.js';

/** Covers the items whose strongest overlap fits all of its keys; absent keys fit everything. */
export const overlapWaiverSchema = section({
  kinds: z.array(overlapKindSchema).min(1).optional(),
  /** Subsets of the benchmark. */
  subsets: z.array(z.string().min(1)).min(1).optional(),
  itemIds: z.array(z.string().min(1)).min(1).optional(),
  /** Why this overlap does no harm; it stands in the report. */
  reason: z.string().trim().min(1),
});
/** An overlap that is known and let pass. */
export type OverlapWaiver = z.output<typeof overlapWaiverSchema>;

export const overlapSchema = section({
  /** Words of the run that two texts must share (GPT-3, arXiv 2005.14165, appendix C, filters by 13). */
  runWords: z.int().min(2).max(100).default(13),
  /** Words of the shorter runs by which near-duplicates are counted. */
  shingleWords: z.int().min(1).max(100).default(5),
  /** A text is a near-duplicate when this share of its shorter runs stands in the other, 0 to 1. */
  share: z.number().gt(0).max(1).default(0.7),
  /** Texts of fewer words are no near-duplicates of longer ones; they overlap where they are the same (GPT-3's shortest run has 8). */
  minWords: z.int().min(1).max(1000).default(8),
  /** Runs that stand in more items than this are the benchmark's own wording and say nothing; absent: all count. */
  boilerplateItems: z.int().min(1).optional(),
  /** What of a benchmark item and of training is looked at. */
  benchmarkFields: z.array(textFieldSchema).min(1).default(['instruction']),
  trainingFields: z.array(textFieldSchema).min(1).default(['instruction', 'response']),
  /** The most training texts that the report shows. */
  examples: z.int().min(0).max(100_000).default(100),
  /** Overlaps that do not end the run. */
  waive: z.array(overlapWaiverSchema).default([]),
}).refine(({ runWords, shingleWords }) => shingleWords <= runWords, {
  path: ['shingleWords'],
  message: 'expected no more than runWords',
});
/** What counts as an overlap, and what is let pass. */
export type OverlapOptions = z.output<typeof overlapSchema>;

/** The reason of the first waiver that covers an overlap with a benchmark item; null where none does. */
export function waiverReason(
  { itemId, subset, kind }: { itemId: string; subset: string; kind: OverlapKind },
  waivers: readonly OverlapWaiver[],
): string | null {
  const fits = <Value>(list: readonly Value[] | undefined, value: Value): boolean =>
    list?.includes(value) ?? true;
  const waiver = waivers.find(
    ({ kinds, subsets, itemIds }) => fits(kinds, kind) && fits(subsets, subset) && fits(itemIds, itemId),
  );
  return waiver?.reason ?? null;
}
