// Connections to servers: kept alive, as many as there are requests in flight, through undici (https://undici.nodejs.org). It is
// loaded with the first request: a run that finds everything in the completion store asks nobody.
import type { Dispatcher, FormData as UndiciFormData } from 'undici';
import { onAbort } from './on-abort.js';

/** An answer, whole. */
export interface HttpAnswer {
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

/** A request with a JSON body. */
export interface HttpRequest {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** The longest wait for the whole answer, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** An answer did not come in time. */
export class HttpTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`no whole answer within ${timeoutMs} ms`);
    this.name = 'HttpTimeout';
  }
}

/** Answers longer than this are cut off: no completion is. */
const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024;
const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** A pool of connections to any number of servers. */
export class HttpPool {
  readonly #options: { connections: number; environment?: Readonly<Record<string, string | undefined>> };
  #dispatcher: Dispatcher | null = null;
  #opening: Promise<Dispatcher> | null = null;

  /**
   * @param options.connections most connections to each server
   * @param options.environment HTTP_PROXY, HTTPS_PROXY and NO_PROXY of it are followed
   */
  constructor(options: { connections: number; environment?: Readonly<Record<string, string | undefined>> }) {
    this.#options = options;
  }

  /**
   * Posts JSON and reads the whole answer, whatever its status.
   * @throws HttpTimeout; the error of the connection; the signal's reason when it aborts
   */
  async post({ url, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpAnswer> {
    const dispatcher = this.#dispatcher ?? (await this.#open());
    return new Promise((resolve, reject) => {
      const handler = new WholeAnswer({ timeoutMs, signal, resolve, reject });
      if (handler.isOver) return;
      const { origin, pathname, search } = url;
      const options = { origin, path: pathname + search, method: 'POST', headers, body } as const;
      try {
        dispatcher.dispatch(options, handler);
      } catch (thrown) {
        // Such as a header that cannot be sent.
        handler.giveUp(thrown);
      }
    });
  }

  /** For the `openai` package: the calls that are rare go through it, over the same connections. */
  get fetch(): typeof fetch {
    const pooled = async (input: unknown, init: RequestInit = {}): Promise<unknown> => {
      const dispatcher = this.#dispatcher ?? (await this.#open());
      const undici = await import('undici');
      const body = init.body instanceof FormData ? copyOf(init.body, new undici.FormData()) : init.body;
      // The types of undici's fetch and of Node's differ in name only.
      const options = { ...init, body, dispatcher } as unknown as Parameters<typeof undici.fetch>[1];
      return undici.fetch(input as Parameters<typeof undici.fetch>[0], options);
    };
    // The package looks here whether uploads are possible.
    return Object.assign(pooled, { Response }) as unknown as typeof fetch;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await (await this.#opening)?.destroy();
  }

  #open(): Promise<Dispatcher> {
    return (this.#opening ??= createDispatcher(this.#options).then((dispatcher) => {
      this.#dispatcher = dispatcher;
      return dispatcher;
    }));
  }
}

async function createDispatcher({
  connections,
  environment = {},
}: {
  connections: number;
  environment?: Readonly<Record<string, string | undefined>>;
}): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const settings = {
    connections,
    // One request at a time on each connection: an answer cannot be taken for another's.
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Requests have a time limit of their own.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const value = (name: string): string | undefined => environment[name.toLowerCase()] ?? environment[name];
  const [httpProxy, httpsProxy] = [value('HTTP_PROXY'), value('HTTPS_PROXY')];
  if (!httpProxy && !httpsProxy) return new Agent(settings);
  return new EnvHttpProxyAgent({
    ...settings,
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    // This machine itself is never reached through a proxy.
    noProxy: [value('NO_PROXY'), 'localhost', '127.0.0.1', '::1', '[::1]'].filter(Boolean).join(','),
  });
}

function copyOf(form: FormData, copy: UndiciFormData): UndiciFormData {
  for (const [name, value] of form) {
    if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}

/** Gathers an answer; the promise settles once, whatever comes first. */
class WholeAnswer implements Dispatcher.DispatchHandler {
  isOver = false;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};
  readonly #chunks: Buffer[] = [];
  #nBytes = 0;
  readonly #timer: NodeJS.Timeout;
  #forget: () => void = () => undefined;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (thrown: unknown) => void;

  constructor(options: {
    timeoutMs: number;
    signal: AbortSignal;
    resolve: (answer: HttpAnswer) => void;
    reject: (thrown: unknown) => void;
  }) {
    const { timeoutMs, signal } = options;
    this.#resolve = options.resolve;
    this.#reject = options.reject;
    this.#timer = setTimeout(() => {
      this.#fail(new HttpTimeout(timeoutMs));
    }, timeoutMs);
    this.#forget = onAbort(signal, () => {
      this.#fail(signal.reason);
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.isOver) controller.abort(new Error('given up'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#nBytes += chunk.length;
    if (this.#nBytes > LONGEST_ANSWER_BYTES) this.#fail(new Error('an answer without end'));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    this.#finish();
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, text: whole.toString('utf8') });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  /** Ends it without an answer. */
  giveUp(thrown: unknown): void {
    this.#fail(thrown);
  }

  #fail(thrown: unknown): void {
    if (this.isOver) return;
    this.#finish();
    this.#reject(thrown);
    this.#controller?.abort(new Error('given up'));
  }

  #finish(): void {
    this.isOver = true;
    clearTimeout(this.#timer);
    this.#forget();
  }
}
