// A sampling engine and a trainer that follow a script and fail loudly when it runs dry.
import { decodeTokens, encodeText, endOfSequence } from '../../../lib/src/micro/tokenizer.js';
import type {
  FineTune,
  PreferenceTune,
  ReinforcementTune,
} from '../../../lib/src/micro/server/job-training.js';
import type {
  FineTuneRequest,
  PreferenceRequest,
  ReinforcementRequest,
  SampledChoice,
  SamplingEngine,
  SamplingRequest,
  TokenListener,
} from '../../../lib/src/micro/types.js';

/** One answer of the engine. */
export interface ScriptedAnswer {
  /** What each choice says in full, before stop texts and maxTokens cut it. */
  texts: string[];
  /** The answer waits for this after its first token. */
  until?: Promise<void>;
  /** The engine fails with this instead. */
  failure?: Error;
}

/** Follows its script, one answer per request. */
export class ScriptedEngine implements SamplingEngine {
  readonly requests: SamplingRequest[] = [];
  readonly loaded: { modelId: string; checkpointPath: string }[] = [];
  nAborted = 0;
  readonly #script: ScriptedAnswer[];

  constructor(script: ScriptedAnswer[] = []) {
    this.#script = script;
  }

  get nLeft(): number {
    return this.#script.length;
  }

  add(...answers: ScriptedAnswer[]): void {
    this.#script.push(...answers);
  }

  loadModel(modelId: string, checkpointPath: string): Promise<void> {
    this.loaded.push({ modelId, checkpointPath });
    return Promise.resolve();
  }

  async sample(
    request: SamplingRequest,
    options: { signal?: AbortSignal; onToken?: TokenListener } = {},
  ): Promise<SampledChoice[]> {
    this.requests.push(request);
    const answer = this.#script.shift();
    if (answer === undefined) throw new Error('the script of the engine has run dry');
    if (answer.texts.length !== request.nChoices) {
      throw new Error(`the script holds ${answer.texts.length} choices, ${request.nChoices} were asked for`);
    }
    const choices = answer.texts.map((text) => scriptedChoice(text, request));
    for (const [index, text] of answer.texts.entries()) {
      for (const [position, token] of sampledTokens(text, request).entries()) {
        await new Promise(setImmediate);
        if (answer.failure !== undefined) throw answer.failure;
        const logprob = request.topLogprobs === null ? null : logprobOf(token, request.topLogprobs);
        options.onToken?.(index, token, logprob);
        if (position === 0 && answer.until !== undefined) await this.#wait(answer.until, options.signal);
      }
    }
    return choices;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #wait(until: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const aborted = new Promise<never>((_resolve, reject) => {
      const giveUp = (): void => {
        this.nAborted++;
        reject(new DOMException('aborted', 'AbortError'));
      };
      if (signal?.aborted === true) giveUp();
      else signal?.addEventListener('abort', giveUp);
    });
    await Promise.race([until, aborted]);
  }
}

function logprobOf(
  token: number,
  nTop: number,
): { token: number; logprob: number; top: { token: number; logprob: number }[] } {
  const top = [
    { token, logprob: -0.5 },
    { token: endOfSequence, logprob: -Infinity },
  ];
  return { token, logprob: -0.5, top: top.slice(0, nTop) };
}

/** Like the real engine: every sampled token is reported, those of a stop text and the end included. */
function sampledTokens(text: string, request: SamplingRequest): number[] {
  const tokens = [...encodeText(text), endOfSequence];
  const nUntilStop = tokens.findIndex((_token, i) =>
    request.stop.some((stop) => decodeTokens(tokens.slice(0, i + 1)).includes(stop)),
  );
  return tokens.slice(0, Math.min(request.maxTokens, nUntilStop === -1 ? Infinity : nUntilStop + 1));
}

function scriptedChoice(text: string, request: SamplingRequest): SampledChoice {
  const sampled = sampledTokens(text, request);
  const tokens = sampled.filter((token) => token !== endOfSequence);
  const said = decodeTokens(tokens);
  const cut = Math.min(...request.stop.map((stop) => said.indexOf(stop)).filter((place) => place !== -1));
  while (Number.isFinite(cut) && decodeTokens(tokens).length > cut) tokens.pop();
  const isStopped = Number.isFinite(cut) || sampled.length > tokens.length;
  return {
    tokens,
    finishReason: isStopped ? 'stop' : 'length',
    nSampled: sampled.length,
    logprobs:
      request.topLogprobs === null
        ? null
        : sampled.map((token) => logprobOf(token, request.topLogprobs ?? 0)),
  };
}

/** Trainers that report one step per epoch and "train" by hashing nothing: their checkpoints name their requests. */
export class ScriptedTrainer {
  readonly requests: FineTuneRequest[] = [];
  readonly preferenceRequests: PreferenceRequest[] = [];
  readonly reinforcementRequests: ReinforcementRequest[] = [];
  nRunning = 0;
  mostRunning = 0;
  /** Training waits for this. */
  gate: Promise<void> = Promise.resolve();
  failure: Error | null = null;

  readonly fineTune: FineTune = (request, options) => {
    this.requests.push(request);
    return this.#train(request, { ...options, hasValidation: request.validationSequences.length > 0 });
  };

  readonly preferenceTune: PreferenceTune = (request, options) => {
    this.preferenceRequests.push(request);
    return this.#train(request, { ...options, hasValidation: request.validationPairs.length > 0 });
  };

  readonly reinforcementTune: ReinforcementTune = (request, options) => {
    this.reinforcementRequests.push(request);
    return this.#train(request, { ...options, hasValidation: false });
  };

  async #train(
    request: FineTuneRequest | PreferenceRequest | ReinforcementRequest,
    { signal, onEvent, hasValidation }: Parameters<FineTune>[1] & { hasValidation: boolean },
  ): Promise<Uint8Array> {
    const isPreference = 'pairs' in request;
    this.nRunning++;
    this.mostRunning = Math.max(this.mostRunning, this.nRunning);
    try {
      for (let epoch = 1; epoch <= request.nEpochs; epoch++) {
        await new Promise(setImmediate);
        const nSteps = request.nEpochs;
        const preference = isPreference ? { accuracy: epoch / 4, margin: epoch / 8 } : null;
        onEvent({ kind: 'step', step: epoch, nSteps, trainLoss: 1 / epoch, preference, nTokens: 10 });
        onEvent({
          kind: 'epoch',
          epoch,
          step: epoch,
          validationLoss: hasValidation ? 2 / epoch : null,
          validationPreference: hasValidation ? preference : null,
          checkpoint: checkpointBytes(request, epoch),
        });
      }
      if (this.failure !== null) throw this.failure;
      await Promise.race([
        this.gate,
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new DOMException('aborted', 'AbortError'));
          });
        }),
      ]);
      return checkpointBytes(request, request.nEpochs);
    } finally {
      this.nRunning--;
    }
  }
}

function checkpointBytes(
  request: FineTuneRequest | PreferenceRequest | ReinforcementRequest,
  epoch: number,
): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ ...request, checkpointPath: null, epoch }));
}

/** A promise and the function that settles it. */
export function gate(): { opened: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
