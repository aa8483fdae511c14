// A client of one kernel: starts it, sends it cells, passes on their outputs, and ends it.
import { randomUUID } from 'node:crypto';
import type { Dealer, Subscriber } from 'zeromq';
import { DataError } from '../../core/errors.js';
import { orAborted } from '../../core/on-abort.js';
import { createConnection, type KernelConnection } from './connection.js';
import { kernelDied, KernelProcess } from './kernel-process.js';
import { readKernelSpec, type KernelSpec } from './kernel-spec.js';
import { delay, timeoutOf } from './waiting.js';
import { requestOf, signedFrames, verifiedMessage, type KernelMessage } from './wire-message.js';

/** Longest time until the first answer of a kernel, in ms. */
const START_TIMEOUT_MS = 60_000;
/** How long one request at the start waits for an answer, in ms. */
const FIRST_CONTACT_MS = 250;
/** Time for an interrupted cell, and for a kernel that was told to end, in ms. */
const GRACE_MS = 1_500;
/** Attempts with other ports: a port that was free may be taken when the kernel uses it. */
const PORT_ATTEMPTS = 3;

/** Attempts for a cell that the kernel ignores, and the pause between them in ms. */
const MOST_IGNORED = 20;
const IGNORED_PAUSE_MS = 100;

/** How a cell ended. */
export type Execution =
  | { status: 'ok'; executionCount: number | null }
  | { status: 'error'; executionCount: number | null; ename: string | null; evalue: string | null }
  /** Interrupted after its time; a kernel that did not react was killed. */
  | { status: 'timeout'; executionCount: number | null };

/** One request under way. */
interface Pending {
  /** Called with outputs, also with those after the end of the cell. */
  onOutput: (message: KernelMessage) => void;
  reply: KernelMessage | null;
  isIdle: boolean;
  settle: () => void;
  fail: (thrown: unknown) => void;
}

/** A started kernel. Always {@link close} it. */
export class KernelClient {
  readonly #connection: KernelConnection;
  readonly #process: KernelProcess;
  readonly #sockets: { shell: Dealer; iopub: Subscriber; control: Dealer };
  readonly #session = randomUUID();
  readonly #requests = new Map<string, Pending>();

  private constructor(
    connection: KernelConnection,
    kernel: KernelProcess,
    sockets: { shell: Dealer; iopub: Subscriber; control: Dealer },
  ) {
    this.#connection = connection;
    this.#process = kernel;
    this.#sockets = sockets;
    void this.#listen(sockets.shell);
    void this.#listen(sockets.iopub);
    void this.#listen(sockets.control);
    void kernel.ended.then((end) => this.#failAll(kernelDied(end)));
  }

  /**
   * Starts a kernel and waits until it answers.
   * @param specPath its `kernel.json`
   * @throws ConfigError when it is not installed; DataError when it does not start
   */
  static async start(specPath: string, options: { cwd: string; signal: AbortSignal }): Promise<KernelClient> {
    const spec = await readKernelSpec(specPath);
    for (let attempt = 1; ; attempt++) {
      const client = await KernelClient.#launch(spec, options.cwd);
      try {
        await client.#untilUp(options.signal);
        return client;
      } catch (thrown) {
        const isTaken = /EADDRINUSE|already in use/.test(client.#process.stderrTail);
        await client.close();
        if (!isTaken || attempt === PORT_ATTEMPTS) throw thrown;
      }
    }
  }

  static async #launch(spec: KernelSpec, cwd: string): Promise<KernelClient> {
    // A native module: loaded by those alone who run notebooks.
    const zeromq = await import('zeromq');
    const connection = await createConnection();
    const argv = spec.argv.map((word) => word.replaceAll('{connection_file}', connection.path));
    const kernel = new KernelProcess(argv, { cwd, env: spec.env });
    const sockets = {
      shell: new zeromq.Dealer({ linger: 0 }),
      iopub: new zeromq.Subscriber({ linger: 0, receiveHighWaterMark: 0 }),
      control: new zeromq.Dealer({ linger: 0 }),
    };
    sockets.iopub.subscribe();
    sockets.shell.connect(connection.addresses.shell);
    sockets.iopub.connect(connection.addresses.iopub);
    sockets.control.connect(connection.addresses.control);
    return new KernelClient(connection, kernel, sockets);
  }

  /** Whether the kernel still runs. */
  get isAlive(): boolean {
    return this.#process.end === null;
  }

  /**
   * Runs a cell. Its outputs go to `onOutput`, in order, also those after its end.
   * A cell that takes longer than `timeoutMs` is interrupted; if it does not react, its kernel is killed.
   * @throws DataError when the kernel dies; the reason of `signal` when that is aborted
   */
  async execute(
    code: string,
    options: { timeoutMs: number; signal: AbortSignal; onOutput: Pending['onOutput'] },
  ): Promise<Execution> {
    for (let attempt = 1; ; attempt++) {
      const execution = await this.#executeOnce(code, options);
      if (execution !== 'ignored') return execution;
      // For a moment after an error, tslab ignores requests.
      if (attempt === MOST_IGNORED) break;
      await delay(IGNORED_PAUSE_MS);
    }
    return { status: 'error', executionCount: null, ename: null, evalue: 'the kernel ignores requests' };
  }

  async #executeOnce(
    code: string,
    options: { timeoutMs: number; signal: AbortSignal; onOutput: Pending['onOutput'] },
  ): Promise<Execution | 'ignored'> {
    const content = {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    };
    const reply = this.#request('execute_request', content, options.onOutput);
    const timer = new AbortController();
    const late = timeoutOf(options.timeoutMs, timer.signal).then(() => null);
    try {
      const first = await orAborted(Promise.race([reply, late]), options.signal);
      if (first !== null) return executionOf(first);
    } finally {
      timer.abort();
    }
    return this.#stopCell(reply);
  }

