// What a server turns out not to take, learned from its answers: several completions per request (`n`), parameters that a model refuses,
// completions longer than its window. vLLM takes all of them, llama-server has refused `n`, reasoning models refuse sampling parameters.
import { AutodidactError } from '../core/errors.js';
import { TOO_LONG } from '../schema/drop.js';
import { AttemptFailure } from './attempt-failure.js';
import {
  isRefusalCode,
  maxTokensOf,
  PLAIN_FORM,
  refusedParameter,
  withoutPrompt,
  type Omittable,
  type RequestForm,
} from './chat-body.js';
import type { SampleRequest } from './chat-endpoint.js';
import { readCompletionCap, readLengthRefusal, type LengthRefusal } from './context-window.js';
import type { EngineEvent } from './engine-event.js';
import { tokensAbout } from './prompt-size.js';

type WithoutServer<Event> = Event extends unknown ? Omit<Event, 'server'> : never;
/** What was found out about a server. */
export type Habit = WithoutServer<Extract<EngineEvent, { kind: 'capability' | 'adapted' }>>;

/** An attempt that a server refused. */
type Refusal = Error & { code: string };

/** What a server makes of one model. */
interface ModelHabits {
  without: readonly Omittable[];
  /** The most completion tokens that it gives. */
  cap: number | null;
  /** In tokens. */
  window: number | null;
  /** Whether an answer has been fitted into the window. */
  isFitted: boolean;
}

/** Fewer completion tokens than this hold no judgment: the prompt is too long. */
const LEAST_COMPLETION_TOKENS = 16;
/** Forms of one request that are tried, at most; a usual server needs three. */
const MOST_FORMS = 10;
/** Characters of a token at the least, for servers that do not say how many tokens a prompt has. */
const CHARACTERS_PER_TOKEN_AT_LEAST = 3;

/** The habits of one server. */
export class ServerHabits {
  readonly #onChange: (habit: Habit) => void;
  readonly #fitsToContext: boolean;
  readonly #contextLengthOf: (model: string) => number | null;
  #honoursN: boolean | null = null;
  readonly #models = new Map<string, ModelHabits>();

  /**
   * @param options.onChange called with each thing that is found out
   * @param options.fitsToContext whether fewer completion tokens are asked for where prompt and completion exceed the window; default: yes
   * @param options.contextLengthOf the windows that settings tell, in tokens
   */
  constructor({
    onChange = () => undefined,
    fitsToContext = true,
    contextLengthOf = () => null,
  }: {
    onChange?: ((habit: Habit) => void) | undefined;
    fitsToContext?: boolean | undefined;
    contextLengthOf?: ((model: string) => number | null) | undefined;
  } = {}) {
    this.#onChange = onChange;
    this.#fitsToContext = fitsToContext;
    this.#contextLengthOf = contextLengthOf;
  }

  /** Whether one request may ask for several completions; null while that is not known. */
  get honoursN(): boolean | null {
    return this.#honoursN;
  }

  /** The window of a model, in tokens; null while it is not known. */
  windowOf(model: string): number | null {
    return this.#of(model).window;
  }

  /** A list of models tells a window; a setting goes before it. @param tokens 1 or more */
  learnWindow(model: string, tokens: number): void {
    this.#of(model).window ??= tokens;
  }

  /** How requests are written for a model, as far as it is known. */
  formFor({ model, sampling: { maxTokens } }: SampleRequest): RequestForm {
    const { without, cap } = this.#of(model);
    return cap === null || maxTokens === null || maxTokens <= cap ? { without } : { without, maxTokens: cap };
  }

  /**
   * Sends a request with everything that is wanted, then without each parameter that may be the reason of a refusal, and with as many
   * completion tokens as fit. Where only `n` can be the reason, one completion is asked for.
   * @param send sends the request in a form; throws an error with a `code` such as `http-400` for a refusal
   * @returns the answer, with fewer completions where the server does not take `n`; and the refusals before it
   * @throws what `send` throws, once there is nothing left to change; AttemptFailure `context-length` for a prompt that is too long
   */
  async ask<Answer extends { completions: readonly unknown[] }>(
    request: SampleRequest,
    send: (form: RequestForm) => Promise<Answer>,
  ): Promise<{ answer: Answer; refusals: readonly Refusal[] }> {
    const refusals: Refusal[] = [];
    const reasons = new Map<Omittable | 'n', string>();
    for (let form = this.formFor(request); ;) {
      try {
        const answer = await send(form);
        this.#learn(request, { reasons, nGiven: answer.completions.length });
        return { answer, refusals };
      } catch (thrown) {
        if (!isRefusal(thrown, request) || refusals.length >= MOST_FORMS) throw thrown;
        const whole = (thrown instanceof AutodidactError ? thrown.received : undefined) ?? thrown.message;
        const said = withoutPrompt(whole, request);
        const next =
          this.#shorter(request, form, { said, cause: thrown }) ??
          this.#without(request, form, { said, reasons });
        if (next === null) throw thrown;
        form = next;
        refusals.push(thrown);
      }
    }
  }

