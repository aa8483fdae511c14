// The process of a kernel, in a process group of its own, so that processes started by its cells end with it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import { DataError, messageOf } from '../../core/errors.js';
import { withoutControls } from '../../core/text.js';
import { delay } from './waiting.js';

/** Characters of standard error that are kept, the last ones. */
const TAIL_LENGTH = 4000;
const HAS_GROUPS = process.platform !== 'win32';

/** How a kernel ended. */
export interface KernelEnd {
  /** E.g. `exit code 1`, `signal SIGKILL`. */
  how: string;
  /** The end of its standard error, trimmed. */
  stderrTail: string;
}

/** A running kernel. */
export class KernelProcess {
  /** Settles when the process has ended; never rejects. */
  readonly ended: Promise<KernelEnd>;
  readonly #child: ChildProcess;
  #stderrTail = '';
  #end: KernelEnd | null = null;
  readonly #killOnExit = (): void => this.#signalGroup('SIGKILL');

  /** @param argv command and arguments; `cwd` the folder that cells run in */
  constructor(argv: readonly string[], options: { cwd: string; env: Readonly<Record<string, string>> }) {
    const [command = '', ...args] = argv;
    this.#child = spawn(command === 'node' ? process.execPath : command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: HAS_GROUPS,
    });
    const decoder = new StringDecoder('utf8');
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#stderrTail = (this.#stderrTail + decoder.write(chunk)).slice(-TAIL_LENGTH);
    });
    // However this process ends, its kernels end with it.
    process.once('exit', this.#killOnExit);
    this.ended = this.#untilEnd();
  }

  /** How it ended; null while it runs. */
  get end(): KernelEnd | null {
    return this.#end;
  }

  /** The end of its standard error. */
  get stderrTail(): string {
    return this.#stderrTail.split('\n').map(withoutControls).join('\n').trim();
  }

  /** Interrupts the running cell; a cell that never awaits does not react. */
  interrupt(): void {
    this.#signal('SIGINT');
  }

  /** Ends the process and all that it started: with SIGTERM, and after `graceMs` milliseconds with SIGKILL. */
  async kill(graceMs: number): Promise<void> {
    if (this.#end === null) this.#signal('SIGTERM');
    await Promise.race([this.ended, delay(graceMs)]);
    this.#signalGroup('SIGKILL');
    await this.ended;
  }

  async #untilEnd(): Promise<KernelEnd> {
    let how: string;
    try {
      const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null];
      how = signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`;
    } catch (thrown) {
      how = messageOf(thrown);
    }
    // Processes that it started are still in its group.
    this.#signalGroup('SIGKILL');
    process.off('exit', this.#killOnExit);
    this.#end = { how, stderrTail: this.stderrTail };
    return this.#end;
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#end === null) this.#child.kill(signal);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (HAS_GROUPS) process.kill(-pid, signal);
      else this.#child.kill(signal);
    } catch {
      // The group has no processes left.
    }
  }
}

/** The error for a kernel that ended too early. */
export function kernelDied({ how, stderrTail }: KernelEnd): DataError {
  return new DataError({
    subject: 'the kernel',
    expected: 'a running kernel',
    received: stderrTail === '' ? how : `${how}, after it wrote:\n${stderrTail}\n`,
    remedy: 'Run the notebook again; a cell that ends the process or takes all memory ends the kernel.',
  });
}
