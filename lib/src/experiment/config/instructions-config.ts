// Where instructions come from, in an experiment file: the embedded world, a file, or a pool of files to classify and choose from.
import { z } from 'zod';
import { distinct, int, nonEmpty, section } from '../../core/config-section.js';
import { choiceSchema, classifySchema, poolSchema } from '../../select/index.js';

/** The slices of the embedded world. */
export const EMBEDDED_SLICES = ['reasoning', 'code', 'math'] as const;

const perIteration = int(2, 1_000_000);
const fresh = z.boolean().default(true);
const notes = {
  perIteration: ['Instructions of an iteration, equally many of each slice.', 600],
  fresh: 'true: every iteration takes instructions of its own; false: all take the same.',
} as const;

const embeddedSchema = section(
  {
    source: z.literal('embedded'),
    slices: distinct(z.enum(EMBEDDED_SLICES)).default([...EMBEDDED_SLICES]),
    perIteration,
    fresh,
  },
  { ...notes, source: 'Instructions of the embedded world.', slices: 'Slices to take.' },
);

const fileSchema = section(
  {
    source: z.literal('jsonl'),
    path: nonEmpty,
    textField: nonEmpty.default('instruction'),
    sliceField: nonEmpty.optional(),
    slices: distinct(nonEmpty).default(['all']),
    perIteration,
    fresh,
  },
  {
    ...notes,
    source: 'A file of instructions.',
    path: ["JSON Lines file, from this file's folder.", 'instructions.jsonl'],
    textField: 'Field of the instruction.',
    sliceField: ['Field of the slice. Absent: every instruction belongs to the slice "all".', 'slice'],
    slices: ['Slices to take.', ['math', 'code']],
  },
);

const poolInstructionsSchema = section(
  {
    source: z.literal('pool'),
    ...poolSchema.shape,
    cacheFolder: nonEmpty.optional(),
    classify: section(
      { model: nonEmpty.optional(), most: int(1).optional(), ...classifySchema.shape },
      {
        model: ['Model that classifies. Absent: the seed model.', 'mistralai/Mixtral-8x22B-Instruct-v0.1'],
        most: [
          'Most instructions to classify, drawn by the seed. Absent: all that pass the filters.',
          20_000,
        ],
      },
    ).optional(),
    choose: choiceSchema.prefault({}),
    slices: distinct(nonEmpty).optional(),
    perIteration,
    fresh,
  },
  {
    ...notes,
    source: 'Instructions that are chosen from files.',
    cacheFolder: ['Cache of data sets. Absent: that of autodidact data.', '/data/autodidact'],
    classify:
      'A model labels the instructions before the first iteration. Absent: the labels of the pool are used.',
    choose:
      'Which instructions to choose. Without count: as many as all iterations take, by slice unless balanced.',
    slices: ['Slices of the pool to take. Absent: those of choose, otherwise "all".', ['reasoning']],
  },
).superRefine(({ files, slices, choose, filters }, context) => {
  const complain = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (slices && choose.slices) complain(['slices'], 'expected either slices or choose.slices');
  const sliced = files.findIndex(
    ({ columns, slice = 'all' }) => columns.slice !== undefined || slice !== 'all',
  );
  if (sliced >= 0 && !slices && !choose.slices)
    complain(
      ['slices'],
      `expected the names of the slices to take, such as slices: [${files[sliced]?.slice ?? 'math, code'}]: files.${sliced} names slices, and without this only instructions of a slice called "all" would be taken`,
    );
  const nSlices = (slices ?? choose.slices ?? []).length;
  if (choose.balance === 'category' && choose.count === undefined && nSlices > 1)
    complain(
      ['choose', 'balance'],
      'needs choose.count where there are several slices, more than iterations x perIteration: of these iterations take equally many of each slice, which balanced categories do not hold',
    );
  if (filters.duplicates === 'keep')
    complain(['filters', 'duplicates'], 'expected drop: iterations take the same instruction once');
});
/** Instructions that are chosen from files. */
export type InstructionPoolConfig = z.output<typeof poolInstructionsSchema>;

export const instructionsSchema = z.discriminatedUnion('source', [
  embeddedSchema,
  fileSchema,
  poolInstructionsSchema,
]);

/** Models that classify: the one that is named, if any. */
export function classifyingModels(
  instructions: { source: string; classify?: { model?: string | undefined } | undefined } | undefined,
): string[] {
  const model = instructions?.classify?.model;
  return model === undefined ? [] : [model];
}
