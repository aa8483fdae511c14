// The texts of probes: what is added to responses to see whether a judge takes a shortcut.
import { z } from 'zod';
import { distinct, nonEmpty, section } from '../core/config-section.js';

const probeTextSchema = section(
  {
    texts: distinct(nonEmpty),
    favours: z.enum(['with', 'without']).default('with'),
    slices: distinct(nonEmpty).optional(),
  },
  {
    texts: [
      'What becomes of a response, drawn from these; {{response}} is the response.',
      ['{{response}} I hope that this helps.'],
    ],
    favours: 'Which response the shortcut would choose: the one with the feature, or the one without it.',
    slices: ['Slices whose pairs are changed so. Absent: all.', ['math', 'code']],
  },
);

/** The texts of one probe; several where slices have texts of their own. */
export const probeTextsSchema = z.union([probeTextSchema, z.array(probeTextSchema).min(1)]);
/** See {@link probeTextsSchema}. */
export type ProbeTexts = z.output<typeof probeTextsSchema>;
