// The `matrix` of an experiment file: which settings vary, over which seeds, and what is compared with what.
import { z } from 'zod';
import { section } from '../../core/config-section.js';

/** What tables and charts show of an arm or axis: something short, on one line, that the label of a combination can hold. */
const labelSchema = z
  .string()
  .min(1)
  .max(60)
  .regex(
    /^[^\s=,]+( [^\s=,]+)*$/,
    'expected a label of words with a blank between them, without "=" and ","',
  );

/** Of an axis or an arm as it is named elsewhere in the matrix; a number is the label that it is written as. */
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
  .meta({
    description:
      'Settings by their path with dots, such as { judge.samples: 1 }: each replaces the value there whole, null takes the key away.',
  });
/** Settings of an arm, by dotted path; each replaces what stands there whole, null takes the key away. */
export type ArmSettings = z.output<typeof settingsSchema>;

const axisSchema = z
  .union(
    [
      z.array(z.unknown()).min(1),
      section({ path: z.string().min(1), values: z.array(z.unknown()).min(1) }),
      z.record(labelSchema, settingsSchema).refine((labels) => Object.keys(labels).length > 0),
    ],
    {
      error:
        'expected values of the setting that the axis is named after, { path, values }, or settings by label such as { weak: { model: small } }; at least one',
    },
  )
  .meta({
    description:
      'Values of the setting that the axis is named after, or { path, values }, or labels with the settings of each.',
  });
/** An axis as it is written. */
export type AxisConfig = z.output<typeof axisSchema>;

/** Part of a combination, by axis. */
const combinationSchema = z.record(z.string().min(1), referenceSchema);

export const matrixConfigSchema = section({
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .min(1)
    .refine((seeds) => new Set(seeds).size === seeds.length, 'expected every seed once')
    .optional()
    .meta({
      description: 'Loop seeds, over which every arm is repeated; absent: the seed of the experiment.',
    }),
  axes: z
    .record(labelSchema, axisSchema)
    .default({})
    .meta({ description: 'What varies, by name: the arms are all combinations.' }),
  exclude: z
    .array(combinationSchema.refine((combination) => Object.keys(combination).length > 0, 'expected an axis'))
    .default([])
    .meta({ description: 'Combinations that are left out, by axis and label.' }),
  arms: z
    .record(labelSchema, settingsSchema)
    .default({})
    .meta({ description: 'Arms by label, beside or in place of the combinations of axes.' }),
  baseline: z
    .union([z.string().min(1), combinationSchema], {
      error: 'expected the label of an arm, or a label of each axis such as { N: 15 }',
    })
    .optional()
    .meta({ description: 'The arm that others are compared with; absent: the first.' }),
});
/** A matrix as it is written. */
export type MatrixConfig = z.output<typeof matrixConfigSchema>;
