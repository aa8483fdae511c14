// The schema of an experiment's trainer: a server with a fine-tuning API, or a command of the user.
import { z } from 'zod';
import { int, nonEmpty, section } from '../core/config-section.js';
import { TRAINER_FORMATS } from '../exports/index.js';
import { FLAVOUR_NAMES } from './flavours.js';

/** A JavaScript regular expression that contains these named groups. */
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

/** The command of a trainer, which runs in the folder of the experiment file. */
const command = z.union(
  [
    nonEmpty.refine(
      (line) => !line.includes('{{'),
      'expected no {{placeholders}} in a line for a shell: take $AUTODIDACT_TRAINING_FILE and the like, or give a list',
    ),
    z.array(z.string()).min(1),
  ],
  'expected a line for a shell without {{placeholders}}, or a list of a program and its arguments',
);

const loraSchema = section(
  { rank: int(1), alpha: z.number().gt(0), dropout: z.number().min(0).max(1).optional() },
  {
    rank: ['Rank of the adapters.', 16],
    alpha: ['Scale of the adapters, divided by the rank.', 32],
    dropout: ["Dropout in the adapters. Absent: the server's choice.", 0.05],
  },
);

const openaiTrainerSchema = section(
  {
    backend: z.literal('openai'),
    flavour: z.enum(FLAVOUR_NAMES).default('openai'),
    lora: loraSchema.optional(),
  },
  {
    backend: 'A server with a fine-tuning API.',
    flavour: 'Which API: openai for /fine_tuning/jobs, together for /fine-tunes of Together.',
    lora: 'Together only: train low-rank adapters. Absent: all weights are trained.',
  },
).refine(({ flavour, lora }) => lora === undefined || flavour === 'together', {
  path: ['lora'],
  error: 'works only with flavour together; leave it out',
});

/** A scheduler of jobs. The defaults are for Slurm: https://slurm.schedmd.com/sacct.html#SECTION_JOB-STATE-CODES */
const schedulerSchema = section(
  {
    idPattern: pattern('id').default('(?:Submitted batch job |^)(?<id>\\d+)'),
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
    pollMs: int(10, 3_600_000).default(30_000),
    resultGraceMs: int(0, 3_600_000).default(60_000),
    commandTimeoutMs: int(100, 600_000).default(60_000),
  },
  {
    idPattern: ["Finds the job's id in the output of the command: a group `id`.", '^(?<id>\\d+)$'],
    statusCommand: 'Command that prints the state of the job.',
    waitingPattern: 'States of a job that waits: a regular expression.',
    runningPattern: 'States of a job that runs: a regular expression.',
    succeededPattern: 'States of a job that has succeeded: a regular expression.',
    failedPattern: 'States of a job that has failed: a regular expression.',
    cancelledPattern: 'States of a job that was cancelled: a regular expression.',
    cancelCommand: 'Command that cancels the job.',
    pollMs: 'Pause between two status requests, in milliseconds.',
    resultGraceMs: 'Wait for the result of a finished job, in milliseconds: shared file systems lag behind.',
    commandTimeoutMs: 'Longest wait for the status and cancel commands, in milliseconds.',
  },
);

const valueSchema = z.union([z.string(), z.number()]);

const commandTrainerSchema = section(
  {
    backend: z.literal('command'),
    command,
    templates: z.array(nonEmpty).default([]),
    values: z
      .record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/, 'expected letters and digits'), valueSchema)
      .default({}),
    format: z.enum(TRAINER_FORMATS).default('openai'),
    jobsFolder: nonEmpty.optional(),
    model: nonEmpty.optional(),
    endpoint: nonEmpty.optional(),
    serves: z.boolean().optional(),
    identity: nonEmpty.optional(),
    devices: int(1, 65_536).optional(),
    modelPattern: pattern('model').optional(),
    checkpointPattern: pattern('model').optional(),
    scheduler: schedulerSchema.optional(),
    timeoutMs: int(1).optional(),
    graceMs: int(0, 600_000).default(10_000),
  },
  {
    backend: 'A command of your own.',
    command: [
      'Program and arguments with {{placeholders}}, or a line for a shell, which has the same values in its environment.',
      ['python', 'train.py', '--data', '{{trainingFile}}', '--output', '{{outputFolder}}'],
      'sbatch train.sh "$AUTODIDACT_TRAINING_FILE"',
    ],
    templates: [
      "Files to fill in and put into the job's folder; paths from this file's folder.",
      ['train.sbatch'],
    ],
    values: [
      'Values of your own: {{values.name}} in templates, $AUTODIDACT_NAME in the environment.',
      { partition: 'gpu', nodes: 2 },
    ],
    format: 'Format of the training set that the command receives.',
    jobsFolder: ['Holds a folder for every job. Absent: chosen by the run.', '/scratch/jobs'],
    model: ['Name of the resulting model, if the trainer writes no result file.', 'judge-{{jobKey}}'],
    endpoint: [
      'Address that serves the resulting model, unless the result file or the log names one. Absent: that of the judge.',
      'http://gpu-7:8000/v1',
    ],
    serves:
      'true: the job goes on and serves its model; it has succeeded as soon as its result file names model and address, which may change. Absent: it ends.',
    identity: [
      'Common name, in the completion store, of the servers of trained models, so that another address is not another model. Absent: the address.',
      'judges-on-slurm',
    ],
    devices: [
      'Devices that train together: {{accumulation}} is finetune.batchSize divided by them, so that more devices train the same.',
      8,
    ],
    modelPattern: [
      'Finds the model in the log: groups `model`, `endpoint`. The last match counts.',
      'saved (?<model>\\S+)',
    ],
    checkpointPattern: [
      'Finds checkpoints in the log: a group `model`, optionally `step`, `epoch` and `endpoint`.',
      'checkpoint (?<step>\\d+) at (?<model>\\S+)',
    ],
    scheduler: 'Present: the command submits the job to a scheduler and ends. Defaults are those of Slurm.',
    timeoutMs: ['Longest time from submission to end, in milliseconds. Absent: no limit.', 86_400_000],
    graceMs: 'How long a trainer has to end before it is killed, in milliseconds.',
  },
);

/** The trainer of an experiment. */
export const trainerSchema = z.discriminatedUnion('backend', [openaiTrainerSchema, commandTrainerSchema]);
export type TrainerConfig = z.output<typeof trainerSchema>;
export type CommandTrainerConfig = Extract<TrainerConfig, { backend: 'command' }>;
export type SchedulerConfig = NonNullable<CommandTrainerConfig['scheduler']>;
