// Text that changes in place on a terminal; elsewhere a plain line now and then.

/** Where progress goes; `process.stderr` fits. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Without a terminal, progress is written at most this often. */
const PLAIN_INTERVAL_MS = 10_000;
/** On a terminal, what has several lines is drawn at most this often. */
const DRAW_INTERVAL_MS = 100;

/** Lines that stay, and below them the text that changes. */
export class LiveText {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  /** Line feeds of the text on the screen; null where there is none. */
  #nLineFeeds: number | null = null;
  #lastMs: number;

  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#lastMs = now();
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** What a text may take up, in characters and lines. */
  get size(): { width: number; mostLines: number } {
    const { columns = 80, rows = 24 } = this.#stream;
    return { width: Math.max(1, columns - 1), mostLines: Math.max(4, rows - 2) };
  }

  /** Whether enough time has passed since something was written. */
  get isDue(): boolean {
    return this.#now() - this.#lastMs >= (this.isTerminal ? DRAW_INTERVAL_MS : PLAIN_INTERVAL_MS);
  }

  /** Whether there is text that changes. */
  get hasText(): boolean {
    return this.#nLineFeeds !== null;
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.wipe();
    this.#write(`${line}\n`);
  }

  /** Shows a line of progress. @param lineOf the line, of at most so many characters */
  show(lineOf: (width?: number) => string): void {
    if (this.isTerminal) this.draw(lineOf(this.size.width));
    else if (this.isDue) this.print(lineOf());
  }

  /** Replaces the text that changes. */
  draw(text: string): void {
    this.wipe();
    this.#write(text);
    this.#nLineFeeds = text.split('\n').length - 1;
  }

  /** Leaves the text that changes where it is. */
  leave(): void {
    this.#nLineFeeds = null;
  }

  /** Removes the text that changes. */
  wipe(): void {
    if (this.#nLineFeeds === 0) this.#stream.write('\r\u001b[K');
    else if (this.#nLineFeeds !== null) this.#stream.write(`\u001b[${this.#nLineFeeds}A\r\u001b[J`);
    this.#nLineFeeds = null;
  }

  #write(text: string): void {
    this.#stream.write(text);
    this.#lastMs = this.#now();
  }
}

/** Shows the events of long work, and after it was stopped says how to continue. @throws what the work throws */
export async function withDisplay<Event, Result>(
  display: { onEvent(event: Event): void; close(): void },
  signal: AbortSignal,
  work: (onEvent: (event: Event) => void) => Promise<Result>,
): Promise<Result> {
  try {
    return await work((event) => {
      display.onEvent(event);
    });
  } catch (thrown) {
    display.close();
    if (signal.aborted && thrown === signal.reason)
      process.stderr.write('Stopped. Nothing finished is lost: the same command continues from here.\n');
    throw thrown;
  } finally {
    display.close();
  }
}
