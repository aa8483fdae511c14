// Takes a picture of a page of this project - a report, a notebook, the gallery - with the Chromium of the machine, and tells what the
// page asked for or complained about: npm run picture -- page.html picture.png
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { browserPlaces, launchBrowser } from './browser.js';

const usage = `Usage: npm run picture -- <page.html> <picture.png> [--width 1280] [--height 900 | --whole] [--dark] [--at "#section"]
The browser is that of CHROMIUM, else the first of: ${browserPlaces.join(', ')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    width: { type: 'string', default: '1280' },
    height: { type: 'string', default: '900' },
    whole: { type: 'boolean', default: false },
    dark: { type: 'boolean', default: false },
    at: { type: 'string' },
  },
});

/** Scrolls through, so that charts which wait to be seen are drawn. @returns milliseconds until the page had loaded */
async function settle(page: Page, url: string): Promise<number> {
  const startedMs = performance.now();
  await page.goto(url);
  const loadedMs = performance.now() - startedMs;
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  for (let y = 0; y < height; y += 600) {
    await page.evaluate(`scrollTo(0, ${y})`);
    await page.waitForTimeout(60);
  }
  await page.waitForTimeout(500);
  return loadedMs;
}

async function main(): Promise<void> {
  const [path, picture] = positionals;
  const [width, height] = [Number(values.width), Number(values.height)];
  if (path === undefined || picture === undefined || !(width > 0) || !(height > 0)) throw new Error(usage);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({
      viewport: { width, height },
      colorScheme: values.dark ? 'dark' : 'light',
    });
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!/^(file|data|blob):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
    });
    // An address that ends in a place on the page opens the section that it is in.
    const place = values.at?.startsWith('#') ? values.at : '';
    const loadedMs = await settle(page, `${pathToFileURL(resolve(path)).href}${place}`);
    const nLive = await page.evaluate<number>('document.querySelectorAll("figure.chart .vega-embed").length');
    const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
    if (isWide) complaints.push('is wider than its window');
    await page.evaluate(
      values.at === undefined
        ? 'scrollTo(0, 0)'
        : `document.querySelector(${JSON.stringify(values.at)}).scrollIntoView()`,
    );
    await page.screenshot({ path: picture, fullPage: values.whole });
    console.log(`${picture}: loaded in ${loadedMs.toFixed(0)} ms, ${nLive} interactive charts`);
    for (const complaint of complaints) console.error(`  ${complaint}`);
    if (complaints.length > 0) process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
});