  async #stopCell(reply: Promise<KernelMessage>): Promise<Execution> {
    this.#process.interrupt();
    const answer = await Promise.race([reply.catch(() => null), delay(GRACE_MS).then(() => null)]);
    if (answer === null) await this.#process.kill(GRACE_MS);
    return { status: 'timeout', executionCount: countOf(answer) };
  }

  /** Ends the kernel and all processes that its cells started. */
  async close(): Promise<void> {
    if (this.isAlive) {
      // A running cell is interrupted first.
      this.#process.interrupt();
      void this.#send(
        this.#sockets.control,
        requestOf('shutdown_request', this.#session, { restart: false }),
      );
      await Promise.race([this.#process.ended, delay(GRACE_MS / 3)]);
      await this.#process.kill(GRACE_MS);
    }
    for (const socket of Object.values(this.#sockets)) socket.close();
    await this.#connection.remove();
  }

  /** Sends requests until an answer and its status message arrive: from then on, no output is lost. */
  async #untilUp(signal: AbortSignal): Promise<void> {
    const until = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const reply = this.#request('kernel_info_request', {}, () => undefined);
      const answer = await orAborted(Promise.race([reply, delay(FIRST_CONTACT_MS).then(() => null)]), signal);
      if (answer !== null) return;
      const { stderrTail } = this.#process;
      const isTaken = /EADDRINUSE|already in use/.test(stderrTail);
      if (performance.now() < until && !isTaken) continue;
      throw new DataError({
        subject: 'the kernel',
        expected: `an answer within ${START_TIMEOUT_MS / 1000} s of its start`,
        received: stderrTail === '' ? 'none' : `none; it wrote:\n${stderrTail}\n`,
        remedy: 'Run it again; if that does not help, start the command of its kernel.json by hand.',
      });
    }
  }

  /** Sends a request; resolves once the kernel is idle again, so that all outputs have arrived. */
  #request(
    type: string,
    content: Readonly<Record<string, unknown>>,
    onOutput: Pending['onOutput'],
  ): Promise<KernelMessage> {
    const request = requestOf(type, this.#session, content);
    const reply = new Promise<KernelMessage>((resolve, reject) => {
      const pending: Pending = {
        onOutput,
        reply: null,
        isIdle: false,
        settle: () => {
          if (pending.reply !== null && pending.isIdle) resolve(pending.reply);
        },
        fail: reject,
      };
      this.#requests.set(request.id, pending);
      if (this.#process.end !== null) reject(kernelDied(this.#process.end));
      else this.#send(this.#sockets.shell, request).catch(reject);
    });
    // The caller may have stopped waiting: then a rejection is not unhandled.
    reply.catch(() => undefined);
    return reply;
  }

  async #send(socket: Dealer, request: ReturnType<typeof requestOf>): Promise<void> {
    await socket.send(signedFrames(request, this.#connection.key));
  }

  async #listen(socket: Dealer | Subscriber): Promise<void> {
    try {
      for await (const frames of socket) this.#take(verifiedMessage(frames, this.#connection.key));
    } catch (thrown) {
      this.#failAll(thrown);
    }
  }

  #take(message: KernelMessage): void {
    const pending = message.parentId === null ? undefined : this.#requests.get(message.parentId);
    if (pending === undefined) return;
    if (message.type === 'status') pending.isIdle ||= message.content.execution_state === 'idle';
    else if (message.type.endsWith('_reply')) pending.reply = message;
    else pending.onOutput(message);
    pending.settle();
  }

  #failAll(thrown: unknown): void {
    for (const { fail } of this.#requests.values()) fail(thrown);
  }
}

function executionOf(reply: KernelMessage): Execution | 'ignored' {
  const executionCount = countOf(reply);
  const { status, ename, evalue } = reply.content;
  if (status === 'abort' || status === 'aborted') return 'ignored';
  if (status === 'ok') return { status, executionCount };
  return { status: 'error', executionCount, ename: textOrNull(ename), evalue: textOrNull(evalue) };
}

function countOf(reply: KernelMessage | null): number | null {
  const count = reply?.content.execution_count;
  return typeof count === 'number' && Number.isInteger(count) ? count : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
