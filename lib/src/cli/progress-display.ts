// Live progress of a run: one changing line on a terminal, plain lines elsewhere.
import { printable } from '../core/text.js';
import type { RunEvent, StageProgress } from '../experiment/index.js';
import { count, duration, percentWithInterval } from '../report/index.js';

/** Where progress goes; `process.stderr` fits. */
export interface ProgressStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** Without a terminal, progress inside a stage is told this often at most. */
const PLAIN_INTERVAL_MS = 10_000;

const STARTS = {
  new: 'starting',
  resumed: 'continuing',
  'finished-before': 'finished before (another seed or setting makes another run):',
} as const;

/** Turns the events of a run into lines. */
export class ProgressDisplay {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  #hasLine = false;
  #lastPlainMs: number;

  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
    this.#lastPlainMs = now();
  }

  /** Shows an event. */
  onEvent(event: RunEvent): void {
    switch (event.kind) {
      case 'started':
        return this.#print(`${STARTS[event.state]} ${event.folder}`);
      case 'progress':
        return this.#showProgress(event.progress);
      case 'warning':
        return this.#print(`warning: ${event.message}`);
      case 'stage-finished': {
        const { iteration, record, wasDone } = event;
        if (wasDone) return this.#print(`iteration ${iteration}  ${record.stage.padEnd(8)}  already done`);
        const drops = Object.entries(record.drops).map(([reason, n]) => `${reason} ${count(n)}`);
        const dropped = drops.length === 0 ? '' : `, dropped: ${drops.join(', ')}`;
        return this.#print(
          `iteration ${iteration}  ${record.stage.padEnd(8)}  ${count(record.nKept)} of ${count(record.nInput)} kept in ${duration(record.wallMs)}${dropped}`,
        );
      }
      case 'iteration-finished': {
        const { iteration, metrics } = event.metrics;
        const { accuracy } = metrics;
        return this.#print(
          `iteration ${iteration}  judge accuracy ${percentWithInterval(accuracy)} % (n ${count(accuracy.n)}, unparsed ${count(metrics.nUnparsed)})`,
        );
      }
    }
  }

  /** Takes the changing line away. */
  close(): void {
    if (this.#hasLine) this.#stream.write('\r\u001b[K');
    this.#hasLine = false;
  }

  #print(line: string): void {
    this.close();
    this.#stream.write(`${line}\n`);
    this.#lastPlainMs = this.#now();
  }

  #showProgress(progress: StageProgress): void {
    const line = progressLine(progress);
    if (this.#stream.isTTY === true) {
      this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#hasLine = true;
    } else if (this.#now() - this.#lastPlainMs >= PLAIN_INTERVAL_MS) {
      this.#print(line);
    }
  }
}

/** A stage's progress as one line: done/total, rate, time left, tokens. */
export function progressLine({
  iteration,
  stage,
  done,
  total,
  elapsedMs,
  usage,
  detail,
}: StageProgress): string {
  const head = `iteration ${iteration}  ${stage.padEnd(8)}`;
  if (detail !== undefined) return `${head}  ${printable(detail)}`;
  const perSecond = elapsedMs > 0 ? (1000 * done) / elapsedMs : 0;
  const left =
    total !== null && perSecond > 0 ? `  ${duration((1000 * (total - done)) / perSecond)} left` : '';
  const tokens = count(usage.promptTokens + usage.completionTokens);
  return `${head}  ${count(done)}${total === null ? '' : `/${count(total)}`}  ${perSecond.toFixed(0)}/s${left}  ${tokens} tokens`;
}
