// The page of the paper: every published figure beside what was measured here, and what measures the rest.
import { z } from 'zod';
import { estimateSchema } from './estimate.js';
import { plannedAmountsSchema } from './plan.js';
import { publishedFigureSchema, supportSchema } from './reproduction.js';

const measuredSchema = z.strictObject({
  estimate: estimateSchema,
  /** The run's folder, or the file of a recorded result. */
  from: z.string().min(1),
  /** How it differs from the published figure, where it does. */
  note: z.string().optional(),
});

export const paperCellSchema = z.strictObject({
  published: publishedFigureSchema,
  /** Whether the scale of an overall is not published, and taken to be that of the paper's other ones. */
  isScaleAssumed: z.boolean(),
  ours: z.array(
    measuredSchema.extend({
      /** Ours minus the published figure, as shares; the ends are those of our interval alone. Null where the two count otherwise. */
      difference: estimateSchema.pick({ value: true, low: true, high: true }).nullable(),
    }),
  ),
  /** The figure of the small twin on the embedded model, which measures something else; null where there is none. */
  twin: measuredSchema.nullable(),
  /** The command that measures it; null where none does. */
  command: z.string().nullable(),
});
/** A published figure, and ours. */
export type PaperCell = z.infer<typeof paperCellSchema>;

export const paperExperimentSchema = z.strictObject({
  /** Of the experiment. */
  file: z.string().min(1),
  scale: z.enum(['paper', 'embedded']),
  command: z.string().min(1),
  nRuns: z.int().min(0),
  nFinished: z.int().min(0),
  /** What is left to ask for, without training; null where it is not known. */
  total: plannedAmountsSchema.nullable(),
  /** Data sets that have to be pulled before. */
  missing: z.array(z.string()),
  /** Why it could not be planned, where that is not for missing data. */
  obstacle: z.string().nullable(),
});
/** An experiment of the repository that measures published figures, or a twin of one. */
export type PaperExperiment = z.infer<typeof paperExperimentSchema>;

export const laterFigureSchema = z.strictObject({
  method: z.string().min(1),
  benchmark: z.string().min(1),
  /** Name of the benchmark's data set in the registry; null for one that is not there. */
  dataset: z.string().nullable(),
  /** Percent points, with the decimals that were published; null where no page was found that says it. */
  value: z.number().min(0).max(100).nullable(),
  support: supportSchema.nullable(),
  source: z.string().min(1),
});
/** A figure of a method that came after the paper. */
export type LaterFigure = z.infer<typeof laterFigureSchema>;

export const paperPageSchema = z.strictObject({
  /** Folder of the results that were looked through. */
  resultsFolder: z.string(),
  tables: z.array(
    z.strictObject({
      name: z.string().min(1),
      title: z.string().min(1),
      note: z.string(),
      cells: z.array(paperCellSchema),
      /** Files of {@link PaperExperiment}. */
      experiments: z.array(z.string()),
    }),
  ),
  experiments: z.array(paperExperimentSchema),
  later: z.array(laterFigureSchema),
  /** Recorded judges that stand for no system of the paper. */
  unplaced: z.array(z.strictObject({ judge: z.string(), file: z.string() })),
  /** Runs that could not be read, and why. */
  unreadable: z.array(z.strictObject({ folder: z.string(), reason: z.string() })),
});
/** The page of the paper. */
export type PaperPage = z.infer<typeof paperPageSchema>;
