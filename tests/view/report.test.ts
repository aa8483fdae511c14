import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import { makeReport } from '../../lib/src/experiment/index.js';
import {
  biasTable,
  documentToHtml,
  groupTable,
  iterationTable,
  voteTable,
  type Table,
} from '../../lib/src/report/index.js';
import type { EvaluatedItem, IterationMetrics, Verdict } from '../../lib/src/schema/index.js';
import type { CountedJudgments } from '../../lib/src/schema/judgment-filter.js';
import type { FilteredJudgments } from '../../lib/src/view/view-records.js';
import { until } from '../fixtures/until.js';
import { withChromium } from '../fixtures/chromium.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

const VERDICTS: readonly Verdict[] = [
  { kind: 'A' },
  { kind: 'B' },
  { kind: 'tie' },
  { kind: 'unparsed', reason: 'no-marker' },
  { kind: 'A' },
];

/** Items with every pair of verdicts, of two slices, one of which has the name of the other with a kind of error; some in one order alone. */
function mixedItems(iteration: number): EvaluatedItem[] {
  return Array.from({ length: 60 }, (_, i): EvaluatedItem => {
    const verdictAt = (shift: number): Verdict =>
      VERDICTS[(i * (shift + 1) + iteration) % 5] ?? { kind: 'A' };
    const votes = i % 4 === 0 ? {} : { votes: { A: i % 3, B: 1, tie: i % 2, unparsed: 2 - (i % 3) } };
    const orders = [
      { order: 'winner-first' as const, text: 'x', verdict: verdictAt(0), ...votes },
      { order: 'loser-first' as const, text: 'x', verdict: verdictAt(Math.floor(i / 5)), ...votes },
    ];
    return {
      itemId: `i${i}`,
      slice: i % 3 === 0 ? 'math' : 'chat',
      errorKind: i % 2 === 0 ? 'off by/one' : 'other',
      ...(i % 7 === 0 ? { goldTie: true } : {}),
      orders: i % 10 === 9 ? orders.slice(0, 1) : orders,
    };
  });
}

