// A log file: JSON Lines by pino (https://getpino.io), each there as soon as it is written; a disk that fails does no harm.
import { open } from 'node:fs/promises';
import type { Logger, pino as createLogger } from 'pino';
import { messageOf } from '../../core/errors.js';
import type { Redact } from '../../core/secrets.js';

/** How grave a line is. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** What a line says, flat; fields that are undefined are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How a log is kept. */
export interface LogFileOptions {
  /** Applied to every text. Default: texts stay as they are. */
  redact?: Redact | undefined;
  /** Is told once, when the file cannot be written. */
  onProblem?: ((message: string) => void) | undefined;
}

type Destination = ReturnType<typeof createLogger.destination>;

/** While the disk fails, so many characters wait for it; what does not fit is lost and counted. */
const LONGEST_WAITING = 1 << 20;

/** An open log. Nothing here throws or rejects: a log is worth less than what it tells of. */
export class LogFile {
  readonly #redact: Redact;
  readonly #onProblem: (message: string) => void;
  #logger: Logger | null = null;
  #destination: Destination | null = null;
  #hasToldProblem = false;
  #isFailing = false;
  #nLost = 0;

  private constructor({ redact = (text) => text, onProblem = () => undefined }: LogFileOptions) {
    this.#redact = redact;
    this.#onProblem = onProblem;
  }

  /** Opens a file to append to it; where that fails, `onProblem` is told and lines go nowhere. */
  static async open(path: string, options: LogFileOptions = {}): Promise<LogFile> {
    const log = new LogFile(options);
    try {
      // Only now: commands that keep no log need not wait for it to be loaded.
      const { pino } = await import('pino');
      const isCut = await lastLineIsOpen(path);
      // Lines are few and must outlive a kill of the process: each goes to the system at once.
      const destination = pino.destination({ dest: path, sync: true, maxLength: LONGEST_WAITING });
      destination.on('error', (failure) => log.#fail(failure));
      destination.on('write', () => (log.#isFailing = false));
      destination.on('drop', () => log.#nLost++);
      log.#destination = destination;
      log.#logger = pino(
        {
          level: 'debug',
          base: null,
          timestamp: pino.stdTimeFunctions.isoTime,
          formatters: { level: (label) => ({ level: label }) },
        },
        destination,
      );
      // A kill or a full disk may have cut the last line of an earlier attempt.
      if (isCut) destination.write('\n');
    } catch (thrown) {
      log.#fail(thrown);
    }
    return log;
  }

  /** Writes one line. */
  write(level: LogLevel, event: string, fields: LogFields): void {
    if (this.#nLost > 0 && !this.#isFailing) {
      const nLines = this.#nLost;
      this.#nLost = 0;
      this.#put('warn', 'log lines lost', { nLines });
    }
    this.#put(level, event, fields);
  }

  /** Closes the file. */
  async close(): Promise<void> {
    const destination = this.#destination;
    this.#logger = null;
    this.#destination = null;
    if (!destination) return;
    let isGivenUp = false;
    await new Promise<void>((resolve) => {
      destination.once('close', () => resolve());
      // What still waits for a full disk is given up.
      destination.on('error', () => {
        if (isGivenUp) return resolve();
        isGivenUp = true;
        destination.destroy();
      });
      destination.end();
    });
  }

  #put(level: LogLevel, event: string, fields: LogFields): void {
    try {
      this.#logger?.[level](this.#redacted(fields), event);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #redacted(fields: LogFields): LogFields {
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === 'string' ? this.#redact(value) : value,
      ]),
    );
  }

  #fail(thrown: unknown): void {
    this.#isFailing = true;
    if (this.#hasToldProblem) return;
    this.#hasToldProblem = true;
    this.#onProblem(`the log cannot be written: ${messageOf(thrown)}; the run goes on without it`);
  }
}

/** Whether a file ends within a line. @throws where it cannot be read; not where there is none */
async function lastLineIsOpen(path: string): Promise<boolean> {
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] !== 0x0a;
  } finally {
    await file.close();
  }
}
