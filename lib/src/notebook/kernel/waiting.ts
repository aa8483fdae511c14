// Timers that can be given up.

/** A pause that does not keep the process alive. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}

/** Resolves after `ms` milliseconds, unless cancelled before. */
export function timeoutOf(ms: number, cancelled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    cancelled.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
