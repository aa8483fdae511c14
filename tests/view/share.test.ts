import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MOST_BYTES, shareFile, withoutPlaces } from '../../lib/src/view/share-file.js';
import { sharedView } from '../../lib/src/view/share-view.js';
import type { FilteredJudgments, ReadingRequest, SharedCount } from '../../lib/src/view/view-records.js';
import { withChromium } from '../fixtures/chromium.js';
import { HOSTILE, viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('a shared view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  before(async () => {
    results = await viewedResults();
  });
  after(() => results.close());

  const at = new Date(0).toISOString();
  const share = async (body: object): Promise<{ file: string; counts: SharedCount[]; status: number }> => {
    const init = { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(new URL('api/share', results.view.address), init);
    const counts = JSON.parse(response.headers.get('x-autodidact-shared') ?? '[]') as SharedCount[];
    return { file: await response.text(), counts, status: response.status };
  };
  const listed = (run: string, filter: object, offset = 0): ReadingRequest => ({
    path: 'api/judgments',
    body: JSON.stringify({ run, filter, offset, limit: 100 }),
  });

  it('is made of requests that change nothing', async () => {
    for (const path of ['api/stop', 'api/answer', 'report?run=x', 'api/runs/../stop', '../api/runs']) {
      const { status, file } = await share({ hash: '#/', requests: [{ path, body: '{}' }] });
      assert.equal(status, 400, path);
      assert.match(file, /expected requests that change nothing/);
    }
    const wrong = await share({ hash: '#/', requests: [listed('small/none', {})] });
    assert.match(wrong.file, /one of those that are listed/);
  });

  it('names neither the address of the view nor a folder of this machine, and allows its own script alone', async () => {
    const requests = [{ path: 'api/runs' }, listed(results.name, { kind: 'held-out', iteration: [2] })];
    const { file } = await share({ hash: '#/', requests });
    const { host, pathname } = new URL(results.view.address);
    for (const secret of [host, pathname.slice(1, -1), results.folder, homedir(), process.cwd()])
      assert.ok(!file.includes(secret), secret);
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(file)?.[1] ?? '';
    assert.match(
      policy,
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; img-src data:;/,
    );
  });

  it('takes places out of what a machine said, and leaves what a model said', () => {
    const said = {
      lastError: "/home/ann/my runs/a.json: '/data/x y/b.jsonl' is not at http://10.0.0.1/v1/models",
    };
    assert.deepEqual(withoutPlaces(said, ['/home/ann/my runs', '/home/ann']), {
      lastError: "…/a.json: '…/x y/b.jsonl' is not at http://10.0.0.1/v1/models",
    });
    const judged = {
      judgment: 'see /usr/share/dict/words',
      source: { path: '/r/s/evaluation.jsonl' },
      run: 'a/b/c',
    };
    assert.deepEqual(withoutPlaces([judged], []), [{ ...judged, source: { path: '…/evaluation.jsonl' } }]);
  });

  it('holds at most as many bytes as it may, and counts what is left out', async () => {
    let text = '<é'.repeat(50_000);
    const judgment = (row: number) => ({
      row,
      texts: { judgment: text, responses: null, instruction: null },
    });
    const asked: string[] = [];
    const ask = ({ path, body = '{}' }: ReadingRequest): Promise<unknown> => {
      asked.push(path);
      if (path.startsWith('api/judgment?'))
        return Promise.resolve(judgment(Number(/row=(\d+)/.exec(path)?.[1])));
      const { offset, limit } = JSON.parse(body) as { offset: number; limit: number };
      const judgments = Array.from({ length: Math.min(limit, 1200 - offset) }, (_, i) => ({
        row: offset + i,
      }));
      return Promise.resolve({ judgments, total: 1200, isWhole: true, facets: {} });
    };
    const place = { hash: '#/judgments', requests: [listed('a/b', {}, 1100)] };
    const view = await sharedView(place, { ask, secrets: [], at });
    assert.ok(view.judgments);
    const nBytes = Buffer.byteLength(shareFile(view));
    assert.ok(nBytes <= MOST_BYTES && nBytes > MOST_BYTES - 500_000, String(nBytes));
    // The page that was shown comes first.
    assert.deepEqual(view.judgments.items.map(({ row }) => row).slice(0, 2), [1100, 1101]);
    const [count] = view.counts;
    assert.deepEqual(count, {
      what: 'judgments',
      n: view.judgments.items.length,
      of: 1200,
      isAtLeast: false,
    });
    text = 'short';
    const all = await sharedView(place, { ask, secrets: [], at, most: 1e9 });
    assert.equal(new Set(all.judgments?.items.map(({ row }) => row)).size, 1200);
    assert.equal(all.judgments?.items.length, 1200);
    const listedRuns = [{ kind: 'run' }, { kind: 'matrix' }, { kind: 'unreadable' }];
    const few = await sharedView(
      { hash: '#/', requests: [{ path: 'api/runs' }] },
      { ask: () => Promise.resolve(listedRuns), secrets: [], at },
    );
    assert.deepEqual(few.counts, [{ what: 'runs', n: 2, of: 2 }]);
    assert.deepEqual(Object.values(few.answers), [listedRuns]);
    const rows = Array.from({ length: 100 }, () => ({ state: '<é'.repeat(50_000) }));
    const runs = await sharedView(
      { hash: '#/', requests: [{ path: 'api/runs' }, { path: 'api/judgment?row=1' }] },
      {
        ask: ({ path }) => Promise.resolve(path === 'api/runs' ? rows : { text }),
        secrets: [],
        at,
        most: 1e6,
      },
    );
    const [{ n, of } = { n: 100, of: 0 }] = runs.counts;
    assert.equal(of, 100);
    assert.ok(n < 5);
  });

  withChromium('in a browser', (open) => {
    it('holds the items of a comparison that were shown, with figures, of how many, and no control that does nothing', async () => {
      const judges = {
        a: { run: results.name, iteration: 0 },
        b: { run: results.name, iteration: 2 },
      };
      const body = JSON.stringify({ ...judges, filter: {}, offset: 0, limit: 5 });
      const hash = `#/compare?${new URLSearchParams({ a: `${results.name}@0`, b: `${results.name}@2` }).toString()}`;
      // As the page asks but for the limit; its figures have not arrived.
      const { file, counts } = await share({ hash, requests: [{ path: 'api/compare', body }] });
      assert.deepEqual(counts, [
        { what: 'judgments', n: 20, of: 48, ofShown: { nItems: 5, nJudgments: 20 } },
      ]);
      const path = join(results.folder, 'compared.html');
      await writeFile(path, file.replace('\\"limit\\":5}', '\\"limit\\":100}'));
      const { page, complaints } = await open(pathToFileURL(path).href);
      await page
        .getByRole('note')
        .getByText('It holds 20 of 48 judgments: those of the 5 items shown.')
        .waitFor();
      await page.getByText('12 of 12 items').getByText('The file holds the items that were shown').waitFor();
      await page.getByRole('region', { name: 'Paired figures' }).waitFor();
      assert.equal(await page.locator('main').getByRole('link').count(), 5);
      assert.equal(await page.locator('main').locator('button, input, select').count(), 0);
      for (let i = 0; i < 5; i++) {
        await page.keyboard.press('j');
        await page.waitForURL(new RegExp(`row=${i}$`));
        await page.getByRole('region', { name: 'Judge 2' }).locator('.verdict').first().waitFor();
      }
      await page.keyboard.press('j');
      await page.getByRole('alert').getByText('The next items are not in this file').waitFor();
      assert.match(page.url(), /row=4$/);
      assert.deepEqual(complaints, []);
    });

    it('is saved by a button, then shows and filters its judgments without a network, a server or a control', async () => {
      const { page } = await open(`${results.view.address}#/judgments?run=small%2Fhostile`);
      await page.getByLabel(/^Kind(?! of)/).selectOption('held-out');
      await page.locator('p[aria-live]', { hasText: /^72 of / }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'share' }).click(),
      ]);
      assert.equal(download.suggestedFilename(), 'autodidact-judgments-small-hostile.html');
      await page.getByRole('status').getByText('all 72 judgments').waitFor();
      const path = join(results.folder, 'shared.html');
      await download.saveAs(path);
      assert.ok(!(await readFile(path, 'utf8')).includes(results.name));
      const place = (filter: object): string =>
        `#/judgments?${new URLSearchParams({ run: 'small/hostile', filter: JSON.stringify(filter) }).toString()}`;
      const totals = new Map<string, number>();
      for (const filter of [
        { outcome: ['wrong'], order: 'loser-first' },
        { sinceSeed: ['same'], iteration: [1, 2] },
        { mostWinnerVotes: 0.5, verdict: ['A'] },
        { bothOrders: ['both right'], text: '[[A' },
      ]) {
        const query = { run: 'small/hostile', filter: { ...filter, kind: 'held-out' } };
        const found = await results.json<FilteredJudgments>('api/judgments', { ...query, limit: 500 });
        assert.ok(found.total > 0 && found.total < 72);
        totals.set(place(query.filter), found.total);
      }
      await results.view.close();

      const { page: file, complaints } = await open(pathToFileURL(path).href);
      const shows = (n: number) =>
        file.locator('p[aria-live]', { hasText: new RegExp(`^${n} of 72 `) }).waitFor();
      await shows(72);
      await file.getByRole('note').getByText('It holds all 72 judgments').waitFor();
      for (const [hash, total] of totals) {
        await file.evaluate<unknown>(`location.hash = ${JSON.stringify(hash)}`);
        await shows(total);
      }
      await file.evaluate<unknown>(`location.hash = ${JSON.stringify(place({}))}`);
      await shows(72);
      await file.getByLabel('Slice').selectOption(HOSTILE);
      await shows(2);
      await file.getByRole('heading', { level: 1 }).click();
      await file.keyboard.press('j');
      await file.getByRole('article').getByText(HOSTILE).first().waitFor();
      await file.getByText('Prompt as sent').click();
      await file.getByLabel('Text').fill('no such words');
      await file.keyboard.press('Enter');
      await shows(0);
      assert.equal(await file.getByRole('button', { name: /share|stop|review|begin/ }).count(), 0);
      await file.evaluate<unknown>("location.hash = '#/review?run=small%2Fhostile'");
      await file.getByText('only what was shared').waitFor();
      assert.equal(await file.title(), 'Review small/hostile - Autodidact: a shared view');
      assert.deepEqual(complaints, []);
    });
  });
});
