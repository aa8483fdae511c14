// What the sampling engine and its worker threads say to each other; every post is a list of these.
import type { ChoiceSettings } from './choice.js';
import type { ThreadFailure } from '../core/thread-failure.js';
import type { SampledChoice, TokenLogprob } from './types.js';

/** What a sampling thread is started with. */
export interface SamplingThreadSetup {
  /** Words by token id. */
  vocabulary: readonly string[];
  endOfSequence: number;
}

/** To a thread. A part is a range of a request's choices. */
export type MessageToThread =
  | {
      kind: 'sample';
      partId: number;
      modelId: string;
      checkpointPath: string;
      settings: ChoiceSettings;
      firstChoice: number;
      nChoices: number;
      streams: boolean;
    }
  | { kind: 'cancel'; partId: number };

/** From a thread. */
export type MessageFromThread =
  | { kind: 'token'; partId: number; choice: number; token: number; logprob: TokenLogprob | null }
  | { kind: 'done'; partId: number; choices: SampledChoice[] }
  | { kind: 'failed'; partId: number; failure: ThreadFailure };
