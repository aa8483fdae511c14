// One run of a trainer for a fine-tuning job: examples in, checkpoints, metrics and the final model out.
import type {
  FineTuneEvent,
  FineTuneRequest,
  PreferenceFigures,
  PreferenceRequest,
  ReinforcementRequest,
} from '../types.js';
import { notFound } from './api-error.js';
import type { FileStore } from './file-store.js';
import { readJobExamples, type JobExamples } from './job-examples.js';
import { checkpointModelId, fineTunedModelId, type JobLogLine, type JobRequest } from './job-store.js';
import type { Model, ModelStore } from './model-store.js';

/** A trainer; resolves to the final checkpoint. Rejects when the signal aborts. */
type Trainer<Request> = (
  request: Request,
  options: { signal: AbortSignal; onEvent: (event: FineTuneEvent) => void },
) => Promise<Uint8Array>;

/** The trainer of the supervised method. */
export type FineTune = Trainer<FineTuneRequest>;
/** The trainer of the method "dpo". */
export type PreferenceTune = Trainer<PreferenceRequest>;
/** The trainer of the method "reinforcement". */
export type ReinforcementTune = Trainer<ReinforcementRequest>;

/** What training works with. */
export interface TrainingContext {
  models: ModelStore;
  fineTune: FineTune;
  preferenceTune: PreferenceTune;
  reinforcementTune: ReinforcementTune;
  /** The files that jobs name. */
  files: Pick<FileStore, 'read'>;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** Learning rate of the Muon matrices at `learning_rate_multiplier` 1. */
const BASE_LEARNING_RATE = 1e-3;

/** At most about this many metrics events are kept for a job. */
const MAX_METRICS = 100;

/**
 * Trains a job and adds its models.
 * @returns how many tokens went through training
 * @throws whatever the trainer throws; ApiError when the base model is gone
 */
export async function trainJob(
  request: JobRequest,
  context: TrainingContext,
  run: { signal: AbortSignal; append: (line: JobLogLine) => Promise<void> },
): Promise<number> {
  const base = await baseOf(request, context.models);
  const examples = await readJobExamples(request, context, run.signal);
  const recorder = new TrainingRecorder(request, context, run.append);
  const options = {
    signal: run.signal,
    onEvent: (event: FineTuneEvent): void => {
      recorder.take(event);
    },
  };
  try {
    const checkpoint = await runTrainer({ request, base, examples }, context, options);
    run.signal.throwIfAborted();
    return await recorder.finish(checkpoint);
  } finally {
    // Also when training stops early: a server that has closed must not write any more.
    await recorder.settled();
  }
}

/** Trains with the trainer for this kind of examples. */
function runTrainer(
  { request, base, examples }: { request: JobRequest; base: Model; examples: JobExamples },
  { fineTune, preferenceTune, reinforcementTune }: TrainingContext,
  options: Parameters<FineTune>[1],
): Promise<Uint8Array> {
  const { nEpochs, batchSize, learningRateMultiplier } = request.hyperparameters;
  const course = {
    checkpointPath: base.checkpointPath,
    nEpochs,
    batchSize,
    learningRate: learningRateMultiplier * BASE_LEARNING_RATE,
    seed: request.seed,
  };
  if ('prompts' in examples) return reinforcementTune({ ...course, ...examples }, options);
  return 'pairs' in examples
    ? preferenceTune({ ...course, ...examples }, options)
    : fineTune({ ...course, ...examples }, options);
}

async function baseOf(request: JobRequest, models: ModelStore): Promise<Model> {
  const base = await models.find(request.model);
  if (base?.fingerprint === request.baseFingerprint) return base;
  const problem = base === null ? 'is gone' : 'has other weights than when the job was created';
  throw notFound(`The base model ${request.model} ${problem}. Create the job again.`, {
    param: 'model',
    code: 'model_not_found',
  });
}

/** The last figures of the trainer. */
interface Progress {
  step: number;
  trainLoss: number | null;
  validationLoss: number | null;
  validationPreference: PreferenceFigures | null;
  validationReward: number | null;
}

/** Writes what the trainer reports, in order, while the trainer goes on. */
class TrainingRecorder {
  readonly #request: JobRequest;
  readonly #context: TrainingContext;
  readonly #append: (line: JobLogLine) => Promise<void>;
  #writes = Promise.resolve();
  #nTokens = 0;
  #last: Progress = {
    step: 0,
    trainLoss: null,
    validationLoss: null,
    validationPreference: null,
    validationReward: null,
  };

  constructor(request: JobRequest, context: TrainingContext, append: (line: JobLogLine) => Promise<void>) {
    this.#request = request;
    this.#context = context;
    this.#append = append;
  }

  take(event: FineTuneEvent): void {
    if (event.kind === 'step') {
      const { step, nSteps, trainLoss, preference, reinforcement = null, nTokens } = event;
      this.#nTokens += nTokens;
      this.#last = { ...this.#last, step, trainLoss };
      const atMs = this.#context.clock();
      if (step % Math.ceil(nSteps / MAX_METRICS) === 0 || step === nSteps) {
        this.#write(() =>
          this.#append({ kind: 'metrics', atMs, step, nSteps, trainLoss, preference, reinforcement }),
        );
      }
      return;
    }
    const { epoch, step, validationLoss, validationPreference, validationReward = null, checkpoint } = event;
    this.#last = { ...this.#last, step, validationLoss, validationPreference, validationReward };
    // The last epoch's checkpoint is the final model, which the trainer returns.
    if (epoch >= this.#request.hyperparameters.nEpochs) return;
    const point = { ...this.#last, epoch, isFinal: false };
    this.#write(() => this.#addModel(checkpointModelId(this.#request, step), checkpoint, point));
  }

  async finish(checkpoint: Uint8Array): Promise<number> {
    const point = { ...this.#last, epoch: this.#request.hyperparameters.nEpochs, isFinal: true };
    this.#write(() => this.#addModel(fineTunedModelId(this.#request), checkpoint, point));
    await this.#writes;
    return this.#nTokens;
  }

  /** Resolves when everything reported so far is written, or could not be. */
  async settled(): Promise<void> {
    await this.#writes.catch(() => undefined);
  }

  async #addModel(
    modelId: string,
    checkpoint: Uint8Array,
    point: Progress & { epoch: number; isFinal: boolean },
  ): Promise<void> {
    const { isFinal, ...progress } = point;
    const { epoch, step } = progress;
    const { root, model, contentHash } = this.#request;
    const atMs = this.#context.clock();
    await this.#context.models.add(
      { id: modelId, createdMs: atMs, root, base: model, contentHash, epoch, step, isFinal },
      checkpoint,
    );
    await this.#append({ kind: 'checkpoint', atMs, modelId, ...progress });
  }

  #write(work: () => Promise<void>): void {
    this.#writes = this.#writes.then(work);
    // finish() throws it; until then a failed write is no unhandled rejection.
    this.#writes.catch(() => undefined);
  }
}
