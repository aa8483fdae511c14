// Reviews by people, in an experiment file: after which stages they are asked, and what the run needs of them.
import { z } from 'zod';
import { int, section } from '../../core/config-section.js';
import { reviewStageSchema } from '../../schema/review.js';

const needSchema = section(
  { share: z.number().gt(0).lt(1), items: int(1).optional() },
  {
    share: ['Approval that the lower end of its interval has to reach.', 0.8],
    items: ['Items that have to be answered, also where fewer settle it. Absent: as many as settle it.', 50],
  },
);

export const reviewSchema = section(
  {
    after: z
      .array(reviewStageSchema)
      .min(1)
      .refine((stages) => new Set(stages).size === stages.length, 'expected every stage once'),
    items: int(1, 100_000).default(50),
    need: needSchema.optional(),
    wait: z.boolean().default(false),
  },
  {
    after: [
      'Stages whose records people are asked about, in every iteration.',
      ['generate', 'filter', 'evaluate'],
    ],
    items: 'Items drawn by slice at each of them.',
    need: 'What people have to say. Absent: nothing; their answers are shown.',
    wait: 'Whether the run ends after such a stage until the need is met; the same command goes on then.',
  },
).refine(({ need, wait }) => !wait || need !== undefined, {
  path: ['need'],
  message: 'expected a section: a run that waits has to know what for',
});
/** Reviews by people. */
export type ReviewConfig = z.output<typeof reviewSchema>;
