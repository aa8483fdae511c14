// The pairs that a judge is measured on, in an experiment file.
import { z } from 'zod';
import { distinct, int, nonEmpty, section } from '../../core/config-section.js';
import { pairColumnsSchema, PUBLISHED_BENCHMARK_NAMES } from '../../evaluate/index.js';

const embeddedBenchmarkSchema = section(
  {
    source: z.literal('embedded'),
    split: z.enum(['dev', 'test']).default('test'),
    pairs: int(1, 100_000),
    seed: int(0).default(1),
    responses: z.enum(['answer', 'worked']).optional(),
  },
  {
    source: 'Pairs of the embedded world.',
    split: 'dev is for tuning; figures that are reported come from test.',
    pairs: ['How many pairs.', 600],
    seed: 'Seed of the draw of pairs.',
    responses: [
      'answer: the answer alone, for the pack micro; worked: the work as well, for micro-worked. Absent: answer.',
      'worked',
    ],
  },
);

const fileBenchmarkSchema = section(
  { source: z.literal('jsonl'), path: nonEmpty, columns: pairColumnsSchema.prefault({}) },
  {
    source: 'Pairs of your own.',
    path: ["File of pairs, from this file's folder: JSON Lines, JSON, CSV or Parquet.", 'pairs.jsonl'],
    columns: 'Which column holds what, where the names differ from the defaults.',
  },
);

const namedBenchmarkSchema = section(
  {
    source: z.literal('registry'),
    name: z.enum(PUBLISHED_BENCHMARK_NAMES),
    files: z.array(nonEmpty).min(1).optional(),
    cacheFolder: nonEmpty.optional(),
    subsets: distinct(nonEmpty).optional(),
    perSubset: int(1).optional(),
  },
  {
    source: 'A published benchmark.',
    name: 'Which benchmark.',
    files: [
      'Files of its items. Absent: those in the cache (autodidact data pull).',
      ['rewardbench.parquet'],
    ],
    cacheFolder: ['Cache of data sets. Absent: that of autodidact data.', '/data/autodidact'],
    subsets: ['Subsets to measure on. Absent: all.', ['alpacaeval-easy', 'math-prm']],
    perSubset: ['Only the first items of each subset. Absent: all.', 50],
  },
);

export const benchmarkSchema = z.discriminatedUnion('source', [
  embeddedBenchmarkSchema,
  fileBenchmarkSchema,
  namedBenchmarkSchema,
]);
/** Pairs that a judge is measured on. */
export type BenchmarkConfig = z.output<typeof benchmarkSchema>;
