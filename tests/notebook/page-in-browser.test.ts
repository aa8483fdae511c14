// The page of a notebook as a browser shows it, on a phone and in the dark. Where there is no Chromium a line says so.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import type { TopLevelSpec } from 'vega-lite';
import { cellSpec, VEGA_LITE_MIME_TYPE } from '../../lib/src/chart/index.js';
import { renderNotebook } from '../../lib/src/notebook/index.js';
import { curvesSpec } from '../../lib/src/report/index.js';
import { code, displayed, markdown, notebookOf } from './notebook-of.js';

const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path !== '' && existsSync(path),
);
const titles = Array.from({ length: 12 }, (_, i) => `column ${i}`);
const table = `<table><thead><tr>${titles.map((title) => `<th>${title}</th>`).join('')}</tr></thead>
<tbody><tr>${titles.map(() => '<td>64.3 [57.6, 70.4]</td>').join('')}</tr></tbody></table>`;
const spec: TopLevelSpec = {
  ...curvesSpec([], { title: 'Accuracy' }),
  data: {
    values: [0, 1].map((iteration) => ({ run: 'a', iteration, value: 0.6, low: 0.5, high: 0.7, n: 9 })),
  },
};

type FiveNumbers = [number, number, number, number, number];

if (executablePath === undefined) {
  process.stderr.write('not run, since there is no Chromium: the page of a notebook in a browser\n');
} else {
  describe('the page of a notebook in a browser', function () {
    this.timeout(60_000);
    let browser: Browser;
    let html: string;
    before(async () => {
      const outputs = [
        displayed({ 'text/html': table }),
        displayed({ [VEGA_LITE_MIME_TYPE]: cellSpec(spec) }),
      ];
      const notebook = notebookOf(
        markdown('# A page'),
        code('showTable(wide); await showChart(wider);', outputs),
      );
      html = await renderNotebook(notebook, { title: 'page' });
      browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    });
    after(() => browser.close());

    async function opened(options: { width: number; colorScheme: 'light' | 'dark' }): Promise<Page> {
      const { width, colorScheme } = options;
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      await page.setContent(html);
      await page.waitForFunction('[...document.images].every((image) => image.complete)');
      return page;
    }

    it('fits a phone: wide tables scroll by themselves, their figures unbroken, and charts are shown whole', async () => {
      const page = await opened({ width: 390, colorScheme: 'light' });
      const [pageWidth, imageRight, boxWidth, tableWidth, rowHeight] =
        await page.evaluate<FiveNumbers>(`(() => {
        const [image] = document.images;
        const table = document.querySelector('table');
        return [
          document.documentElement.scrollWidth,
          image.getBoundingClientRect().right,
          table.parentElement.clientWidth,
          table.scrollWidth,
          document.querySelector('td').clientHeight,
        ];
      })()`);
      assert.equal(pageWidth, 390);
      assert.ok(imageRight <= 390, `the chart ends at ${imageRight}`);
      assert.ok(boxWidth < 390 && tableWidth > boxWidth, `a table of ${tableWidth} in ${boxWidth}`);
      assert.ok(rowHeight < 40, `a row of ${rowHeight} pixels has more than one line`);
    });

    it('has dark charts in the dark: light letters on nothing', async () => {
      /** Of the picture: whether its corner is clear, and the lightest and darkest of its opaque pixels, from 0 to 255. */
      const look = `(() => {
        const [image] = document.images;
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
        const greens = [];
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) greens.push(data[i + 1]);
        return [data[3], Math.max(...greens), Math.min(...greens)];
      })()`;
      const dark = await (
        await opened({ width: 1280, colorScheme: 'dark' })
      ).evaluate<[number, number, number]>(look);
      const light = await (
        await opened({ width: 1280, colorScheme: 'light' })
      ).evaluate<[number, number, number]>(look);
      assert.equal(dark[0], 0);
      assert.ok(dark[1] > 220, `the lightest pixel in the dark is ${dark[1]}`);
      assert.ok(light[2] < 40, `the darkest pixel in the light is ${light[2]}`);
    });
  });
}
