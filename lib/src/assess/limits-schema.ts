// Where the figures of a judge become amber and red.
import { z } from 'zod';
import { section } from '../core/config-section.js';

const share = z.number().min(0).max(1);

/** Where a figure becomes amber and red. */
const limit = (amber: number, red: number, what: string) =>
  section(
    { amber: share.default(amber), red: share.default(red) },
    { amber: `${what} From here on amber.`, red: `${what} From here on red.` },
  )
    .refine((limits) => limits.amber <= limits.red, 'expected amber to be at most red')
    .prefault({});

export const assessmentLimitsSchema = section(
  {
    shortcut: limit(
      0.1,
      0.15,
      'Difference of accuracy between pairs in which a shortcut agrees with the gold label and pairs in which it does not.',
    ),
    contradictions: limit(
      0.3,
      0.5,
      'Share of held-out pairs on which its verdicts in the two orders differ (a coin: 0.5).',
    ),
    trainingSet: limit(
      0.7,
      0.85,
      'How well a surface feature tells the winners of a training set (AUC, 0.5 is not at all).',
    ),
    lostItems: limit(0.02, 0.1, 'Share of held-out pairs without a verdict.'),
  },
  {
    shortcut: 'How much a shortcut may move the verdicts of a judge.',
    contradictions: 'How often a judge may contradict itself when the order of the responses is swapped.',
    trainingSet: 'How much the surface of a training set may give away.',
    lostItems: 'How many held-out pairs may have no verdict.',
  },
);
/** Where figures become amber and red. */
export type AssessmentLimits = z.output<typeof assessmentLimitsSchema>;
