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
  instructions: InstructionSource;
  benchmark: BenchmarkSource;
  signal: AbortSignal;
}

/** Files of an iteration's folder. */
export const FILES = {
  instructions: 'instructions.jsonl',
  pairs: 'pairs.jsonl',
  judgments: 'judgments.jsonl',
  examples: 'training-examples.jsonl',
  trainingFile: 'training-file.jsonl',
  model: 'model.json',
  evaluation: 'evaluation.jsonl',
  manifest: 'manifest.json',
} as const;
