// The section of an experiment that says who trains: a server of the OpenAI API or a relative, or a command of the user's own.
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { TRAINER_FORMATS } from '../exports/index.js';
import { FLAVOUR_NAMES } from './flavours.js';

/** A regular expression of JavaScript that has certain named groups. */
function pattern(...groups: string[]): z.ZodString {
  return z.string().superRefine((source, context) => {
    try {
      new RegExp(source, 'u');
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a regular expression' });
    }
    for (const group of groups.filter((name) => !source.includes(`(?<${name}>`)))
      context.addIssue({ code: 'custom', message: `expected a group (?<${group}>…) in it` });
  });
}

/**
 * A program with its arguments, in which `{{placeholders}}` are filled in; or a line for a shell, which finds the same values in its
 * environment, e.g. in `$AUTODIDACT_TRAINING_FILE`. It runs in the folder of the experiment file.
 */
const command = z.union(
  [
    z
      .string()
      .min(1)
      .refine(
        (line) => !line.includes('{{'),
        'expected no {{placeholders}} in a line for a shell: take $AUTODIDACT_TRAINING_FILE and the like, or give a list',
      ),
    z.array(z.string()).min(1),
  ],
  'expected a line for a shell without {{placeholders}}, or a list of a program and its arguments',
);

const openaiTrainerSchema = section({
  backend: z.literal('openai'),
  /** `together`: its `/fine-tunes` in place of `/fine_tuning/jobs`, and its names. */
  flavour: z.enum(FLAVOUR_NAMES).default('openai'),
  /** Of Together alone: adapters of low rank in place of all weights. */
  lora: section({
    rank: z.int().min(1),
    alpha: z.number().gt(0),
    dropout: z.number().min(0).max(1).optional(),
  }).optional(),
}).refine(({ flavour, lora }) => lora === undefined || flavour === 'together', {
  path: ['lora'],
  error: 'has a meaning for the flavour together alone; leave it out',
});

/** States as Slurm tells them: https://slurm.schedmd.com/sacct.html#SECTION_JOB-STATE-CODES */
const schedulerSchema = section({
  /** Finds the job's id in what the command writes, e.g. `Submitted batch job 123`. */
  idPattern: pattern('id').default('(?:Submitted batch job |^)(?<id>\\d+)'),
  /** Tells the state of `{{schedulerId}}`. */
  statusCommand: z
    .array(z.string())
    .min(1)
    .default([
      'sacct',
      '--jobs={{schedulerId}}',
      '--format=State',
      '--noheader',
      '--parsable2',
      '--allocations',
    ]),
  waitingPattern: pattern().default('PENDING|CONFIGURING|REQUEUED|SUSPENDED|RESV_DEL_HOLD|REQUEUE_'),
  runningPattern: pattern().default('RUNNING|COMPLETING|RESIZING|STAGE_OUT|SIGNALING|STOPPED'),
  succeededPattern: pattern().default('COMPLETED'),
  failedPattern: pattern().default(
    'FAILED|TIMEOUT|OUT_OF_MEMORY|NODE_FAIL|BOOT_FAIL|DEADLINE|PREEMPTED|REVOKED',
  ),
  cancelledPattern: pattern().default('CANCELLED'),
  cancelCommand: z.array(z.string()).min(1).default(['scancel', '{{schedulerId}}']),
  /** Pause between two questions, in milliseconds; in between, the last answer counts. */
  pollMs: z.int().min(10).max(3_600_000).default(30_000),
  /** How long the result of a job that is done may take to be seen here, in milliseconds: shared file systems lag behind. */
  resultGraceMs: z.int().min(0).max(3_600_000).default(60_000),
  /** Longest wait for an answer of these commands, in milliseconds. */
  commandTimeoutMs: z.int().min(100).max(600_000).default(60_000),
});

const commandTrainerSchema = section({
  backend: z.literal('command'),
  command,
  /** Files that are filled in and put into the job's folder under their own names; paths from the experiment file's folder. */
  templates: z.array(z.string().min(1)).default([]),
  /** Values beside those that every job has: `{{values.name}}` in templates, `$AUTODIDACT_NAME` in the environment. */
  values: z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'expected letters and digits'),
      z.union([z.string(), z.number()]),
    )
    .default({}),
  /** The form in which the trainer gets the data set. */
  format: z.enum(TRAINER_FORMATS).default('openai'),
  /** Where jobs have their folders, one for each, named by their keys; absent: as the caller says. */
  jobsFolder: z.string().min(1).optional(),
  /** The name of the model that comes out, where the trainer writes no result file; placeholders are filled in. */
  model: z.string().min(1).optional(),
  /** Where what comes out is served, unless the result file or the log says otherwise; placeholders are filled in. Absent: where the judge is. */
  endpoint: z.string().min(1).optional(),
  /** Finds the model, and maybe an `endpoint`, in the log; the last match counts. */
  modelPattern: pattern('model').optional(),
  /** Finds checkpoints in the log while the trainer works: groups `model`, and maybe `step`, `epoch` and `endpoint`. */
  checkpointPattern: pattern('model').optional(),
  /** Present: the command hands the work to a scheduler and ends. */
  scheduler: schedulerSchema.optional(),
  /** A job that takes longer is ended, in milliseconds since it was submitted; absent: none is. */
  timeoutMs: z.int().min(1).optional(),
  /** How long a trainer that is ended has before it is killed, in milliseconds. */
  graceMs: z.int().min(0).max(600_000).default(10_000),
});

/** Who trains. */
export const trainerSchema = z.discriminatedUnion('backend', [openaiTrainerSchema, commandTrainerSchema]);
export type TrainerConfig = z.output<typeof trainerSchema>;
export type CommandTrainerConfig = Extract<TrainerConfig, { backend: 'command' }>;
export type SchedulerConfig = NonNullable<CommandTrainerConfig['scheduler']>;
