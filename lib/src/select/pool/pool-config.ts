// The settings of a pool of instructions: its files, their columns, and its filters.
import { z } from 'zod';
import { int, nonEmpty, section } from '../../core/config-section.js';
import { ROW_FORMATS } from '../../datasets/index.js';
import { PERSONAL_DETAILS } from './personal-details.js';

/** Layouts of a file: named columns, or conversations, whose first user message is taken. */
export const POOL_LAYOUTS = ['columns', 'messages', 'wildchat', 'lmsys-chat'] as const;

/** A column, or a path into one: `turns.0.content`. */
const column = nonEmpty.optional();

export const poolColumnsSchema = section(
  {
    text: column,
    append: z.array(nonEmpty).min(1).optional(),
    slice: column,
    category: column,
    complexity: column,
    expectedLength: column,
    language: column,
    toxic: column,
    redacted: column,
  },
  {
    text: ['The instruction. Absent: the column instruction, or in plain text the line.', 'turns.0.content'],
    append: ['Added to the instruction after a blank line, where not empty.', ['instances.0.input']],
    slice: ['The slice.', 'source'],
    category: ['The category.', 'labels.category'],
    complexity: ['The complexity, a whole number from 1 to 10; needs category.', 'labels.complexity'],
    expectedLength: ['The expected length of an answer; needs category.', 'labels.length'],
    language: ['The language, in place of what a conversation says itself.', 'language'],
    toxic: ['Whether the row is toxic, in place of what a conversation says itself.', 'toxic'],
    redacted: ['Whether personal details were removed, as above.', 'redacted'],
  },
);

export const poolFileSchema = section(
  {
    path: nonEmpty.optional(),
    dataset: nonEmpty.optional(),
    file: nonEmpty.optional(),
    format: z.enum(ROW_FORMATS).optional(),
    layout: z.enum(POOL_LAYOUTS).default('columns'),
    columns: poolColumnsSchema.prefault({}),
    slice: nonEmpty.optional(),
  },
  {
    path: ["A file, from the experiment file's folder; `*` stands for any part of a name.", 'pool/*.jsonl'],
    dataset: ['In place of a path: a data set in the cache (autodidact data pull).', 'wildchat'],
    file: ['One file of the data set. Absent: all.', 'data/train-00000-of-00007.parquet'],
    format: 'Format of the file. Absent: detected from its name.',
    layout:
      'columns: named columns; otherwise conversations, of which the first user message is taken. messages: lists of messages as the OpenAI API takes them, in the column messages.',
    columns: 'Which column holds what.',
    slice: ['Slice of all its instructions. Absent: columns.slice, otherwise "all".', 'reasoning'],
  },
).superRefine(({ path, dataset, file, layout, columns, slice }, context) => {
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
/** A file of a pool, or several with the same columns. */
export type PoolFile = z.output<typeof poolFileSchema>;

const bounds = section(
  { min: int(0).default(0), max: int(1).optional() },
  { min: ['Least that is kept.', 20], max: ['Most that is kept. Absent: no limit.', 4000] },
).refine(({ min, max }) => max === undefined || min <= max, 'expected min to be at most max');

const dropOrKeep = z.enum(['drop', 'keep']).default('drop');

const nearDuplicatesSchema = section(
  {
    threshold: z.number().min(0.3).max(1).default(0.8),
    shingleWords: int(1, 16).default(3),
  },
  {
    threshold: 'Jaccard similarity of word sequences from which on two instructions are near-duplicates.',
    shingleWords: 'Words of a sequence.',
  },
);

const personalDetailsSchema = section(
  {
    mode: z.enum(['drop', 'mask']).default('drop'),
    kinds: z
      .array(z.enum(PERSONAL_DETAILS))
      .min(1)
      .default([...PERSONAL_DETAILS]),
  },
  {
    mode: 'drop: drop the instruction; mask: write [email] and so on in place of the detail.',
    kinds: ['Kinds of details to look for.', ['email', 'phone']],
  },
);

/** Every filter is off when absent, unless it has a default. */
export const poolFiltersSchema = section(
  {
    characters: bounds.optional(),
    words: bounds.optional(),
    languages: z.array(nonEmpty).min(1).optional(),
    toxic: dropOrKeep,
    redacted: dropOrKeep,
    duplicates: dropOrKeep,
    nearDuplicates: nearDuplicatesSchema.optional(),
    personalDetails: personalDetailsSchema.optional(),
  },
  {
    characters: 'Length of an instruction in UTF-16 characters. Absent: any.',
    words: 'Length in words, which are separated by white space. Absent: any.',
    languages: ['Languages to keep, by English name or code (ISO 639), in any case.', ['English', 'de']],
    toxic: 'Rows that their source marks as toxic.',
    redacted: 'Rows from which their source removed personal details.',
    duplicates: 'Instructions that differ only in case and white space from an earlier one, which is kept.',
    nearDuplicates: 'Drop instructions that share most word sequences with an earlier one. Absent: off.',
    personalDetails: 'Find personal details and secrets by patterns. Absent: off.',
  },
);
/** The filters of a pool. */
export type PoolFilters = z.output<typeof poolFiltersSchema>;

export const poolSchema = section(
  { files: z.array(poolFileSchema).min(1), filters: poolFiltersSchema.prefault({}) },
  { files: 'Files, in the order in which they are read.', filters: 'What is left out of the pool.' },
);
/** A pool of instructions. */
export type Pool = z.output<typeof poolSchema>;
