// Counts of a selection: what the pool offered and what was taken.
import { wordRecord } from '../core/own.js';
import { z } from 'zod';

const count = z.int().min(0);

export const selectionGroupSchema = z.strictObject({
  name: z.string(),
  /** Instructions of the pool that could be chosen: read, not filtered out, and classified. */
  offered: count,
  taken: count,
});
/** How many instructions of one kind were offered and taken. */
export type SelectionGroup = z.infer<typeof selectionGroupSchema>;

const fileCountsSchema = z.strictObject({
  /** Its name in the pool. */
  file: z.string(),
  /** Rows with an instruction, before filters. */
  rows: count,
  /** Those rows by their language as the file names it; `unknown` where it names none. */
  languages: wordRecord(count),
  /** Of conversations: system prompts, and turns of users and assistants after the first turn of the user, none of which is used. */
  systemPrompts: count,
  furtherTurns: count,
});
/** What a file of a pool held. */
export type FileCounts = z.infer<typeof fileCountsSchema>;

export const selectionSummarySchema = z.strictObject({
  /** Rows of the pool's files, dropped or taken. */
  rows: count,
  offered: count,
  taken: count,
  /** By reason, of all steps together. */
  drops: wordRecord(count),
  /** Instructions in which personal details were masked, by kind. */
  masked: z.record(z.string(), count),
  /** In the order of the pool. */
  byFile: z.array(fileCountsSchema).default([]),
  /** The most frequent first. */
  byCategory: z.array(selectionGroupSchema),
  /** From 1 to 10. */
  byComplexity: z.array(selectionGroupSchema),
  /** The most frequent first. */
  bySlice: z.array(selectionGroupSchema),
});
/** See {@link selectionSummarySchema}. */
export type SelectionSummary = z.infer<typeof selectionSummarySchema>;
