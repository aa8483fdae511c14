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
   * The messages of requests with `n` that were refused, and what was said: when the same messages are answered alone, `n` was the reason. An answer to
   * other messages says nothing, since a prompt may be refused for itself.
   */
  readonly #suspects = new WeakMap<SampleRequest['messages'], string>();

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
  formFor(request: SampleRequest): RequestForm {
    const { without, cap } = this.#of(request.model);
    const wanted = request.sampling.maxTokens;
    return cap === null || wanted === null || wanted <= cap ? { without } : { without, maxTokens: cap };
  }

  /**
   * Sends a request with everything that is wanted, then without each parameter that may be the reason of a refusal, and with as many
   * completion tokens as fit.
   * @param send sends the request in a form; throws an error with a `code` such as `http-400` for a refusal
   * @returns the answer, null where only `n` can be the reason, so that the completions should be asked for one by one; and the
   *   refusals before it
   * @throws what `send` throws, once there is nothing left to change; AttemptFailure `context-length` for a prompt that is too long
   */
  async ask<Answer extends { completions: readonly unknown[] }>(
    request: SampleRequest,
    send: (form: RequestForm) => Promise<Answer>,
  ): Promise<{ answer: Answer | null; refusals: readonly Refusal[] }> {
    const refusals: Refusal[] = [];
    const reasons = new Map<Omittable, string>();
    for (let form = this.formFor(request); ;) {
      try {
        const answer = await send(form);
        this.#learn(request.model, reasons);
        this.onAnswer(request, answer.completions.length);
        return { answer, refusals };
      } catch (thrown) {
        if (!isRefusal(thrown, request) || refusals.length >= MOST_FORMS) throw thrown;
        const whole = (thrown instanceof AutodidactError ? thrown.received : undefined) ?? thrown.message;
        const said = withoutPrompt(whole, request);
        const shorter = this.#shorter(request, form, { said, cause: thrown });
        const suspect = shorter === null ? refusedParameter(request, form, said) : null;
        if (shorter === null && suspect === null && !this.onRefusal(request, said)) throw thrown;
        refusals.push(thrown);
        if (shorter !== null) form = shorter;
        else if (suspect === null) return { answer: null, refusals };
        else {
          reasons.set(suspect, said);
          form = { ...form, without: [...form.without, suspect] };
        }
      }
    }
  }

  /** A request was answered. @param nGiven its completions */
  onAnswer({ messages, nSamples, model }: SampleRequest, nGiven: number): void {
    if (nSamples > 1) return this.#learnN(nGiven >= nSamples, { model, said: '' });
    const said = this.#suspects.get(messages);
    if (said === undefined) return;
    this.#suspects.delete(messages);
    this.#learnN(false, { model, said });
  }

  /** A request was refused. @returns whether `n` may be the reason, so that its completions should be asked for one by one */
  onRefusal({ messages, nSamples }: SampleRequest, said = ''): boolean {
    if (nSamples === 1) {
      this.#suspects.delete(messages);
      return false;
    }
    if (this.#honoursN === true) return false;
    if (this.#honoursN === null) this.#suspects.set(messages, said);
    return true;
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

  /** Once `n` was not honoured, later answers change nothing: to ask one by one is always right. */
  #learnN(isHonoured: boolean, { model, said }: { model: string; said: string }): void {
    if (this.#honoursN === isHonoured || this.#honoursN === false) return;
    this.#honoursN = isHonoured;
    this.#onChange({ kind: 'capability', capability: 'n', isOffered: isHonoured });
    if (!isHonoured) this.#adapted(model, 'asks for one completion at a time, in place of n', said);
  }

  /** Only what a request was answered without is left out from now on. */
  #learn(model: string, reasons: ReadonlyMap<Omittable, string>): void {
    const habits = this.#of(model);
    for (const [parameter, message] of reasons) {
      if (habits.without.includes(parameter)) continue;
      habits.without = [...habits.without, parameter];
      if (parameter === 'logprobs' || parameter === 'seed')
        this.#onChange({ kind: 'capability', capability: parameter, isOffered: false });
      const change =
        parameter === 'max_tokens'
          ? 'sends max_completion_tokens in place of max_tokens'
          : `leaves out ${parameter}`;
      this.#adapted(model, change, message);
    }
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
