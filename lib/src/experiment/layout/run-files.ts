// The files of a run's folder and of the folders in it.
import { join } from 'node:path';
import { foldersIn } from '../../core/files.js';
import type { RunFolder } from '../../store/index.js';

/** Files of a run's folder. */
export const RUN_FILES = {
  config: 'config.json',
  metrics: 'metrics.json',
  chart: 'accuracy.svg',
  report: 'report.md',
  manifest: 'manifest.json',
  spending: 'spending.jsonl',
  overlap: 'overlap.json',
  selection: 'selection.json',
  selectionChart: 'selection.svg',
  status: 'status.json',
  log: 'log.jsonl',
  /** What was accepted in spite of red checks. */
  acceptances: 'acceptances.jsonl',
  /** The gate that has ended the run; absent where none has. */
  closedGate: 'closed-gate.json',
} as const;

/** The folders `<experiment>/<run>` below a results folder, by name. @throws DataError when it cannot be read, also if it does not exist */
export async function runFoldersIn(resultsFolder: string): Promise<string[]> {
  const folders: string[] = [];
  for (const experiment of await foldersIn(resultsFolder)) {
    const path = join(resultsFolder, experiment);
    folders.push(...(await foldersIn(path)).map((run) => join(path, run)));
  }
  return folders;
}

/** The folder of an iteration, which need not exist. @param run the run's folder @param iteration 0 for the seed model */
export function iterationFolder(run: RunFolder, iteration: number): RunFolder {
  return run.inside(`iteration-${iteration}`);
}

/** Files of an iteration's folder. */
export const ITERATION_FILES = {
  instructions: 'instructions.jsonl',
  pairs: 'pairs.jsonl',
  pairAudit: 'pair-audit.json',
  /** The same of the pairs whose judgments were kept for training. */
  trainingSetAudit: 'training-set-audit.json',
  judgments: 'judgments.jsonl',
  examples: 'training-examples.jsonl',
  trainingFile: 'training-file.jsonl',
  validationFile: 'validation-file.jsonl',
  preferences: 'preference-examples.jsonl',
  preferenceFile: 'preference-file.jsonl',
  preferenceValidationFile: 'preference-validation-file.jsonl',
  rewardPrompts: 'reward-prompts.jsonl',
  rewardFile: 'reward-file.jsonl',
  rewardValidationFile: 'reward-validation-file.jsonl',
  stoppedEarly: {
    supervised: 'stopped-early-supervised.json',
    dpo: 'stopped-early-dpo.json',
    reinforcement: 'stopped-early-reinforcement.json',
  },
  overlap: 'overlap.json',
  checkpoints: 'checkpoint-choice.json',
  model: 'model.json',
  evaluation: 'evaluation.jsonl',
  probes: 'probes.jsonl',
  manifest: 'manifest.json',
} as const;

/** The files of an evaluation of an iteration. @param key null: of the first, or only, benchmark */
export function evaluationFiles(key: string | null): { kept: string; besideName: string; overlap: string } {
  if (key === null)
    return { kept: ITERATION_FILES.evaluation, besideName: 'evaluate', overlap: ITERATION_FILES.overlap };
  const kept = `evaluation-${key}.jsonl`;
  return { kept, besideName: `evaluate-${key}`, overlap: overlapFileOf(kept) };
}

/** The file of the overlap with a benchmark, beside the file of its evaluation. */
export function overlapFileOf(kept: string): string {
  return kept.replace(/^evaluation(.*)\.jsonl$/, 'overlap$1.json');
}

/** Folder of the classified pool, inside a run's folder. */
export const POOL_FOLDER = 'pool';

/** Files of that folder. */
export const POOL_FILES = {
  classified: 'classified.jsonl',
  /** Number of instructions in which personal details were masked, by kind. */
  masked: 'masked.json',
  /** What the files of the pool held. */
  files: 'files.json',
} as const;

/** What people were asked about a run and answered, inside its folder. The only files of a run that are written after it. */
export const REVIEW_FILES = {
  folder: 'review',
  /** `<iteration>-<stage>` before it, and before that what names a benchmark that is not the first. */
  itemsEnd: '.items.jsonl',
  answers: 'answers.jsonl',
} as const;

/** The files of a stage besides its kept records. @param name the stage, or the name of its output file */
export function filesBeside(name: string): { drops: string; record: string } {
  return { drops: `${name}.drops.jsonl`, record: `${name}.stage.json` };
}
