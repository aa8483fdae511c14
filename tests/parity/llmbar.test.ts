// Every recorded judgment of LLMBar's six judges (github.com/princeton-nlp/LLMBar at 900616b), read from its raw text again, against the
// figures that its authors published in statistics.json.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { cohensKappa } from '../../lib/src/core/statistics/agreement.js';
import { benchmarkNamed, Scorer } from '../../lib/src/evaluate/index.js';
import type { Score, ScoredItem } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';

type Published = Record<string, string | number>;

parityWith('llmbar', 'parity with LLMBar', (file) => {
  let score: Score;
  let items: ScoredItem[];
  const published = new Map<string, Published>();

  before(async function () {
    this.timeout(60_000);
    const files = readdirSync(file('.')).filter((name) => name.startsWith('transcripts_'));
    const scorer = new Scorer({ benchmark: benchmarkNamed('llmbar')!, files: files.map(file) });
    await scorer.readFiles();
    score = scorer.result();
    items = [...scorer.scoredItems()];
    const statistics = JSON.parse(readFileSync(file('published_statistics.json'), 'utf8')) as Record<
      string,
      Published
    >;
    for (const [key, figures] of Object.entries(statistics)) published.set(key, figures);
  });

  it('finds all result sets and reads every winner as it was recorded', () => {
    assert.equal(score.sets.length, 499);
    assert.deepEqual(score.dropped, {});
    // 40,413 instances in two orders, and 8,086 first stages of the strategies that swap and synthesize.
    assert.equal(score.nReparsed, 2 * 40_413 + 8_086);
    assert.deepEqual(score.differing, []);
  });

  it('has the published accuracy and agreement, to the last digit', () => {
    assert.equal(published.size, 353);
    const names = [
      ['accuracyGiven', 'correct_False'],
      ['accuracySwapped', 'correct_True'],
      ['accuracy', 'correct_average'],
      ['correctInBoth', 'correct_both'],
      ['agreement', 'equal'],
    ] as const;
    let nCompared = 0;
    for (const set of score.sets) {
      const figures = published.get(keyOf(set));
      if (!figures) continue;
      nCompared++;
      for (const [ours, theirs] of names) {
        // "29 / 54 = 53.70370370370371%" or "48.148148148148145%"
        const digits: string | undefined = /([\d.]+)%$/.exec(String(figures[theirs]))?.[1];
        assert.equal(set.published[ours]!.value! * 100, Number(digits), `${keyOf(set)}: ${theirs}`);
      }
    }
    assert.equal(nCompared, 353);
  });

  it("has the published kappas, which count every winner but the first output as neither output's label", () => {
    const bySet = new Map<string, ScoredItem[]>();
    for (const item of items) bySet.set(keyOf(item), [...(bySet.get(keyOf(item)) ?? []), item]);
    let nCompared = 0;
    for (const set of score.sets) {
      const figures = published.get(keyOf(set));
      // Grades are counted by a convention of their own, which scored items do not carry.
      if (!figures || set.judge.includes('Rating')) continue;
      const members = bySet.get(keyOf(set)) ?? [];
      // Upstream turns the winners "0" and "1" into numbers and everything else, "2" included, into 0.
      const given = members.map((item) => (item.given.A > 0 ? 1 : 0));
      const swapped = members.map((item) => (item.swapped.B > 0 ? 1 : 0));
      const labels = members.map(({ gold }) => (gold === 'first' ? 1 : 2));
      for (const [ours, theirs] of [
        [cohensKappa<number>(given, labels), 'kappa_False'],
        [cohensKappa<number>(swapped, labels), 'kappa_True'],
        [cohensKappa<number>(given, swapped), 'kappa_agreement'],
      ] as const) {
        const expected = Number(figures[theirs]);
        if (ours === null) assert.ok(Number.isNaN(expected), `${keyOf(set)}: ${theirs}`);
        else assert.ok(Math.abs(ours - expected) < 1e-12, `${keyOf(set)}: ${theirs} ${ours} ${expected}`);
        nCompared++;
      }
    }
    assert.equal(nCompared, 3 * (353 - 35));
  });
});

function keyOf({ judge, subset }: { judge: string; subset: string }): string {
  const [model, strategy] = judge.split('/');
  return `${subset}|${model}|${strategy}`;
}
