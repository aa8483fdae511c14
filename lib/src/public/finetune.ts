// `autodidact/finetune`: trainers behind one interface, choice of checkpoints, and the lineage of models.
export {
  bestCheckpoint,
  chooseCheckpoint,
  type ChoiceOptions,
  CommandBackend,
  type CommandBackendOptions,
  fineTuneOnFile,
  type FineTuneBackend,
  type FineTuneOptions,
  type FineTuneRequest,
  type Hyperparameters,
  type JobEvent,
  type JobStatus,
  lineageOf,
  OpenAIBackend,
  type OpenAIBackendOptions,
  readModels,
  type TrainerConfig,
  trainerSchema,
  type TrainingMethod,
  waitForJob,
} from '../finetune/index.js';
export { fineTuneToFile, type FineTuneFileOptions, type FineTuneFileResult } from '../experiment/index.js';
