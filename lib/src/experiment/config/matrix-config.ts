// The `matrix` of an experiment file: which settings vary, over which seeds, and what is compared with what.
import { z } from 'zod';
import { about, int, nonEmpty, section } from '../../core/config-section.js';

/** What tables and charts show of an arm or axis: short, on one line, and fit for the label of a combination. */
const labelSchema = z
  .string()
  .min(1)
  .max(60)
  .regex(
    /^[^\s=,]+( [^\s=,]+)*$/,
    'expected a label of words with a blank between them, without "=" and ","',
  );

/** A reference to the label of an axis or arm; a number stands for the label that it is written as. */
const referenceSchema = z
  .union([z.string(), z.number(), z.boolean(), z.null()], {
    error: 'expected the label of an axis: a text or a number',
  })
  .transform(String);

const settingsSchema = z
  .record(
    z
      .string()
      .regex(/^[^.\s]+(\.[^.\s]+)*$/, 'expected the path of a setting with dots, such as judge.samples'),
    z.unknown(),
    { error: 'expected settings by their path, such as { judge.samples: 1 }' },
  )
  .meta(
    about(
      'Settings by their path with dots; each replaces the whole value there, null removes the key (of sampling: it is not sent).',
      {
        'judge.samples': 1,
      },
    ),
  );
/** Settings of an arm, by dotted path; each replaces what stands there whole, null takes the key away. */
export type ArmSettings = z.output<typeof settingsSchema>;

const axisSchema = z
  .union(
    [
      z.array(z.unknown()).min(1),
      section(
        { path: nonEmpty, values: z.array(z.unknown()).min(1) },
        { path: ['Path of the setting that varies.', 'judge.samples'], values: ['Its values.', [1, 5, 15]] },
      ),
      z.record(labelSchema, settingsSchema).refine((labels) => Object.keys(labels).length > 0),
    ],
    {
      error:
        'expected values of the setting that the axis is named after, { path, values }, or settings by label such as { weak: { model: small } }; at least one',
    },
  )
  .meta(
    about(
      'Values of the setting that names the axis, or { path, values }, or settings by label.',
      [1, 5, 15],
    ),
  );
/** An axis as it is written. */
export type AxisConfig = z.output<typeof axisSchema>;

/** Part of a combination, by axis. */
const combinationSchema = z.record(nonEmpty, referenceSchema);

export const matrixConfigSchema = section(
  {
    seeds: z
      .array(int(0, 2 ** 31 - 1))
      .min(1)
      .refine((seeds) => new Set(seeds).size === seeds.length, 'expected every seed once')
      .optional(),
    axes: z.record(labelSchema, axisSchema).default({}),
    exclude: z
      .array(
        combinationSchema.refine((combination) => Object.keys(combination).length > 0, 'expected an axis'),
      )
      .default([]),
    arms: z.record(labelSchema, settingsSchema).default({}),
    baseline: z
      .union([nonEmpty, combinationSchema], {
        error: 'expected the label of an arm, or a label of each axis such as { N: 15 }',
      })
      .optional(),
  },
  {
    seeds: ['Loop seeds; every arm runs once for each. Absent: the seed of the experiment.', [11, 12, 13]],
    axes: ['What varies, by name; the arms are all combinations.', { 'judge.samples': [1, 5, 15] }],
    exclude: ['Combinations to leave out, by axis and label.', [{ model: 'weak', N: 15 }]],
    arms: ['Arms by label, beside or in place of axes.', { 'filter off': { 'filter.correctOnly': false } }],
    baseline: ['Arm that the others are compared with. Absent: the first.', { N: 15 }],
  },
);
/** A matrix as it is written. */
export type MatrixConfig = z.output<typeof matrixConfigSchema>;
