// What the iterations of a run share, and the files that each of them leaves.
import type { FineTuneBackend } from '../finetune/index.js';
import type { ChatModel } from '../model/index.js';
import type { PromptPack } from '../prompt/index.js';
import type { ExperimentConfig } from './config.js';
import type { BenchmarkSource } from './benchmark-source.js';
import type { InstructionSource } from './sources.js';

/** Everything that the iterations of a run share. */
export interface LoopContext {
  config: ExperimentConfig;
  pack: PromptPack;
  chatModel: ChatModel;
  backend: FineTuneBackend;
  /** Has a model asked at another address from now on, where its trainer serves it there. */
  serveAt: (model: string, baseUrl: string) => void;
  instructions: InstructionSource;
  benchmark: BenchmarkSource;
  /** Pairs on which checkpoints are compared; null: the last one is taken. */
  validation: BenchmarkSource | null;
  runId: string;
  /** Of the models that the run trains. */
  modelsFile: string;
  signal: AbortSignal;
}

/** Files of an iteration's folder. */
export const FILES = {
  instructions: 'instructions.jsonl',
  pairs: 'pairs.jsonl',
  judgments: 'judgments.jsonl',
  examples: 'training-examples.jsonl',
  trainingFile: 'training-file.jsonl',
  validationFile: 'validation-file.jsonl',
  preferences: 'preference-examples.jsonl',
  preferenceFile: 'preference-file.jsonl',
  preferenceValidationFile: 'preference-validation-file.jsonl',
  overlap: 'overlap.json',
  checkpoints: 'checkpoint-choice.json',
  model: 'model.json',
  evaluation: 'evaluation.jsonl',
  manifest: 'manifest.json',
} as const;
