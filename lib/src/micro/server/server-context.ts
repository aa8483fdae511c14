// What the parts of a server work with; each part takes what it needs of it.
import type { SamplingEngine } from '../types.js';
import type { BatchStore } from './batch-store.js';
import type { FileStore } from './file-store.js';
import type { JobStore } from './job-store.js';
import type { FineTune, PreferenceTune, ReinforcementTune } from './job-training.js';
import type { ModelStore } from './model-store.js';
import type { ReplayMemory } from './replay-memory.js';
import type { UsageCounter } from './usage-counter.js';

/** Everything that is made once per server. */
export interface ServerContext {
  engine: SamplingEngine;
  fineTune: FineTune;
  preferenceTune: PreferenceTune;
  reinforcementTune: ReinforcementTune;
  models: ModelStore;
  files: FileStore;
  jobs: JobStore;
  batches: BatchStore;
  replays: ReplayMemory;
  usage: UsageCounter;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** A fresh random name of 24 hex digits. */
  newToken: () => string;
  /** Called with failures that are not the client's fault. */
  report: (failure: unknown) => void;
}
