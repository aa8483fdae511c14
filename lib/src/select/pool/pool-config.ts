// How a pool of instructions is written down: its files, what their columns mean, and what is filtered out.
import { z } from 'zod';
import { section } from '../../core/config-section.js';
import { ROW_FORMATS } from '../../datasets/index.js';
import { PERSONAL_DETAILS } from './personal-details.js';

/** A column, or a path into one: `turns.0.content`. */
const column = z.string().min(1);

/** How the rows of a file are laid out: columns that are named here, or conversations of which the first message of the user is taken. */
export const POOL_LAYOUTS = ['columns', 'wildchat', 'lmsys-chat'] as const;

export const poolColumnsSchema = section({
  /** The instruction; absent: `instruction`, in plain text the line. */
  text: column.optional(),
  /** Further parts of the instruction, put behind it after a blank line where they are not empty: `instances.0.input`. */
  append: z.array(column).min(1).optional(),
  slice: column.optional(),
  category: column.optional(),
  /** A whole number from 1 to 10. */
  complexity: column.optional(),
  expectedLength: column.optional(),
  /** Overrides what a conversation says itself, as the two below. */
  language: column.optional(),
  /** True, or a text that says so, where the row is toxic. */
  toxic: column.optional(),
  redacted: column.optional(),
});

export const poolFileSchema = section({
  /** From the folder of the file that says so; `*` stands for any part of a file's name. */
  path: z.string().min(1).optional(),
  /** In place of a path: a data set that was pulled. */
  dataset: z.string().min(1).optional(),
  /** One of its files; absent: all. */
  file: z.string().min(1).optional(),
  /** Absent: told by the name. */
  format: z.enum(ROW_FORMATS).optional(),
  layout: z.enum(POOL_LAYOUTS).default('columns'),
  columns: poolColumnsSchema.prefault({}),
  /** The slice of all its instructions; absent: as `columns.slice` says, else `all`. */
  slice: z.string().min(1).optional(),
}).superRefine(({ path, dataset, file, layout, columns, slice }, context) => {
  const complain = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  if ((path === undefined) === (dataset === undefined))
    complain('path', 'expected either a path or a dataset');
  if (file !== undefined && dataset === undefined) complain('file', 'has a meaning only with dataset');
  if (slice !== undefined && columns.slice !== undefined)
    complain('slice', 'expected either a slice or columns.slice');
  if (columns.category === undefined && (columns.complexity ?? columns.expectedLength) !== undefined)
    complain('columns', 'complexity and expectedLength are labels of a category: name its column too');
  if (layout !== 'columns' && (columns.text ?? columns.append) !== undefined)
    complain('columns', 'a conversation has no text column; its first message of the user is taken');
});
/** A file of a pool, or several that are alike. */
export type PoolFile = z.output<typeof poolFileSchema>;

const bounds = section({ min: z.int().min(0).default(0), max: z.int().min(1).optional() }).refine(
  ({ min, max }) => max === undefined || min <= max,
  'expected min to be at most max',
);

/** Every one is off when absent, unless a default is given. */
export const poolFiltersSchema = section({
  /** Characters of an instruction, as UTF-16 counts them. */
  characters: bounds.optional(),
  /** Words: what white space sets apart, which says little of scripts that write without it. */
  words: bounds.optional(),
  /** Languages that are kept, as the language column names them, whatever their case; a row that names none is dropped. */
  languages: z.array(z.string().min(1)).min(1).optional(),
  /** What happens to rows that their source calls toxic. */
  toxic: z.enum(['drop', 'keep']).default('drop'),
  /** What happens to rows from which their source took personal details. */
  redacted: z.enum(['drop', 'keep']).default('drop'),
  /** Instructions that are the same up to case and white space: the first is kept. */
  duplicates: z.enum(['drop', 'keep']).default('drop'),
  /**
   * Instructions that share most of their word sequences with one that was kept before. Punctuation does not count, so that pieces of
   * code which differ in signs alone are the same.
   */
  nearDuplicates: section({
    /** Jaccard similarity of the sets of word sequences from which on two are duplicates. */
    threshold: z.number().min(0.3).max(1).default(0.8),
    /** Words of a sequence. */
    shingleWords: z.int().min(1).max(16).default(3),
  }).optional(),
  /** A screen by patterns: it finds what looks like a detail, not what a person would know for one. */
  personalDetails: section({
    /** `mask` puts `[email]` and so on in their place. */
    mode: z.enum(['drop', 'mask']).default('drop'),
    kinds: z
      .array(z.enum(PERSONAL_DETAILS))
      .min(1)
      .default([...PERSONAL_DETAILS]),
  }).optional(),
});
/** What is filtered out of a pool. */
export type PoolFilters = z.output<typeof poolFiltersSchema>;

export const poolSchema = section({
  /** In the order in which they are read; of duplicates the first is kept. */
  files: z.array(poolFileSchema).min(1),
  filters: poolFiltersSchema.prefault({}),
});
/** A pool of instructions. */
export type Pool = z.output<typeof poolSchema>;
