// What is chosen from a pool, declared: slices or categories, complexity, how many, and in what balance.
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { NAMED_SLICES, type SliceDefinitions } from './named-slices.js';

const names = z
  .array(z.string().min(1))
  .min(1)
  .refine((list) => new Set(list).size === list.length, 'expected every name once');

const degree = z.int().min(1).max(10);

export const choiceSchema = section({
  /** By category: `reasoning`, `code`, `math` and those of `define`. An instruction that is chosen belongs to its slice from then on. */
  slices: names.optional(),
  /** Further slices, each with its categories. */
  define: z.record(z.string().min(1), names).default({}),
  /** In place of slices; the slices of the pool stay. Absent, as they are: all. */
  categories: names.optional(),
  /** Bounds, both included; an instruction of unknown complexity is dropped. */
  complexity: section({ min: degree.default(1), max: degree.default(10) })
    .refine(({ min, max }) => min <= max, 'expected min to be at most max')
    .optional(),
  /** How many in all, drawn by the seed; absent: all that fit. */
  count: z.int().min(1).optional(),
  /** Of the count, equally many of each; what one has too few of, the others give. Absent: drawn from all alike. */
  balance: z.enum(['category', 'slice']).optional(),
}).superRefine(({ slices, define, categories }, context) => {
  const complain = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  const known = Object.keys({ ...NAMED_SLICES, ...define });
  for (const slice of slices ?? []) {
    if (!known.includes(slice)) complain('slices', `unknown slice "${slice}"; known: ${known.join(', ')}`);
  }
  if (slices && categories) complain('categories', 'expected either slices or categories');
});
/** A choice, with its defaults. */
export type Choice = z.output<typeof choiceSchema>;

/** The slices that a choice knows. */
export function slicesOf({ define }: Choice): SliceDefinitions {
  return { ...NAMED_SLICES, ...define };
}
