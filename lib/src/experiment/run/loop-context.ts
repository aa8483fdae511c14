// What the iterations of a run share.
import type { FineTuneBackend } from '../../finetune/index.js';
import type { ChatModel } from '../../model/index.js';
import type { PromptPack } from '../../prompt/index.js';
import type { ExperimentConfig } from '../config/config.js';
import type { BenchmarkSource } from '../open/benchmark-source.js';
import type { InstructionSource } from '../open/sources.js';

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
