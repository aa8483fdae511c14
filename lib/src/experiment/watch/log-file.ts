// A log file: JSON Lines with level, time and message, each on disk as soon as it is written. A disk that fails does not stop the run.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { messageOf } from '../../core/errors.js';
import type { Redact } from '../../core/secrets.js';

/** Severity of a line. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Fields of a line, flat; fields that are undefined are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How a log is kept. */
export interface LogFileOptions {
  /** Applied to every text. Default: texts are written unchanged. */
  redact?: Redact | undefined;
  /** Called once, when the file cannot be written. */
  onProblem?: ((message: string) => void) | undefined;
}

/** An open log. No method throws: a failing log must not stop what it records. */
export class LogFile {
  readonly #redact: Redact;
  readonly #onProblem: (message: string) => void;
  #file: number | null = null;
  /** Whether the file ends within a line, as a kill or a full disk leaves it. */
  #isCut = false;
  #hasProblem = false;
  #nLost = 0;

  /** Opens a file to append to it; if that fails, lines are discarded. */
  constructor(path: string, { redact = (text) => text, onProblem = () => undefined }: LogFileOptions = {}) {
    this.#redact = redact;
    this.#onProblem = onProblem;
    try {
      this.#file = openSync(path, 'a+');
      const { size } = fstatSync(this.#file);
      const last = Buffer.alloc(1);
      this.#isCut = size > 0 && readSync(this.#file, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  /** Writes one line. */
  write(level: LogLevel, event: string, fields: LogFields): void {
    if (this.#file === null) return;
    const time = new Date().toISOString();
    const redacted = Object.entries(fields).map(([name, value]): [string, LogFields[string]] => [
      name,
      typeof value === 'string' ? this.#redact(value) : value,
    ]);
    const lost =
      this.#nLost === 0 ? [] : [{ level: 'warn', time, nLines: this.#nLost, msg: 'log lines lost' }];
    const line = { level, time, ...Object.fromEntries(redacted), msg: event };
    const lines = [...lost, line].map((each) => `${JSON.stringify(each)}\n`).join('');
    try {
      this.#append(`${this.#isCut ? '\n' : ''}${lines}`);
      this.#nLost = 0;
    } catch (thrown) {
      this.#nLost++;
      this.#fail(thrown);
    }
  }

  /** Closes the file. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** @throws the system's error when not all of it could be written */
  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let nWritten = 0; nWritten < bytes.length;) {
      nWritten += writeSync(this.#file ?? -1, bytes, nWritten);
      this.#isCut = nWritten < bytes.length;
    }
  }

  #fail(thrown: unknown): void {
    if (this.#hasProblem) return;
    this.#hasProblem = true;
    this.#onProblem(`the log cannot be written: ${messageOf(thrown)}; the run goes on without it`);
  }
}
