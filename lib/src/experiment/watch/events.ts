// The events of a run.
import type { IterationMetrics } from '../../schema/evaluation.js';
import type { StageRecord } from '../../schema/manifest.js';
import type { Usage } from '../../schema/usage.js';

/** The stages of an iteration, in order; before all of them a pool may be classified. */
export const STAGES = [
  'classify',
  'select',
  'generate',
  'judge',
  'filter',
  'prefer',
  'reward',
  'finetune',
  'evaluate',
  'audit',
] as const;
export type Stage = (typeof STAGES)[number];

/** Progress of the stage at work. */
export interface StageProgress {
  iteration: number;
  stage: Stage;
  /** Which of several benchmarks an evaluation is of. */
  benchmark?: string | undefined;
  done: number;
  /** null if the amount is not known in advance. */
  total: number | null;
  elapsedMs: number;
  /** What this stage used so far. */
  usage: Usage;
  /** The trainer's own progress message, if it has one. */
  detail?: string | undefined;
}

/** What is left of a run, as far as it can be told. */
export interface RunLeft {
  /** Milliseconds for all stages that were measured once. */
  ms: number;
  /** Stages to come of which none has been measured yet, so that they are not in `ms`. */
  unmeasured: Stage[];
}

/** An event of a run. */
export type RunEvent =
  | { kind: 'started'; folder: string; state: 'new' | 'resumed' | 'finished-before' }
  | { kind: 'progress'; progress: StageProgress; runLeft?: RunLeft | null }
  | { kind: 'stage-finished'; iteration: number; record: StageRecord; wasDone: boolean }
  | { kind: 'iteration-finished'; metrics: IterationMetrics; wasDone: boolean }
  | { kind: 'warning'; message: string };

/** Receives events. */
export type RunListener = (event: RunEvent) => void;