describe('a report in the view', function () {
  this.timeout(60_000);
  let results: ViewedResults;
  before(async () => {
    results = await viewedResults();
  });
  after(() => results.close());

  const listed = async (run: string, { filter }: Pick<CountedJudgments, 'filter'>): Promise<number> =>
    (await results.json<FilteredJudgments>('api/judgments', { run, filter, limit: 1 })).total;

  /** The judgments that words begin with, as those of a link do. */
  const numberIn = (words: string): number => Number(/^[\d,]+/.exec(words)?.[0].replaceAll(',', ''));

  it('leads from every figure to as many judgments as it counts, whatever the verdicts are', async () => {
    await cp(results.run, join(results.folder, 'results', 'small', 'mixed'), { recursive: true });
    const iterations: IterationMetrics[] = [];
    for (const iteration of [0, 1, 2]) {
      const items = mixedItems(iteration);
      const lines = items.map((item) => `${JSON.stringify(item)}\n`).join('');
      const folder = join(results.folder, 'results', 'small', 'mixed', `iteration-${iteration}`);
      await writeFile(join(folder, 'evaluation.jsonl'), lines);
      // Two more items could not be judged: they are unscored, and have no judgment.
      const metrics = judgeMetrics(items, { nDropped: { 'request-failed': 2 } });
      iterations.push({ iteration, model: 'm', metrics, rule: 'strict' });
    }
    const found: Record<string, number> = {};
    for (const make of [iterationTable, groupTable, biasTable, voteTable]) {
      const table: Table = make(iterations);
      for (const [row, cells] of (table.counted ?? []).entries())
        for (const [column, judgments] of cells.entries()) {
          if (!judgments) continue;
          const about = `${table.rows[row]?.[0]} ${table.header[column]}: ${judgments.inWords}`;
          assert.equal(await listed('small/mixed', judgments), numberIn(judgments.inWords), about);
          if (table.header[column] === 'n' && !judgments.filter.bothOrders)
            assert.equal(table.rows[row]?.[column], String(numberIn(judgments.inWords)), about);
          found[make.name] = (found[make.name] ?? 0) + 1;
        }
    }
    // By row: accuracy, vote, both orders right, consistent, says A, n, unscored; seed, last, n, unscored of each; first shown wins, n; the
    // vote over all three samples, n.
    assert.deepEqual(found, { iterationTable: 3 * 7, groupTable: 6 * 5, biasTable: 3 * 2, voteTable: 3 * 2 });
  });

  /** The links of figures on a page, by what they say that they show. */
  function figuresOn(
    page: string,
  ): { shown: string; inWords: string; run: string; filter: CountedJudgments['filter'] }[] {
    const links = page.matchAll(
      /<a class="figure" href="\.\/#\/judgments\?([^"]*)" title="([^"]*)">([^<]*)</g,
    );
    return [...links].map(([, query = '', inWords = '', shown = '']) => {
      const asked = new URLSearchParams(query.replaceAll('&amp;', '&'));
      const filter = JSON.parse(asked.get('filter') ?? '{}') as CountedJudgments['filter'];
      return { shown, inWords, run: asked.get('run') ?? '', filter };
    });
  }

  const pageOf = async (path: string): Promise<{ status: number; page: string }> => {
    const response = await fetch(new URL(path, results.view.address));
    return { status: response.status, page: await response.text() };
  };

  it('of a run has links to the judgments of its summary, tables, stages and samples', async () => {
    const { page } = await pageOf(`report?run=${results.name}`);
    const links = figuresOn(page);
    assert.ok(links.length > 60);
    for (const { inWords, filter } of links) {
      const n = await listed(results.name, { filter });
      if (/^\d/.test(inWords)) assert.equal(n, numberIn(inWords), inWords);
      else assert.ok(n > 0 || inWords.startsWith('The verdicts, different'), inWords);
    }
    assert.equal(
      links.filter(({ inWords }) => inWords.startsWith('All judgments for the training')).length,
      2,
    );
    // The pair of a sample has two judgments of each of the three judges.
    const pair = links.find(({ shown }) => shown.startsWith('pair '));
    assert.equal(pair && (await listed(results.name, pair)), 6);
    const changed = links.find(
      ({ inWords }) => inWords === 'The verdicts, different from the seed’s, of iteration 2',
    );
    assert.deepEqual(changed?.filter.sinceSeed, ['became right', 'became wrong', 'other']);
  });

  it('of several runs leads to those of each, and one that cannot be made says why', async () => {
    const names = [results.name, 'small/mixed'];
    const { page } = await pageOf(`report?${names.map((name) => `run=${name}`).join('&')}`);
    assert.deepEqual([...new Set(figuresOn(page).map(({ run }) => run))], names);
    for (const { run, inWords, filter } of figuresOn(page))
      if (/^\d/.test(inWords) && run === results.name)
        assert.equal(await listed(run, { filter }), numberIn(inWords), inWords);
    const absent = await pageOf('report?run=small/absent');
    assert.equal(absent.status, 400);
    assert.match(absent.page, /expected one of[\s\S]*small\/absent/);
    assert.match(absent.page, /<a href="\.\/#\/">All runs/);
  });

  withChromium('in a browser', (open) => {
    const opened = (page: Page): Promise<string[]> =>
      page.locator('main > details[open] > summary').allInnerTexts();
    const shownSections = (page: Page): Promise<number> =>
      page.evaluate(
        '[...document.querySelectorAll("main > details > div")].filter((each) => each.checkVisibility({contentVisibilityAuto: true})).length',
      );

    it('is folded, and opens by contents, keyboard, address and on paper, with scripts or without', async () => {
      const document = await makeReport([results.run]);
      const file = join(results.folder, 'report.html');
      await writeFile(file, await documentToHtml(document));
      const url = pathToFileURL(file).href;
      for (const javaScriptEnabled of [true, false]) {
        const { page, complaints } = await open(url, { javaScriptEnabled });
        assert.deepEqual(await opened(page), ['Iterations']);
        await page.getByRole('navigation').getByRole('link', { name: 'Stages' }).click();
        assert.deepEqual(await opened(page), ['Iterations', 'Stages']);
        await page.getByRole('navigation').getByRole('link', { name: 'Cost' }).press('Enter');
        assert.deepEqual(await opened(page), ['Iterations', 'Stages', 'Cost']);
        await page.locator('summary', { hasText: 'Cost' }).press('Enter');
        assert.deepEqual(await opened(page), ['Iterations', 'Stages']);
        assert.equal(await page.locator('a.figure').count(), 0);
        await page.emulateMedia({ media: 'print' });
        // A section that has just been closed is laid out again with the next frame.
        await until(async () => (await shownSections(page)) === document.sections.length);
        await page.emulateMedia({ media: 'screen' });
        await until(async () => (await shownSections(page)) === 2);
        await page.goto('about:blank');
        await page.goto(`${url}#reproduce`);
        assert.deepEqual(await opened(page), ['Iterations', 'Reproduce']);
        if (javaScriptEnabled) {
          await page.getByRole('button', { name: 'Open all' }).click();
          assert.equal((await opened(page)).length, document.sections.length);
          await page.getByRole('button', { name: 'Close all' }).click();
          assert.deepEqual(await opened(page), []);
        }
        assert.deepEqual(complaints, []);
        await page.close();
      }
    });

    it('takes a reader from a figure to its judgments and back', async () => {
      const { page } = await open(`${results.view.address}report?run=${results.name}`);
      const [last] = (await page.locator('#iterations tbody tr').all()).slice(-1);
      const n = last?.locator('td a').last();
      const words = (await n?.getAttribute('title')) ?? '';
      await n?.click();
      await page.getByText(`${numberIn(words)} of `).waitFor();
      assert.match(decodeURIComponent(page.url()), /"kind":"held-out","iteration":\[2\]/);
      await page.goBack();
      await page.getByRole('link', { name: 'Judgments', exact: true }).click();
      await page.getByRole('heading', { name: 'Judgments' }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: 'Review', exact: true }).click();
      await page.getByLabel('Your name').waitFor();
    });
  });
});
