import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { viewedResults } from './fixtures/viewed-results.js';
const r = await viewedResults();
const file = join(r.folder, 'results/small/hostile/iteration-2/evaluation.jsonl');
const items = (await readFile(file, 'utf8')).trim().split('\n').map((l) => JSON.parse(l));
for (const i of [2, 3, 5]) for (const o of items[i].orders) o.verdict = { kind: o.verdict.kind === 'A' ? 'B' : 'A' };
items[4].orders[0].verdict = { kind: 'tie' };
for (const o of items[6].orders) { o.verdict = { kind: 'unparsed', reason: 'no-marker' }; }
items[2].orders[0].text = 'A long thought. '.repeat(40) + '\n' + items[2].orders[0].text;
await writeFile(file, items.map((l) => JSON.stringify(l) + '\n').join(''));
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const scheme of ['light', 'dark'] as const)
  for (const width of [390, 1280]) {
    const page = await browser.newPage({ colorScheme: scheme, viewport: { width, height: 900 } });
    page.on('console', (m) => console.log(m.text()));
    page.on('pageerror', (m) => console.log('ERR', m.message));
    const q = new URLSearchParams({ a: `${r.name}@0`, b: 'small/hostile@2', row: '2' });
    await page.goto(`${r.view.address}#/compare?${q}`);
    await page.getByRole('article').getByText('Judgment:').first().waitFor();
    console.log(scheme, width, await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]));
    await page.screenshot({ path: `/tmp/cmp-${scheme}-${width}.png`, fullPage: true });
    await page.goto(`${r.view.address}#/judgments?run=${encodeURIComponent(r.name)}`);
    await page.getByRole('link', { name: 'item-' }).first().waitFor();
    await page.keyboard.press('j');
    await page.getByRole('article').getByText('Judgment:').first().waitFor();
    await page.screenshot({ path: `/tmp/jud-${scheme}-${width}.png`, fullPage: true });
    await page.close();
  }
await browser.close();
await r.close();
