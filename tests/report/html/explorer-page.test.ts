import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Locator, Page } from 'playwright-core';
import { documentToHtml, matrixDocument, tableBlock } from '../../../lib/src/report/index.js';
import type { MatrixReport } from '../../../lib/src/schema/matrix.js';
import { withChromium, type OpenedPage } from '../../fixtures/chromium.js';
import { gridReportOf } from '../../fixtures/matrix-report.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const EVIL = `</script><img src=x onerror="alert(1)">`;

withChromium('the explorer on the page of a matrix', (open) => {
  const opened = (
    report: MatrixReport,
    options: { width?: number; javaScriptEnabled?: boolean },
    look: (page: OpenedPage) => Promise<void>,
  ): Promise<void> =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'report.html');
      await writeFile(path, await documentToHtml(matrixDocument(report)));
      const { width = 1000, javaScriptEnabled = true } = options;
      const url = pathToFileURL(path).href;
      await look(
        await open(url, { viewport: { width, height: 900 }, javaScriptEnabled, colorScheme: 'dark' }),
      );
    });
  const N = { name: 'N', labels: ['1', '5', '15'] };

  it('follows its controls, from the keyboard, on a narrow page, and complains of nothing', () =>
    opened(
      gridReportOf([N, { name: 'filter', labels: ['on', 'off', 'other'] }], { nSeeds: 2 }),
      { width: 390 },
      async ({ page, complaints }) => {
        // Nine arms: it opens with those that differ from the baseline in N alone.
        await rows(page).nth(1).waitFor();
        assert.deepEqual(await words(page, 'words_left'), ['N=5', 'N=15']);
        await control(page, 'filter').focus();
        await page.keyboard.press('ArrowUp');
        // The drawing grows with its rows: no other part of the page lies over the last of them.
        await rows(page).nth(7).hover({ timeout: 10_000 });
        await control(page, 'loop seed').selectOption({ label: '1' });
        // With this seed N=5, filter=on has 0.6 + 0.03 * 3, the baseline 0.6 + 0.02; the fixture gives the interval and p.
        await page.getByText('+7.0 [+2.0, +12.0], p 0.500').waitFor();
        await control(page, 'N').selectOption({ label: '5' });
        await rows(page).nth(3).waitFor({ state: 'detached' });
        assert.deepEqual(await words(page, 'words_left'), ['filter=on', 'filter=off', 'filter=other']);
        await rows(page).first().hover();
        const tooltip = await page.locator('#vg-tooltip-element').innerText();
        assert.match(tooltip, /loop seed 1; items: 10, unscored: 0/);
        assert.ok(await page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'));
        assert.deepEqual(complaints, []);
      },
    ));

  it('lets the names of a table wrap on a narrow page, and its figures stay in sight', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'report.html');
      const rows = [['the response with more words of the instruction than the other', '62.5 [60.1, 64.9]']];
      const table = { header: ['trivial judge chooses', '%'], rows };
      const document = { title: 'narrow', lead: [], sections: [{ title: 'one', blocks: tableBlock(table) }] };
      await writeFile(path, await documentToHtml(document));
      const { page } = await open(pathToFileURL(path).href, { viewport: { width: 390, height: 800 } });
      const box = await page.locator('tbody td').boundingBox();
      assert.ok(box && box.x + box.width <= 390, JSON.stringify(box));
    }));

  it('shows a picture of every arm where no script runs', () =>
    opened(gridReportOf([N], { nSeeds: 2 }), { javaScriptEnabled: false }, async ({ page }) => {
      assert.equal(await page.locator('#chart-arms select').count(), 0);
      for (const label of N.labels)
        await page.locator('#chart-arms svg').getByText(`N=${label}`, { exact: true }).waitFor();
    }));

  it('shows hostile names as text', () =>
    opened(
      gridReportOf([{ name: EVIL, labels: ['a', EVIL] }], { nSeeds: 1 }),
      {},
      async ({ page, complaints }) => {
        await control(page, EVIL).selectOption({ label: EVIL });
        await rows(page).first().hover();
        assert.match(await page.locator('#vg-tooltip-element').innerText(), /<img src=x/);
        assert.equal(await page.locator('img').count(), 0);
        assert.deepEqual(complaints, []);
      },
    ));
});

function control(page: Page, name: string): Locator {
  return page.locator('#chart-arms').getByRole('combobox', { name, exact: true });
}

/** The points of the differences. */
function rows(page: Page): Locator {
  return page.locator('#chart-arms .mark-symbol path[aria-label*="paired over"]');
}

function words(page: Page, name: string): Promise<string[]> {
  return page.locator(`#chart-arms [class*="${name}"] text`).allTextContents();
}
