// `autodidact/micro`: the embedded model: its server, tokenizer, checkpoints, trainer and task world.
export { startEmbeddedServer } from '../experiment/index.js';
export { type RunningServer, startServer, type StartServerOptions } from '../micro/server/start.js';
export { type Checkpoint, readCheckpoint, writeCheckpoint } from '../micro/checkpoint.js';
export { createSamplingEngine, type SamplingEngineOptions } from '../micro/sampling-engine.js';
export { OTHER_SEED_CHECKPOINTS, SEED_CHECKPOINT_PATH, SEED_MODEL_ID } from '../micro/seed-model.js';
export {
  type ChatTurn,
  decodeTokens,
  encodeChat,
  encodeText,
  encodeTrainingChat,
  vocabulary,
} from '../micro/tokenizer.js';
export { fineTune } from '../micro/trainer.js';
export { type FineTuneOptions } from '../micro/training-course.js';
export {
  type FineTuneRequest,
  type ModelShape,
  type SampledChoice,
  type SamplingEngine,
  type SamplingRequest,
  type TrainingSequence,
} from '../micro/types.js';
export {
  type HeldOutPair,
  heldOutPairs,
  type PoolRequest,
  type UnlabeledInstruction,
  unlabeledInstructions,
} from '../micro/world/pools.js';
export { slices } from '../micro/world/tasks.js';
