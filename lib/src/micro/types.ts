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

/** Two completions of one prompt, of which one is preferred. */
export interface PreferencePair {
  chosen: TrainingSequence;
  rejected: TrainingSequence;
}

/** What a training run does, whatever it learns from. */
export interface TrainingCourse {
  /** Checkpoint to start from. */
  checkpointPath: string;
  nEpochs: number;
  /** Examples a step. */
  batchSize: number;
  /** Peak learning rate of the Muon matrices. */
  learningRate: number;
  /** Order of the examples, per epoch. */
  seed: number;
}

/** A supervised fine-tuning job, as the trainer sees it. */
export interface FineTuneRequest extends TrainingCourse {
  sequences: TrainingSequence[];
  validationSequences: TrainingSequence[];
}

/** How preference pairs become a loss; see preference-loss.ts. */
export interface PreferenceObjective {
  /** Above 0. The larger, the closer the model is held to its reference, which is the checkpoint that it starts from. */
  beta: number;
  /** From 0: how much the mean loss of the chosen completions' tokens weighs beside the preference loss. */
  nllScale: number;
}

/** A job of direct preference optimisation, as the trainer sees it. */
export interface PreferenceRequest extends TrainingCourse, PreferenceObjective {
  pairs: PreferencePair[];
  validationPairs: PreferencePair[];
}

/** How well preference pairs are ranked, by the implicit rewards of DPO: beta x ln(p / p of the reference). */
export interface PreferenceFigures {
  /** Share of the pairs, 0 to 1, whose chosen completion has the higher reward. */
  accuracy: number;
  /** Mean reward of the chosen completion less that of the rejected one, in nats. */
  margin: number;
}

/** How graded samples become a loss; see reinforcement-loss.ts. */
export interface ReinforcementObjective {
  /** Above 0: how far a token's probability may move from that at which it was sampled, as a share, before its reward counts no more. */
  clip: number;
  /** From 0: weight of the estimated divergence from the checkpoint from which the training started. */
  klScale: number;
}

/** A prompt with the means to grade what is said to it. */
export interface GradedPrompt {
  /** Token ids, chat template applied. */
  promptTokens: number[];
  /** Reward of a completion, by its text; one that has no end within the context counts as 0 without being graded. */
  grade: (completion: string) => number;
}

/** A job of group-relative policy optimisation, as the trainer sees it. A step has `batchSize` prompts. */
export interface ReinforcementRequest extends TrainingCourse, ReinforcementObjective {
  prompts: GradedPrompt[];
  validationPrompts: GradedPrompt[];
  /** Completions sampled of each prompt, 2 or more. */
  groupSize: number;
  /** Updates with the samples of one step, 1 or more. */
  nUpdates: number;
}

/** What one step of reinforcement did. */
export interface ReinforcementFigures {
  /** Over all completions of the step. */
  meanReward: number;
  /** Share of the prompts, 0 to 1, whose completions all had the same reward: nothing is learned from them. */
  sameShare: number;
  /** Share of the tokens, 0 to 1, held by the clip, over all updates of the step. */
  clipShare: number;
  /** Estimated divergence from the checkpoint at the beginning, in nats a token; 0 where nothing was trained on. */
  kl: number;
}

/**
 * What a training run reports as it goes. Losses are mean nats per target token, or those of preference-loss.ts; figures about
 * preferences are null where the examples are no pairs.
 */
export type FineTuneEvent =
  | {
      kind: 'step';
      step: number;
      nSteps: number;
      trainLoss: number;
      preference: PreferenceFigures | null;
      /** Of a reinforcement step only. */
      reinforcement?: ReinforcementFigures;
      nTokens: number;
    }
  | {
      kind: 'epoch';
      epoch: number;
      step: number;
      validationLoss: number | null;
      validationPreference: PreferenceFigures | null;
      /** Of reinforcement with validation prompts only: mean reward of one greedy completion of each. */
      validationReward?: number;
      checkpoint: Uint8Array;
    };
