import assert from 'node:assert/strict';
import { cp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareInputs, readBenchmark, readIterations } from '../../lib/src/experiment/index.js';
import type { EvaluatedItem } from '../../lib/src/schema/evaluation.js';
import { verdictScore, type Verdict } from '../../lib/src/schema/verdict.js';
import { STANDINGS, type ComparedFigures, type ComparedJudges } from '../../lib/src/view/compare-records.js';
import { OpenRuns } from '../../lib/src/view/open-runs.js';
import { pairedFigures } from '../../lib/src/view/paired-figures.js';
import type { FilteredJudgments, WholeJudgment } from '../../lib/src/view/view-records.js';
import { withChromium } from '../fixtures/chromium.js';
import { HOSTILE, viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

/** As if a run had been measured on a file, in which two pairs have other texts now. */
async function giveOtherTexts(run: string): Promise<void> {
  const items = [...(await readBenchmark(run)).values()];
  const path = join(run, '..', '..', '..', 'pairs.jsonl');
  const others = items.map((item, i) => JSON.stringify(i < 2 ? { ...item, loser: 'something else' } : item));
  await writeFile(path, others.join('\n'));
  const config = join(run, 'config.json');
  const settings = JSON.parse(await readFile(config, 'utf8')) as { evaluate: { benchmark: object } };
  settings.evaluate.benchmark = { source: 'jsonl', path };
  await writeFile(config, JSON.stringify(settings));
  await rm(join(run, 'manifest.json'));
}

/** Gives one pair no better response, and after the seed turns, ties and takes away verdicts, and leaves the last item out. */
async function changeVerdicts(run: string): Promise<void> {
  const none: Verdict = { kind: 'unparsed', reason: 'no-marker' };
  const tie: Verdict = { kind: 'tie' };
  // Of both orders, the winner first in the first; null: as it is.
  const changed: readonly (readonly [Verdict | null, Verdict | null])[] = [
    [{ kind: 'A' }, { kind: 'B' }],
    [{ kind: 'B' }, { kind: 'A' }],
    [none, none],
    [tie, null],
    [null, none],
    [{ kind: 'A' }, { kind: 'A' }],
    [tie, tie],
  ];
  for (const iteration of [0, 2]) {
    const file = join(run, `iteration-${iteration}`, 'evaluation.jsonl');
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const items = lines.map((line) => JSON.parse(line) as EvaluatedItem);
    Object.assign(items[6] ?? {}, { goldTie: true });
    if (iteration === 2) {
      items.pop();
      for (const [item, verdicts] of changed.entries())
        items[item]?.orders.forEach((judged, i) => (judged.verdict = verdicts[i] ?? judged.verdict));
    }
    await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  }
}

describe('a comparison of two judges in a view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  /** The folder of a copy with other verdicts of iteration 2. */
  let turned: string;
  before(async () => {
    results = await viewedResults();
    turned = await copyOf('turned');
    await changeVerdicts(turned);
    await giveOtherTexts(await copyOf('other'));
  });
  after(() => results.close());

  const compared = (a: object, b: object, more: object = {}): Promise<ComparedJudges & { error?: string }> =>
    results.json('api/compare', { a, b, ...more });
  const figuresOf = (a: object, b: object): Promise<ComparedFigures> =>
    results.json('api/compare-figures', { a, b });
  const lastTwo = [
    { run: 'small/turned', iteration: 0 },
    { run: 'small/turned', iteration: 2 },
  ] as const;
  const seedAndLast = (filter: object = {}, more: object = {}): Promise<ComparedJudges> =>
    compared(...lastTwo, { filter, ...more });

  async function copyOf(name: string): Promise<string> {
    const folder = join(results.folder, 'results', 'small', name);
    await cp(results.run, folder, { recursive: true });
    return folder;
  }

  it('has the figures of autodidact compare', async () => {
    const report = await compareInputs([`${turned}@0`, `${turned}@2`], { seed: 1 });
    const { overall, bySlice } = await figuresOf(...lastTwo);
    const figures = (all: typeof bySlice) => all.map((figure) => ({ ...figure, judge: '', baseline: '' }));
    assert.deepEqual(figures([overall]), figures(report.overall));
    assert.deepEqual(figures(bySlice), figures(report.bySubset));
  });

  /** Every item of an iteration by its id, as its mean score over both orders; null where neither has a verdict. */
  async function scores(run: string, iteration: number) {
    const items = (await (await readIterations(run))[iteration]?.evaluation()) ?? [];
    return new Map(
      items.map(({ itemId, orders, ...about }) => {
        const known = orders.map(({ verdict, order }) =>
          about.goldTie && verdict.kind !== 'unparsed'
            ? Number(verdict.kind === 'tie')
            : verdictScore(verdict, order),
        );
        return [itemId, { ...about, known }];
      }),
    );
  }

  it('counts who is right where as the records say', async () => {
    const [before, after] = [await scores(turned, 0), await scores(turned, 2)];
    const counts = Object.fromEntries(STANDINGS.map((standing) => [standing, 0]));
    const differing: string[] = [];
    for (const [id, { known }] of before) {
      const pairs = known.map((score, i) => [score, after.get(id)?.known[i] ?? null]);
      const both = pairs.filter((pair): pair is [number, number] => !pair.includes(null));
      const means = [0, 1].map(
        (judge) => both.reduce((sum, pair) => sum + (pair[judge] ?? 0), 0) / both.length,
      );
      const words = means.map((mean) => (mean === 1 ? 'right' : mean === 0 ? 'wrong' : 'partly')).join('/');
      const standing = !after.has(id) ? 'only a' : both.length === 0 ? 'no verdict' : words;
      counts[standing] = (counts[standing] ?? 0) + 1;
      if (both.length > 0 && means[0] !== means[1]) differing.push(id);
    }
    const found = await seedAndLast({ who: 'differ' }, { limit: 500 });
    const { differ, 'a better': a, 'b better': b, ...standings } = found.counts;
    assert.deepEqual(standings, counts);
    assert.equal(a + b, differ);
    assert.ok(differ > 0);
    assert.deepEqual(
      found.items.map(({ subject }) => subject.id),
      differing,
    );
    const nCompared = STANDINGS.filter((standing) => standing.includes('/')).reduce(
      (sum, standing) => sum + found.counts[standing],
      0,
    );
    const { overall } = await figuresOf(...lastTwo);
    assert.deepEqual([nCompared, found.nAll - nCompared], [overall.n, overall.unscored]);
    for (const { difference, a: of, b: with_ } of found.items)
      assert.ok(difference !== 0 && of.length === 2 && with_.length === 2);
  });

  it('counts a tie as right where neither response is better', async () => {
    const { items } = await seedAndLast({ who: 'wrong/right' });
    const tied = items.filter(({ b }) => b.every(({ verdict }) => verdict === 'tie'));
    assert.deepEqual(
      tied.map(({ a, b }) => [...a, ...b].map(({ outcome }) => outcome)),
      [['wrong', 'wrong', 'right', 'right']],
    );
  });

  it('filters by slice, kind of error and one standing, and pages without loss or repetition', async () => {
    const all = await seedAndLast({}, { limit: 500 });
    const [chosen] = all.items.filter(({ standing }) => standing.includes('/'));
    const { standing = 'right/right', subject } = chosen ?? {};
    const filter = { slice: subject?.slice, errorKind: subject?.errorKind, who: standing };
    const expected = all.items.filter(
      (item) =>
        item.standing === standing &&
        item.subject.slice === subject?.slice &&
        item.subject.errorKind === subject.errorKind,
    );
    const items: ComparedJudges['items'] = [];
    for (let offset = 0; ; offset += 2) {
      const page = await seedAndLast(filter, { offset, limit: 2 });
      items.push(...page.items);
      assert.equal(page.counts[standing], page.total);
      if (items.length >= page.total) break;
    }
    assert.deepEqual(items, expected);
  });

  it('finds words in the judgments of either judge', async () => {
    const judges = [
      { run: results.name, iteration: 2 },
      { run: 'small/hostile', iteration: 2 },
    ] as const;
    const { items, isWhole } = await compared(...judges, { filter: { text: 'ONERROR=' } });
    assert.ok(isWhole);
    assert.deepEqual(
      items.map(({ standing }) => standing),
      ['only b'],
    );
    const { error } = await compared(judges[0], judges[0]);
    assert.match(error ?? '', /expected two judges/);
    assert.match((await compared(judges[0], { ...judges[0], iteration: 9 })).error ?? '', /0, 1, 2/);
  });

  it('leaves out items of one id with different texts, and says where texts could not be compared', async () => {
    const judges = [
      { run: results.name, iteration: 1 },
      { run: 'small/other', iteration: 2 },
    ] as const;
    const { counts, texts } = await compared(...judges);
    const { overall } = await figuresOf(...judges);
    assert.deepEqual(texts, { areCompared: true, problem: null });
    assert.equal(counts['other texts'], 2);
    assert.equal(overall.n + overall.unscored, 10);
    await rm(join(results.folder, 'pairs.jsonl'));
    // A benchmark that was read stays in memory; the other way round it is read again.
    const written = join(results.folder, 'results', 'small', 'other', 'iteration-2', 'manifest.json');
    await utimes(written, new Date(), new Date('2100-01-01'));
    const later = await compared(...judges);
    assert.match(later.texts.problem ?? '', /pairs\.jsonl/);
    assert.equal(later.counts['other texts'], 0);
    const { overall: whole } = await figuresOf(...judges);
    assert.equal(whole.n + whole.unscored, 12);
  });

  it('is computed anew where an evaluation was written, and not where a run says how far it is', async () => {
    const folder = await copyOf('at-work');
    const runs = new OpenRuns(join(results.folder, 'results'));
    const opened = await runs.open('small/at-work');
    const status = join(folder, 'status.json');
    const said = JSON.parse(await readFile(status, 'utf8')) as object;
    await writeFile(status, JSON.stringify({ ...said, updatedAt: '2100-01-01T00:00:00.000Z' }));
    assert.equal(await runs.open('small/at-work'), opened);
    await utimes(join(folder, 'iteration-1', 'manifest.json'), new Date(), new Date('2100-01-01'));
    assert.notEqual(await runs.open('small/at-work'), opened);
  });

  it('has the same figures from a thread of its own', async () => {
    const judges = [0, 2].map((iteration) => ({
      input: `${turned}@${iteration}`,
      benchmark: undefined,
      name: `turned@${iteration}`,
    }));
    const task = { judges, without: ['nothing has this id'] };
    assert.deepEqual(await pairedFigures(task, Infinity), await pairedFigures(task, 0));
  });

  it('estimates tokens and cost of a judgment, whose sum is what the stage used', async () => {
    const file = join(await copyOf('priced'), 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as object;
    const price = { inputUsdPerMillion: 2, outputUsdPerMillion: 10, batchShare: 0.5 };
    await writeFile(file, JSON.stringify({ ...config, prices: { '*': price } }));
    const stage = (await readIterations(turned))[1]?.manifest.stages.find((each) => each.stage === 'judge');
    const used = stage?.usage ?? assert.fail();
    const filter = { kind: 'training', iteration: [1] };
    const { judgments } = await results.json<FilteredJudgments>('api/judgments', {
      run: 'small/priced',
      filter,
      limit: 500,
    });
    const sum = { prompt: 0, completion: 0, costUsd: 0 };
    const ask = ({ row }: { row: number }): Promise<WholeJudgment> =>
      results.json(`api/judgment?run=small/priced&row=${row}`);
    for (const { usage } of await Promise.all(judgments.map(ask))) {
      assert.ok(usage);
      assert.deepEqual([usage.sharedBy, usage.nStage], [5, judgments.length]);
      sum.prompt += usage.promptTokens / usage.sharedBy;
      sum.completion += usage.completionTokens;
      sum.costUsd += usage.costUsd ?? NaN;
    }
    const near = (found: number, expected: number): void =>
      assert.ok(Math.abs(found / expected - 1) < 0.05, `${found} is not near ${expected}`);
    near(sum.prompt, used.promptTokens);
    near(sum.completion, used.completionTokens);
    near(sum.costUsd, (2 * used.promptTokens + 10 * used.completionTokens) / 1e6);
    const { row } = judgments[0] ?? {};
    const plain = await results.json<WholeJudgment>(`api/judgment?run=${results.name}&row=${row}`);
    assert.equal(plain.usage?.costUsd, null);
  });

  withChromium('of a comparison in a browser', (open) => {
    it('steps through the items that a cell counts by keyboard alone, and runs no text of a model', async () => {
      const query = new URLSearchParams({ a: `${results.name}@0`, b: 'small/hostile' });
      const { page, complaints } = await open(`${results.view.address}#/compare?${query.toString()}`);
      // A run alone means its last iteration.
      await page.getByRole('link', { name: /^only judge 2 was asked 1$/ }).click();
      await page.getByText('1 of 13 items').waitFor();
      assert.match(page.url(), /small%2Fhostile%402/);
      await page.keyboard.press('j');
      const second = page.getByRole('region', { name: 'Judge 2' });
      await second.getByText(HOSTILE).waitFor();
      await page.getByRole('region', { name: 'Judge 1' }).getByText('not asked in this order').waitFor();
      await page.getByRole('link', { name: 'only judge 2' }).click();
      await page.getByText('13 of 13 items').waitFor();
      const item = page.getByRole('article', { name: /^Item / });
      const idOf = async (): Promise<string> => (await item.getAttribute('aria-label')) ?? '';
      const stepTo = async (key: string, number: number): Promise<string> => {
        await page.keyboard.press(key);
        await page.waitForURL(new RegExp(`row=${number}(&|$)`));
        await item.and(page.locator('[aria-busy=false]')).waitFor();
        return idOf();
      };
      const first = await stepTo('j', 0);
      assert.notEqual(await stepTo('j', 1), first);
      assert.equal(await stepTo('k', 0), first);
      const verdict = second.locator('.judgment .verdict');
      await stepTo('j', 1);
      await verdict.getByText('A, right').waitFor();
      await page.keyboard.press('o');
      await page.locator('a[aria-current=true]', { hasText: 'loser-first' }).waitFor();
      await page.goto('about:blank');
      assert.deepEqual(
        complaints.filter((each) => !each.startsWith(`asks for ${new URL(results.view.address).origin}/`)),
        [],
      );
    });

    it('goes from page to page of judgments with j and k', async () => {
      const query = new URLSearchParams({ run: results.name, offset: '100' });
      const { page } = await open(`${results.view.address}#/judgments?${query.toString()}`);
      for (const [key, row] of [
        ['j', 100],
        ['k', 99],
        ['k', 98],
        ['j', 99],
        ['j', 100],
      ] as const) {
        await page
          .locator('p[aria-live]', { hasText: row < 100 && key === 'j' ? '1 to' : 'of 512' })
          .waitFor();
        await page.keyboard.press(key);
        await page.waitForURL(new RegExp(`row=${row}(&|$)`));
      }
      await page.getByRole('link', { name: 'compare iteration 2 with the seed' }).click();
      await page.getByRole('region', { name: 'Paired figures' }).waitFor();
    });
  });
});
