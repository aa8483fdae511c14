// One completion while it is being sampled: its tokens, when it ends, and what a listener may already see of it.
import { deriveRandom, type Random } from '../core/random.js';
import type { DecodingTransformer } from './decoding-transformer.js';
import { drawToken, greedyToken, tokenLogprob } from './sampling.js';
import { checkStopTexts } from './stop-texts.js';
import type { SampledChoice, SamplingRequest, TokenListener, TokenLogprob } from './types.js';

/** What turns tokens into text, and ends a completion. */
export interface Language {
  endOfSequence: number;
  /** Text of tokens; the text of more tokens begins with the text of fewer. */
  decodeTokens: (tokens: readonly number[]) => string;
}

/** How a completion is sampled: the request's part that is the same for all of its choices. */
export type ChoiceSettings = Omit<SamplingRequest, 'modelId' | 'nChoices'>;

/** A completion under way. */
export class Choice {
  /** Its number in the request, from 0. */
  readonly index: number;
  readonly #settings: ChoiceSettings;
  readonly #language: Language;
  readonly #random: Random;
  readonly #onToken: TokenListener | null;
  readonly #maxSampled: number;
  readonly #tokens: number[] = [];
  readonly #logprobs: TokenLogprob[] = [];
  #nSampled = 0;
  #nShown = 0;

  constructor(
    index: number,
    settings: ChoiceSettings,
    context: { language: Language; contextLength: number; onToken: TokenListener | null },
  ) {
    this.index = index;
    this.#settings = settings;
    this.#language = context.language;
    this.#random = deriveRandom('sample', settings.seed, index);
    this.#onToken = context.onToken;
    this.#maxSampled = maxSampledTokens(settings, context.contextLength);
  }

  /** The token sampled last, which the model reads next. */
  get token(): number {
    return this.#tokens.at(-1) ?? 0;
  }

  /** The token before it, of the prompt if need be. */
  get previousToken(): number {
    return this.#tokens.at(-2) ?? this.#settings.promptTokens.at(-1) ?? 0;
  }

  /** Position of the token sampled last. */
  get position(): number {
    return this.#settings.promptTokens.length + this.#tokens.length - 1;
  }

  /** Samples the next token from these logits. Returns the finished choice, or null while it goes on. */
  sample(logits: Float32Array, transformer: DecodingTransformer): SampledChoice | null {
    const { temperature, topP, topLogprobs, stop } = this.#settings;
    const token =
      temperature === 0
        ? greedyToken(logits)
        : drawToken(transformer.massesOf(logits, temperature), topP, this.#random);
    this.#nSampled += 1;
    if (token === this.#language.endOfSequence) return this.#finish('stop', this.#tokens.length);
    this.#tokens.push(token);
    if (topLogprobs !== null) this.#logprobs.push(tokenLogprob(logits, token, topLogprobs));
    const { stopped, nKept } = checkStopTexts(this.#tokens, stop, this.#language.decodeTokens);
    if (stopped) return this.#finish('stop', nKept);
    if (this.#nSampled >= this.#maxSampled) return this.#finish('length', this.#tokens.length);
    this.#show(nKept);
    return null;
  }

  #finish(finishReason: SampledChoice['finishReason'], nKept: number): SampledChoice {
    this.#show(nKept);
    return {
      tokens: this.#tokens.slice(0, nKept),
      finishReason,
      nSampled: this.#nSampled,
      logprobs: this.#settings.topLogprobs === null ? null : this.#logprobs.slice(0, nKept),
    };
  }

  #show(end: number): void {
    for (; this.#nShown < end; this.#nShown++) {
      this.#onToken?.(this.index, this.#tokens[this.#nShown] as number, this.#logprobs[this.#nShown] ?? null);
    }
  }
}

/** How many tokens a choice may sample at most: its own limit, or what is left of the context. */
export function maxSampledTokens(
  { promptTokens, maxTokens }: Pick<ChoiceSettings, 'promptTokens' | 'maxTokens'>,
  contextLength: number,
): number {
  return Math.min(maxTokens, contextLength - promptTokens.length);
}
