// Live progress of a run: one changing line on a terminal, plain lines elsewhere.
import { printable } from '../core/text.js';
import { stageName } from '../schema/manifest.js';
import type { RunEvent, RunLeft, StageProgress } from '../experiment/index.js';
import { byReason, count, duration, headline, usd } from '../report/index.js';
import { LiveText, type ProgressStream } from './live-text.js';

const STARTS = {
  new: 'starting',
  resumed: 'continuing',
  'finished-before': 'finished before (another seed or setting makes another run):',
} as const;

/** Turns the events of a run into lines. */
export class ProgressDisplay {
  readonly #live: LiveText;

  constructor(stream: ProgressStream, now?: () => number) {
    this.#live = new LiveText(stream, now);
  }

  /** Shows an event. */
  onEvent(event: RunEvent): void {
    switch (event.kind) {
      case 'started':
        return this.#live.print(`${STARTS[event.state]} ${event.folder}`);
      case 'progress':
        return this.#live.show((width) => {
          const left = runLeftText(event.runLeft ?? null);
          const short = width === undefined ? undefined : Math.max(0, width - left.length);
          return `${progressLine(event.progress, { width: short })}${left}`.slice(0, width);
        });
      case 'warning':
        return this.#live.print(`warning: ${event.message}`);
      case 'stage-finished': {
        const { iteration, record, wasDone } = event;
        const name = stageName(record).padEnd(8);
        if (wasDone) return this.#live.print(`iteration ${iteration}  ${name}  already done`);
        const drops = byReason(record.drops);
        const dropped = drops === '' ? '' : `, dropped: ${drops}`;
        return this.#live.print(
          `iteration ${iteration}  ${name}  ${count(record.nKept)} of ${count(record.nInput)} kept in ${duration(record.wallMs)}${dropped}`,
        );
      }
      case 'iteration-finished': {
        const { iteration, others = [] } = event.metrics;
        for (const { benchmark, metrics } of [event.metrics, ...others]) {
          this.#live.print(`iteration ${iteration}  ${judgeOn(benchmark)}: ${headline(metrics.accuracy)}`);
        }
        return;
      }
    }
  }

  /** Removes the changing line. */
  close(): void {
    this.#live.wipe();
  }
}

/** What is left of the whole run, to be put behind the progress of a stage; empty where nothing is known. */
export function runLeftText(left: RunLeft | null): string {
  if (left === null) return '';
  const { ms, unmeasured } = left;
  const time = `about ${duration(ms)}`;
  return unmeasured.length === 0
    ? `  run: ${time} left`
    : `  run: ${time} left and ${unmeasured.join(', ')}, not measured yet`;
}

/** Progress with the rates that a status knows. */
type ShownProgress = StageProgress & {
  recentPerSecond?: number | null | undefined;
  leftMs?: number | null | undefined;
};

/**
 * A stage's progress as one line: done/total, rate, time left, tokens, and, if there are any, retries and cost.
 * @param options.width most characters: the least important parts are left out first, and the rest is cut. Absent: no limit
 */
export function progressLine(
  progress: ShownProgress,
  { width = Number.POSITIVE_INFINITY }: { width?: number | undefined } = {},
): string {
  const { iteration, done, total, elapsedMs, detail } = progress;
  const head = `iteration ${iteration}  ${stageName(progress).padEnd(8)}`;
  // The time moves even where the trainer reports nothing new.
  if (detail !== undefined) return `${head}  ${duration(elapsedMs)}  ${printable(detail)}`.slice(0, width);
  const reached = `${head}  ${count(done)}${total === null ? '' : `/${count(total)}`}`;
  let details = detailsOf(progress);
  const line = (): string => [reached, ...details.map(({ text }) => text)].join('  ');
  for (let rank = 1; rank <= LAST_RANK && line().length > width; rank++) {
    details = details.filter((part) => part.rank !== rank);
  }
  return line().slice(0, width);
}

const LAST_RANK = 5;

/** What may be left out of the line, rank 1 first. */
function detailsOf(progress: ShownProgress): { text: string; rank: number }[] {
  const { done, total, elapsedMs, usage } = progress;
  const overallPerSecond = elapsedMs > 0 ? (1000 * done) / elapsedMs : 0;
  const perSecond = progress.recentPerSecond ?? overallPerSecond;
  const leftMs =
    progress.leftMs ?? (total !== null && perSecond > 0 ? (1000 * (total - done)) / perSecond : null);
  const { retries, costUsd } = usage;
  const details = [{ text: `${perSecond.toFixed(0)}/s`, rank: 4 }];
  if (leftMs !== null) details.push({ text: `${duration(leftMs)} left`, rank: LAST_RANK });
  details.push({ text: `${count(usage.promptTokens + usage.completionTokens)} tokens`, rank: 1 });
  if (retries > 0) details.push({ text: retries === 1 ? '1 retry' : `${count(retries)} retries`, rank: 2 });
  if (costUsd !== null && costUsd > 0) details.push({ text: usd(costUsd), rank: 3 });
  return details;
}

/** Whose figures these are. @param benchmark of several */
export function judgeOn(benchmark: string | undefined): string {
  return benchmark === undefined ? 'judge' : `judge on ${benchmark}`;
}
