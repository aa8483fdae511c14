import assert from 'node:assert/strict';
import { join } from 'node:path';
import { compareInputs, readIterations } from '../../lib/src/experiment/index.js';
import { verdictScore } from '../../lib/src/schema/verdict.js';
import { STANDINGS, type ComparedJudges } from '../../lib/src/view/compare-records.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('a comparison of two judges in a view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  before(async () => {
    results = await viewedResults();
  });
  after(() => results.close());

  const compared = (a: object, b: object, more: object = {}): Promise<ComparedJudges & { error?: string }> =>
    results.json('api/compare', { a, b, ...more });
  const seedAndLast = (filter: object = {}, more: object = {}): Promise<ComparedJudges> =>
    compared({ run: results.name, iteration: 0 }, { run: results.name, iteration: 2 }, { filter, ...more });

  it('has the figures of autodidact compare', async () => {
    const report = await compareInputs([`${results.run}@0`, `${results.run}@2`], { seed: 1 });
    const { overall, bySlice } = await seedAndLast();
    const figures = (all: typeof bySlice) => all.map(({ judge: _, baseline: __, ...figure }) => figure);
    assert.deepEqual(figures([overall]), figures(report.overall));
    assert.deepEqual(figures(bySlice), figures(report.bySubset));
  });

  /** Every item of an iteration by its id, as its mean score over both orders; null where neither has a verdict. */
  async function scores(run: string, iteration: number) {
    const items = (await (await readIterations(run))[iteration]?.evaluation()) ?? [];
    return new Map(
      items.map(({ itemId, orders, ...about }) => {
        const known = orders.map(({ verdict, order }) => verdictScore(verdict, order));
        return [itemId, { ...about, known }];
      }),
    );
  }

  it('counts who is right where as the records say', async () => {
    const [before, after] = [await scores(results.run, 0), await scores(results.run, 2)];
    const counts = Object.fromEntries(STANDINGS.map((standing) => [standing, 0]));
    const differing: string[] = [];
    for (const [id, { known }] of before) {
      const pairs = known.map((score, i) => [score, after.get(id)?.known[i] ?? null]);
      const both = pairs.filter((pair): pair is [number, number] => !pair.includes(null));
      const means = [0, 1].map(
        (judge) => both.reduce((sum, pair) => sum + (pair[judge] ?? 0), 0) / both.length,
      );
      const words = means.map((mean) => (mean === 1 ? 'right' : mean === 0 ? 'wrong' : 'partly')).join('/');
      const standing = both.length === 0 ? 'no verdict' : words;
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
    assert.deepEqual([nCompared, found.nAll - nCompared], [found.overall.n, found.overall.unscored]);
    for (const { difference, a: of, b: with_ } of found.items)
      assert.ok(difference !== 0 && of.length === 2 && with_.length === 2);
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
});
