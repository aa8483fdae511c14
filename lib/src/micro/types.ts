// What the parts of the embedded model say to each other: model shape, sampling requests, training requests.

/** The shape of a transformer. All sizes in elements; `width` is divisible by 8 x `heads`; `vocabularySize` and `hidden` by 8. */
export interface ModelShape {
  vocabularySize: number;
  width: number;
  layers: number;
  heads: number;
  /** Inner width of the feed-forward block. */
  hidden: number;
  /** Longest sequence, prompt and completion together, in tokens. */
  contextLength: number;
}

/** One request to sample completions of one prompt. */
export interface SamplingRequest {
  /** Which model of the engine; see {@link SamplingEngine.loadModel}. */
  modelId: string;
  /** Token ids of the prompt, chat template applied; 1 to contextLength - 1 of them. */
  promptTokens: number[];
  /** How many completions, 1 or more. */
  nChoices: number;
  /** 0 is greedy. */
  temperature: number;
  /** Nucleus mass in (0, 1]; 1 is off. */
  topP: number;
  maxTokens: number;
  /** Choice i is drawn from the random stream (seed, i), whatever else is in flight. */
  seed: number;
  /** Texts at which a completion ends; the stop text itself is not part of it. */
  stop: string[];
  /** How many alternatives to report per token (0 to 20); null: no log-probabilities at all. */
  topLogprobs: number | null;
}

/** Natural log-probability of a sampled token under the model (temperature 1), with the likeliest alternatives. */
export interface TokenLogprob {
  token: number;
  logprob: number;
  top: { token: number; logprob: number }[];
}

/** One sampled completion. `tokens` ends before the end-of-sequence token; all sampled tokens count in `nSampled`. */
export interface SampledChoice {
  tokens: number[];
  finishReason: 'stop' | 'length';
  nSampled: number;
  logprobs: TokenLogprob[] | null;
}

/** Called for each token as it is sampled, when the request streams. */
export type TokenListener = (choice: number, token: number, logprob: TokenLogprob | null) => void;

/** Samples from several models at once, in worker threads. */
export interface SamplingEngine {
  /** Makes a model known under an id. Loading the same id again is a no-op. */
  loadModel(modelId: string, checkpointPath: string): Promise<void>;
  /** Resolves when all choices are done; rejects with an AbortError once `signal` aborts. */
  sample(
    request: SamplingRequest,
    options?: { signal?: AbortSignal; onToken?: TokenListener },
  ): Promise<SampledChoice[]>;
  close(): Promise<void>;
}

/** One training sequence: loss falls on tokens[i] for i >= lossFrom. */
export interface TrainingSequence {
  tokens: number[];
  lossFrom: number;
}

/** A supervised fine-tuning job, as the trainer sees it. */
export interface FineTuneRequest {
  /** Checkpoint to start from. */
  checkpointPath: string;
  sequences: TrainingSequence[];
  validationSequences: TrainingSequence[];
  nEpochs: number;
  batchSize: number;
  /** Peak learning rate of the Muon matrices. */
  learningRate: number;
  /** Order of the sequences, per epoch. */
  seed: number;
}

/** What a training run reports as it goes. Losses are mean nats per target token. */
export type FineTuneEvent =
  | { kind: 'step'; step: number; nSteps: number; trainLoss: number; nTokens: number }
  | { kind: 'epoch'; epoch: number; step: number; validationLoss: number | null; checkpoint: Uint8Array };
