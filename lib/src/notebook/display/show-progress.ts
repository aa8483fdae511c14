// Progress in a cell: one display that changes in place.
import { randomUUID } from 'node:crypto';
import { escapeHtml } from '../../core/escape-html.js';
import { isInCell, show } from './cell-display.js';

/** Jupyter handles ten updates per second; on a plain stream every update is a line. */
const CELL_INTERVAL_MS = 100;
const PLAIN_INTERVAL_MS = 10_000;

/** A display of progress. */
export interface ProgressDisplay {
  /** A share from 0 to 1, or a text. Shown at most ten times a second; the latest is shown in the end. */
  update(progress: number | string): void;
  /** Shows the end. */
  done(text?: string): void;
}

/**
 * Starts a display of progress. Outside a notebook it prints a line now and then.
 * @example
 * ```ts
 * const progress = showProgress('judging');
 * progress.update(0.5);
 * progress.done();
 * ```
 */
export function showProgress(title: string): ProgressDisplay {
  const id = randomUUID();
  const intervalMs = isInCell() ? CELL_INTERVAL_MS : PLAIN_INTERVAL_MS;
  let shownMs = -Infinity;
  let isShown = false;
  let isDone = false;
  let timer: NodeJS.Timeout | undefined;

  const put = (progress: number | string): void => {
    clearTimeout(timer);
    timer = undefined;
    show(progressOf(title, progress), { id, isUpdate: isShown });
    isShown = true;
    shownMs = performance.now();
  };
  let latest: number | string = 0;
  put(latest);
  return {
    update(progress) {
      latest = progress;
      if (isDone) return;
      const waitMs = shownMs + intervalMs - performance.now();
      if (waitMs <= 0) put(progress);
      // The last update of a burst is shown, too, after the interval.
      else timer ??= setTimeout(() => put(latest), waitMs).unref();
    },
    done(text = 'done') {
      if (isDone) return;
      isDone = true;
      put(text);
    },
  };
}

function progressOf(title: string, progress: number | string): Parameters<typeof show>[0] {
  if (typeof progress === 'string') {
    const line = `${title}: ${progress}`;
    return { data: { 'text/html': `<p>${escapeHtml(line)}</p>`, 'text/plain': line } };
  }
  const share = Math.min(1, Math.max(0, Number.isNaN(progress) ? 0 : progress));
  const line = `${title}: ${Math.floor(100 * share)} %`;
  const bar = `<progress max="1" value="${share}"></progress>`;
  return { data: { 'text/html': `<p>${bar} ${escapeHtml(line)}</p>`, 'text/plain': line } };
}
