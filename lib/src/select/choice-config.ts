// The settings of the choice from a pool: slices or categories, complexity, count and balance.
import { z } from 'zod';
import { distinct, int, nonEmpty, section } from '../core/config-section.js';
import { didYouMean } from '../core/nearest.js';
import { NAMED_SLICES, type SliceDefinitions } from './named-slices.js';

const names = distinct(nonEmpty);

const complexity = int(1, 10);

export const choiceSchema = section(
  {
    slices: names.optional(),
    define: z.record(nonEmpty, names).default({}),
    categories: names.optional(),
    complexity: section(
      { min: complexity.default(1), max: complexity.default(10) },
      { min: 'Lowest complexity that is chosen.', max: 'Highest complexity that is chosen.' },
    )
      .refine(({ min, max }) => min <= max, 'expected min to be at most max')
      .optional(),
    count: int(1).optional(),
    balance: z.enum(['category', 'slice']).optional(),
  },
  {
    slices: [
      'Slices to choose: reasoning, code, math, or those of define. Absent: the slices of the pool stay.',
      ['reasoning', 'math'],
    ],
    define: ['Further slices, each with its categories.', { writing: ['Creative Writing', 'Rewriting'] }],
    categories: ['Categories to choose, in place of slices. Absent: all.', ['Mathematical reasoning']],
    complexity: 'Bounds of the complexity; instructions of unknown complexity are dropped. Absent: any.',
    count: ['Instructions to choose, drawn by the seed. Absent: as many as all iterations take.', 5000],
    balance: 'Choose equally many of each; where one has too few, the others fill up. Absent: no balance.',
  },
).superRefine(({ slices, define, categories }, context) => {
  const complain = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message });
  const known = Object.keys({ ...NAMED_SLICES, ...define });
  for (const slice of slices ?? []) {
    if (!known.includes(slice))
      complain('slices', `unknown slice "${slice}"${didYouMean(slice, known)} (known: ${known.join(', ')})`);
  }
  if (slices && categories) complain('categories', 'expected either slices or categories');
});
/** A choice, with its defaults. */
export type Choice = z.output<typeof choiceSchema>;

/** All slices by name, with their categories. */
export function slicesOf({ define }: Choice): SliceDefinitions {
  return { ...NAMED_SLICES, ...define };
}