  /** The form without what a refusal may be about; null where there is nothing left to leave out. */
  #without(
    request: SampleRequest,
    form: RequestForm,
    { said, reasons }: { said: string; reasons: Map<Omittable | 'n', string> },
  ): RequestForm | null {
    const suspect = refusedParameter(request, form, said);
    if (suspect !== null) {
      reasons.set(suspect, said);
      return { ...form, without: [...form.without, suspect] };
    }
    if (request.nSamples === 1 || form.nSamples === 1 || this.#honoursN === true) return null;
    reasons.set('n', said);
    return { ...form, nSamples: 1 };
  }

  /**
   * The form with fewer completion tokens, where that is what a refusal is about; null where it is not. The refusal is the measure, not an
   * estimate before the request: so what is asked for depends on the prompt and the window alone, whatever was asked before.
   */
  #shorter(
    request: SampleRequest,
    form: RequestForm,
    { said, cause }: { said: string; cause: Error },
  ): RequestForm | null {
    const { model } = request;
    const wanted = maxTokensOf(request, form);
    const cap = readCompletionCap(said);
    if (cap !== null && cap >= LEAST_COMPLETION_TOKENS && wanted !== null && cap < wanted) {
      const habits = this.#of(model);
      if (habits.cap === null)
        this.#adapted(model, `asks for at most ${written(cap)} completion tokens`, said);
      habits.cap = cap;
      return { ...form, maxTokens: cap };
    }
    const refusal = readLengthRefusal(said, wanted);
    if (refusal === null) return null;
    const habits = this.#of(model);
    habits.window = refusal.window ?? habits.window;
    const room = this.#roomFor(request, wanted, refusal);
    if (room === 'none') {
      const { window } = habits;
      const bound =
        window === null ? 'longer than the window of the model' : `beyond its ${written(window)} tokens`;
      throw new AttemptFailure({
        failureClass: 'refused',
        code: TOO_LONG,
        contextTokens: window ?? undefined,
        message: `prompt and completion are ${bound}: ${said}`,
        cause,
      });
    }
    if (!habits.isFitted) {
      const window = habits.window === null ? 'the window' : `the window of ${written(habits.window)} tokens`;
      this.#adapted(
        model,
        `asks for fewer completion tokens where prompt and maxTokens exceed ${window}`,
        said,
      );
    }
    habits.isFitted = true;
    return { ...form, maxTokens: room };
  }

  /** Completion tokens that fit; null for what the server itself gives as the rest of its window. */
  #roomFor(request: SampleRequest, wanted: number | null, refusal: LengthRefusal): number | null | 'none' {
    if (!this.#fitsToContext || wanted === null) return 'none';
    if (refusal.isAtLeast) return null;
    const window = refusal.window ?? this.#of(request.model).window;
    if (window === null) return 'none';
    const promptTokens =
      refusal.promptTokens ??
      request.messages.reduce(
        (sum, { content }) => sum + tokensAbout(content, CHARACTERS_PER_TOKEN_AT_LEAST),
        0,
      );
    const room = window - promptTokens;
    return room < LEAST_COMPLETION_TOKENS || room >= wanted ? 'none' : room;
  }

  /** Only what a request was answered without is left out from now on. @param answer.nGiven its completions */
  #learn(
    { model, nSamples }: SampleRequest,
    { reasons, nGiven }: { reasons: ReadonlyMap<Omittable | 'n', string>; nGiven: number },
  ): void {
    const habits = this.#of(model);
    for (const [parameter, message] of reasons) {
      if (parameter === 'n' || habits.without.includes(parameter)) continue;
      habits.without = [...habits.without, parameter];
      if (parameter === 'logprobs' || parameter === 'seed')
        this.#onChange({ kind: 'capability', capability: parameter, isOffered: false });
      const change =
        parameter === 'max_tokens'
          ? 'sends max_completion_tokens in place of max_tokens'
          : `leaves out ${parameter}`;
      this.#adapted(model, change, message);
    }
    const isHonoured = nGiven >= nSamples;
    // Once `n` was not honoured, later answers change nothing: to ask one by one is always right.
    if (nSamples === 1 || this.#honoursN === isHonoured || this.#honoursN === false) return;
    this.#honoursN = isHonoured;
    this.#onChange({ kind: 'capability', capability: 'n', isOffered: isHonoured });
    if (!isHonoured)
      this.#adapted(model, 'asks for one completion at a time, in place of n', reasons.get('n') ?? '');
  }

  #adapted(model: string, change: string, message: string): void {
    this.#onChange({ kind: 'adapted', model, change, message });
  }

  #of(model: string): ModelHabits {
    let habits = this.#models.get(model);
    if (habits === undefined) {
      habits = { ...PLAIN_FORM, cap: null, window: this.#contextLengthOf(model), isFitted: false };
      this.#models.set(model, habits);
    }
    return habits;
  }
}

function written(count: number): string {
  return count.toLocaleString('en-US');
}

/** llama-server of 2024 and 2025 answers any `n` above 1 with status 500 (`oaicompat_chat_params_parse`). */
const ABOUT_N = /only one completion choice/i;

function isRefusal(thrown: unknown, { nSamples }: SampleRequest): thrown is Refusal {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false;
  const code = String(thrown.code);
  return (
    isRefusalCode(code) ||
    code === TOO_LONG ||
    (code === 'http-500' && nSamples > 1 && ABOUT_N.test(thrown.message))
  );
}
