// Posts chat completion requests, of which there are hundreds of thousands, straight over the connections, without `fetch`.
import type { Dispatcher } from 'undici';
import { Connections } from '../core/connections.js';
import { onAbort } from '../core/on-abort.js';

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

/** Longer answers are refused: no completion is as long. */
const LONGEST_ANSWER_BYTES = 256 * 1024 * 1024;

/** A pool of connections to any number of servers. */
export class HttpPool extends Connections {
  /**
   * Posts JSON and reads the whole answer, whatever its status.
   * @throws HttpTimeout; the error of the connection; the signal's reason when it aborts
   */
  async post({ url, headers, body, timeoutMs, signal }: HttpRequest): Promise<HttpAnswer> {
    const dispatcher = this.dispatcher ?? (await this.open());
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
}

/** Collects an answer. The promise settles once, whatever comes first. */
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
      this.giveUp(new HttpTimeout(timeoutMs));
    }, timeoutMs);
    this.#forget = onAbort(signal, () => {
      this.giveUp(signal.reason);
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
    if (this.#nBytes > LONGEST_ANSWER_BYTES) this.giveUp(new Error('an answer that is too long'));
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
    this.giveUp(error);
  }

  /** Ends it without an answer. */
  giveUp(thrown: unknown): void {
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
