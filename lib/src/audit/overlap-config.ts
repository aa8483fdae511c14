// The overlap settings of an experiment: what counts as an overlap of training texts and benchmark, and which overlaps are allowed.
import { z } from 'zod';
import { int, nonEmpty, section } from '../core/config-section.js';
import { OVERLAP_ACTIONS, overlapKindSchema, textFieldSchema, type OverlapKind } from '../schema/overlap.js';

/** Covers the items whose strongest overlap matches all of its keys; absent keys match everything. */
export const overlapWaiverSchema = section(
  {
    kinds: z.array(overlapKindSchema).min(1).optional(),
    subsets: z.array(nonEmpty).min(1).optional(),
    itemIds: z.array(nonEmpty).min(1).optional(),
    reason: z.string().trim().min(1),
  },
  {
    kinds: ['Kinds of overlap that it covers. Absent: all.', ['shared-run']],
    subsets: ['Subsets of the benchmark. Absent: all.', ['Reasoning']],
    itemIds: ['Items of the benchmark. Absent: all.', ['mt-bench:81']],
    reason: ['Why this overlap does no harm; the report shows it.', 'A common greeting.'],
  },
);
/** An overlap that is known and allowed. */
export type OverlapWaiver = z.output<typeof overlapWaiverSchema>;

export const overlapSchema = section(
  {
    // GPT-3 (arXiv 2005.14165, appendix C) filters by runs of 13 words, and its shortest run has 8.
    action: z.enum(OVERLAP_ACTIONS).optional(),
    runWords: int(2, 100).default(13),
    shingleWords: int(1, 100).default(5),
    share: z.number().gt(0).max(1).default(0.7),
    minWords: int(1, 1000).default(8),
    boilerplateItems: int(1).optional(),
    benchmarkFields: z.array(textFieldSchema).min(1).default(['instruction']),
    trainingFields: z.array(textFieldSchema).min(1).default(['instruction', 'response']),
    examples: int(0, 100_000).default(100),
    waive: z.array(overlapWaiverSchema).default([]),
  },
  {
    action: [
      'What an overlap without a waiver does. stop: end the run before a model is asked; drop: leave those instructions of files out; report: go on. Absent: stop. Of written responses, only report goes on.',
      'drop',
    ],
    runWords: 'Words in a row that two texts must share to count as a shared run.',
    shingleWords: 'Words of the shorter runs by which near-duplicates are counted; at most runWords.',
    share: 'A text is a near-duplicate when the other contains this share of its shorter runs.',
    minWords: 'Texts of fewer words overlap only where they are the same, not as near-duplicates.',
    boilerplateItems: ['Runs in more items than this are ignored as boilerplate. Absent: all count.', 20],
    benchmarkFields: ['Fields of a benchmark item that are compared.', ['instruction', 'response']],
    trainingFields: ['Fields of the training texts that are compared.', ['instruction']],
    examples: ['Most training texts that the report shows.', 20],
    waive: 'Overlaps that do not end the run.',
  },
).refine(({ runWords, shingleWords }) => shingleWords <= runWords, {
  path: ['shingleWords'],
  message: 'expected no more than runWords',
});
/** What counts as an overlap, and which overlaps are allowed. */
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
