// The Chromium of the machine, for pictures of pages and for driving them.
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** Where a browser is looked for, unless CHROMIUM names one. */
export const browserPlaces = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of the browser, or null where there is none. */
export function browserPath(): string | null {
  return (
    [process.env.CHROMIUM ?? '', ...browserPlaces].find((path) => path !== '' && existsSync(path)) ?? null
  );
}

/** Starts it without a window. @throws Error where there is none */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null)
    throw new Error(
      `no Chromium found: name one in CHROMIUM, or install it at ${browserPlaces.join(' or ')}`,
    );
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-background-networking',
      '--disable-sync',
    ],
  });
}
