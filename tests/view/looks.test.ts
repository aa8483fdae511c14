import axe, { type AxeResults } from 'axe-core';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import type { FilteredJudgments } from '../../lib/src/view/view-records.js';
import { withChromium } from '../fixtures/chromium.js';
import { addHostileRun, HOSTILE } from '../fixtures/hostile-results.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

const address = (page: string, query: Record<string, string>): string =>
  `#/${page}?${new URLSearchParams(query).toString()}`;

const FOCUSABLE = 'a[href], :is(button, input, select, textarea):not(:disabled), summary, [tabindex="0"]';
/** Marks what has the focus, and returns how that shows. */
const OUTLINE = `(() => {
  const reached = document.activeElement;
  reached.dataset.reached = 'yes';
  const { outlineStyle, outlineWidth } = getComputedStyle(reached);
  return outlineStyle + ' ' + outlineWidth;
})()`;
/** A few judgments. */
const FEW = { kind: 'held-out', iteration: [0] };

withChromium('every page of the view, of a run with hostile texts', (open) => {
  let results: ViewedResults;
  let run: string;
  let row: string;
  let filesBefore: Record<string, string>;
  before(async () => {
    results = await viewedResults();
    run = await addHostileRun(results);
    filesBefore = await filesOf(results.folder);
    const filter = { kind: 'training' };
    const found = await results.json<FilteredJudgments>('api/judgments', { run, filter, limit: 1 });
    row = String(found.judgments[0]?.row);
    for (const [name, page] of Object.entries(SHARED)) await share(name, page());
  });
  after(() => results.close());

  const queue = (reviewer: string): string =>
    address('review', { run, stage: 'generate', items: '3', reviewer });
  const review = (reviewer: string) => JSON.stringify({ run, stage: 'generate', nItems: 3, reviewer });

  /** Files that are shared: their place, and what its page has asked. */
  const SHARED = {
    judgments: () => ({
      hash: address('judgments', { run, row }),
      requests: [
        { path: `api/judgment?run=${encodeURIComponent(run)}&row=${row}` },
        { path: 'api/judgments', body: JSON.stringify({ run, filter: FEW }) },
      ],
    }),
    compare: () => ({
      hash: address('compare', { a: `${run}@0`, b: `${run}@2`, row: '0' }),
      requests: [
        {
          path: 'api/compare',
          body: JSON.stringify({
            a: { run, iteration: 0 },
            b: { run, iteration: 2 },
            filter: {},
            offset: 0,
            limit: 100,
          }),
        },
      ],
    }),
    runs: () => ({ hash: '#/', requests: [{ path: 'api/runs' }] }),
    review: () => ({ hash: queue(HOSTILE), requests: [{ path: 'api/review', body: review(HOSTILE) }] }),
  };
  const fileOf = (name: string): string => join(results.folder, `${name}.html`);
  async function share(name: string, body: object): Promise<void> {
    const asked = new URL('api/share', results.view.address);
    const response = await fetch(asked, { method: 'POST', body: JSON.stringify(body) });
    await writeFile(fileOf(name), await response.text());
  }
  const shared = (name: string) => () => pathToFileURL(fileOf(name)).href;

  /** Every page, and a text that it shows once it is drawn. */
  const PLACES: Record<string, { place: () => string; shows: string | RegExp }> = {
    runs: { place: () => '#/', shows: /\d of \d/ },
    judgments: {
      place: () => address('judgments', { run, filter: JSON.stringify(FEW) }),
      shows: /\d+ of \d+ judgments/,
    },
    'no judgment': {
      place: () => address('judgments', { run, filter: '{"slice":["none"]}' }),
      shows: 'None passes',
    },
    'a judgment': {
      place: () => address('judgments', { run, row, filter: JSON.stringify(FEW) }),
      shows: 'Prompt as sent',
    },
    'the beginning of a review': { place: () => address('review', { run }), shows: 'Your name' },
    'a question': { place: () => queue('ann'), shows: 'Which response' },
    'an answered question': { place: () => queue(HOSTILE), shows: '1 of 3' },
    'shared judgments': { place: shared('judgments'), shows: 'Prompt as sent' },
    'shared runs': { place: shared('runs'), shows: /\d of \d/ },
    'a shared review': { place: shared('review'), shows: 'Answer: B' },
    'a comparison': {
      place: () => address('compare', { a: `${run}@0`, b: `${run}@2`, row: '0' }),
      shows: 'all judgments of this pair',
    },
    'a shared comparison': { place: shared('compare'), shows: 'Judge 1' },
    report: { place: () => `report?${new URLSearchParams({ run }).toString()}`, shows: /Reproduc/ },
  };

  for (const [name, { place, shows }] of Object.entries(PLACES)) {
    it(`${name}: axe finds nothing, no width cuts it off, and no text of it runs`, async () => {
      const url = new URL(place(), results.view.address).href;
      const { page, complaints } = await open(url, { viewport: { width: 390, height: 844 } });
      await page.getByText(shows).first().waitFor();
      assert.deepEqual(await violations(page), [], 'light and narrow');
      for (const width of [768, 1280, 1920, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const widest = await page.evaluate<number>('document.documentElement.scrollWidth');
        assert.ok(widest <= width, `${widest} px in a window of ${width} px`);
      }
      await page.setViewportSize({ width: 1920, height: 1000 });
      await page.emulateMedia({ colorScheme: 'dark' });
      assert.deepEqual(await violations(page), [], 'dark and wide');
      assert.notEqual(await page.title(), 'broken');
      const { origin } = new URL(results.view.address);
      const others = complaints.filter(
        (each) => !each.startsWith(`asks for ${origin}/`) || url.startsWith('file:'),
      );
      assert.deepEqual(others, []);
      await page.close();
    });
  }

  it('the keyboard reaches everything, and shows where it is', async () => {
    for (const [place, shows] of [
      ['#/', /\d of \d/],
      [queue('ann'), 'Which response'],
    ] as const) {
      const { page } = await open(new URL(place, results.view.address).href);
      await page.getByText(shows).first().waitFor();
      const nAll = await page.evaluate<number>(
        `[...document.querySelectorAll(${JSON.stringify(FOCUSABLE)})].filter((each) => each.checkVisibility()).length`,
      );
      assert.ok(nAll > 5);
      for (let i = 0; i < nAll; i++) {
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate<string>(OUTLINE), 'solid 2px');
      }
      assert.equal(await page.locator('[data-reached]').count(), nAll);
    }
  });

  it('looking at all of them has changed no file of a run, and added none but reviews', async () => {
    const files = await filesOf(results.folder);
    assert.ok(Object.keys(files).length > 20);
    assert.deepEqual(files, filesBefore);
  });
});

/** The hash of every file of the runs by its path, without what people are asked and say. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const results = join(folder, 'results');
  const entries = await readdir(results, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = relative(results, join(entry.parentPath, entry.name));
    if (entry.isFile() && path.split(sep)[2] !== 'review')
      files[path] = createHash('sha256')
        .update(await readFile(join(results, path)))
        .digest('hex');
  }
  return files;
}

/** What axe finds, by rule and element. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<AxeResults>('axe.run(document)');
  return found.violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  );
}
