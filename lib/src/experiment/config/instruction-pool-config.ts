// Instructions from a pool of files, in an experiment file: what is read, classified and chosen before iterations take theirs.
import { z } from 'zod';
import { section } from '../../core/config-section.js';
import { choiceSchema, classifySchema, poolSchema } from '../../select/index.js';
import { distinct } from './distinct-names.js';

export const instructionPoolSchema = section({
  source: z.literal('pool'),
  ...poolSchema.shape,
  /** Of the data sets among the files; absent: as the environment says. */
  cacheFolder: z.string().min(1).optional(),
  /** Present: a model labels the instructions before the first iteration; otherwise the labels of the pool are all there is. */
  classify: section({
    /** Absent: the seed model. */
    model: z.string().min(1).optional(),
    /** At most so many of those that pass the filters are classified, drawn by the seed; absent: all. */
    most: z.int().min(1).optional(),
    ...classifySchema.shape,
  }).optional(),
  /** Without `count`, as many are chosen as all iterations take, equally many of each slice unless `balance` says otherwise. */
  choose: choiceSchema.prefault({}),
  /** Slices of the pool's own; absent: those of `choose`, else `all`. */
  slices: distinct(z.string().min(1)).optional(),
  perIteration: z.int().min(2).max(1_000_000),
  fresh: z.boolean().default(true),
}).superRefine(({ slices, choose, filters }, context) => {
  const complain = (path: string[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  if (slices && choose.slices) complain(['slices'], 'expected either slices or choose.slices');
  const nSlices = (slices ?? choose.slices ?? []).length;
  if (choose.balance === 'category' && choose.count === undefined && nSlices > 1)
    complain(
      ['choose', 'balance'],
      'needs choose.count where there are several slices, more than iterations x perIteration: of these iterations take equally many of each slice, which balanced categories do not hold',
    );
  if (filters.duplicates === 'keep')
    complain(['filters', 'duplicates'], 'expected drop: iterations take the same instruction once');
});
/** See {@link instructionPoolSchema}. */
export type InstructionPoolConfig = z.output<typeof instructionPoolSchema>;

/** Models that classify: the one that is named, if any. */
export function classifyingModels(instructions: {
  source: string;
  classify?: { model?: string | undefined } | undefined;
}): string[] {
  return instructions.classify?.model === undefined ? [] : [instructions.classify.model];
}
