import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  benchmarkNamed,
  compareFamily,
  compareTables,
  JudgeTables,
  judgeMetrics,
  readGoldLabels,
  Scorer,
  verdictMetrics,
  type NamedJudge,
} from '../../lib/src/evaluate/index.js';
import { clusterOf } from '../../lib/src/evaluate/given-frame.js';
import type { EvaluatedItem, Figures, ScoredItem } from '../../lib/src/schema/index.js';
import { near } from '../core/statistics/near.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { rowsOf, sorted, tableFrom, type Judged } from './tables.js';

/** Items `x0`, `x1`, … as given: right `A`, wrong `B`; a digit in the second text names the cluster, a point an item of its own. */
function itemsOf(letters: string, clusters: string, more: Partial<Judged> = {}): Record<string, Judged> {
  return Object.fromEntries(
    [...letters].map((given, i): [string, Judged] => {
      const named = clusters[i];
      return [`x${i}`, { gold: 'first', given, ...(named === '.' ? {} : { cluster: named }), ...more }];
    }),
  );
}

const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('shares of items that share a prompt', () => {
  it('have the interval of their clusters, and say how many they are', () => {
    // Clusters of four with 4, 3, 2, 1 and 0 right: a design effect of 2.375, as in the test of the interval itself.
    const { accuracy } = verdictMetrics(tableFrom(itemsOf('AAAAAAABAABBABBBBBBB', '00001111222233334444')));
    assert.deepEqual([accuracy.value, accuracy.n, accuracy.nClusters], [0.5, 20, 5]);
    assert.equal(accuracy.method, 'Wilson 95%, 5 clusters, design effect 2.38, t adjustment');
    // n_eff = 20 / 2.375 * (qt(0.975, 19) / qt(0.975, 4))^2 = 4.78567; half width z / (2 sqrt(n_eff + z^2)).
    near(accuracy.low, 0.5 - 1.959964 / (2 * Math.sqrt(4.78567 + 1.959964 ** 2)), 1e-5);
  });

  it('are as many observations as items where none share anything, and mix with those that do', () => {
    const alone = verdictMetrics(tableFrom(itemsOf('AAAB', '....'))).accuracy;
    assert.deepEqual([alone.n, alone.nClusters, alone.method], [4, 4, 'Wilson 95%, 4 clusters']);
    assert.equal(verdictMetrics(tableFrom(itemsOf('AAAB', '.11.'))).accuracy.nClusters, 3);
  });

  it('have no interval where all are of one prompt, and say why', () => {
    const { value, n, low, high, method } = verdictMetrics(tableFrom(itemsOf('AAB', '111'))).accuracy;
    assert.deepEqual([value, n, low, high], [2 / 3, 3, null, null]);
    assert.equal(method, 'no interval: one cluster shows no spread');
  });

  it('count clusters where everything is right', () => {
    const { low, method } = verdictMetrics(tableFrom(itemsOf('AAAAAAAA', '00001111'))).accuracy;
    // Wilson's lower end of 2 of 2: 1 / (1 + z^2 / 2).
    near(low, 1 / (1 + 1.959963984540054 ** 2 / 2), 1e-12);
    assert.equal(method, 'Wilson 95%, 2 clusters, all alike');
  });

  it('are wider than as if their items were independent, in every metric', () => {
    const responses = [
      { nCharacters: 9, model: 'gpt-4' },
      { nCharacters: 5, model: 'llama' },
    ] as const;
    const both = (clusters: string) => {
      const items = itemsOf('AABBAABBCCAABBAAB', clusters, { responses });
      for (const [i, item] of Object.values(items).entries()) {
        item.given = item.given!.repeat(2) + 'A';
        item.swapped = i % 4 < 2 ? 'BBA' : 'AAB';
        // Winners that are longer and shorter, so that both strata have items of the same clusters.
        item.gold = i % 4 < 2 ? 'first' : 'second';
      }
      return verdictMetrics(tableFrom(items), { judge: 'gpt-4o' });
    };
    const [alone, shared] = [both('.................'), both('00001111222233334')];
    for (const key of [
      'accuracy',
      'voteAccuracy',
      'shareOfTies',
      'longerChosen',
      'ownFamilyChosen',
    ] as const) {
      const [wide, narrow] = [shared[key]!, alone[key]!];
      assert.equal(wide.value, narrow.value, key);
      assert.equal(wide.nClusters, 5, key);
      assert.ok(wide.high! - wide.low! > narrow.high! - narrow.low!, key);
    }
    assert.match(shared.longerChosen!.method, /Student's t 95%, 5 clusters/);
  });
});

describe('comparisons on items that share a prompt', () => {
  it('resample and flip whole clusters', () => {
    // Differences by cluster: +3 of 3, +2 of 2, and -1 of 1: sums of flipped signs reach 4 in size in 2 of 8 cases (3 2 1: 6; 3 2 -1: 4), both
    // ways 4 of 8.
    const compared = compareTables(
      tableFrom(itemsOf('BBBBBA', '111223')),
      tableFrom(itemsOf('AAAAAB', '111223')),
      { seed: 1 },
    );
    assert.deepEqual([compared.n, compared.nClusters], [6, 3]);
    near(compared.difference, 4 / 6, 1e-12);
    near(compared.pValue, 4 / 8, 1e-12);
    // With items for clusters: 5 against 1 of 6, p = 2 * 7 / 64.
    const apart = compareTables(
      tableFrom(itemsOf('BBBBBA', '......')),
      tableFrom(itemsOf('AAAAAB', '......')),
      {
        seed: 1,
      },
    );
    near(apart.pValue, 14 / 64, 1e-12);
    // Standard deviations over sqrt(n): m / (m - 1) * sum of squared residuals (1, 2/3 and -5/3) / n^2 = 1.5 * 38/9 / 36.
    near(compared.minimumDetectable, (1.959964 + 0.841621) * Math.sqrt((1.5 * 38) / 9 / 36), 1e-5);
  });

  const judge = (name: string, verdicts: string, clusters: string, subset = 'all'): NamedJudge => {
    const tables = new JudgeTables();
    const none = { A: 0, B: 0, tie: 0, unparsed: 0 };
    for (const [i, letter] of [...verdicts].entries()) {
      const cluster = clusters[i] === '.' ? {} : { cluster: clusters[i]! };
      const item: Omit<ScoredItem, 'judge'> = {
        subset,
        itemId: `${i}`,
        gold: 'first',
        ...cluster,
        given: { ...none, [letter]: 1 },
        swapped: none,
      };
      tables.addScored(item);
    }
    return { name, tables };
  };

  it("put the mid-p of the sign-flip test in the place of McNemar's", async () => {
    const options = { seed: 1, nResamples: 500 };
    const shared = await compareFamily(
      [judge('a', 'BBBBBA', '111223'), judge('b', 'AAAAAB', '111223')],
      options,
    );
    // Of 8 sign patterns 2 reach more than 4 in size and 2 reach 4: (4 + 2) / 2 / 8.
    near(shared.overall[0]!.mcNemarMidP, 3 / 8, 1e-12);
    assert.match(shared.overall[0]!.method, /whole clusters; its mid-p in the place of McNemar's$/);
    const apart = await compareFamily(
      [judge('a', 'BBBBBA', '......'), judge('b', 'AAAAAB', '......')],
      options,
    );
    // McNemar's mid-p of 1 against 5: 2 * (1 + 6 / 2) / 64.
    near(apart.overall[0]!.mcNemarMidP, 8 / 64, 1e-12);
    assert.doesNotMatch(apart.overall[0]!.method, /McNemar/);
  });

  it('know the clusters of a judge whose items do not say them from one whose items do', async () => {
    const { overall, bySubset } = await compareFamily(
      [judge('a', 'BBBBBA', '......'), judge('b', 'AAAAAB', '111223')],
      { seed: 1, nResamples: 500 },
    );
    assert.deepEqual([overall[0]!.nClusters, bySubset[0]!.nClusters], [3, 3]);
    assert.equal(overall[0]!.baselineAccuracy.nClusters, 3);
  });

  it('take the items of a question in two subsets for one cluster overall', async () => {
    const named = (name: string, verdicts: string): NamedJudge => {
      const both = judge(name, verdicts, '1234', 'turn 1');
      for (const [subset, table] of judge(name, verdicts, '1234', 'turn 2').tables.bySubset)
        for (const [itemId, index] of table.items())
          both.tables.addScored({
            ...table.item(itemId, index),
            subset,
            given: table.votesOf(index, 'given'),
            swapped: table.votesOf(index, 'swapped'),
          });
      return both;
    };
    const { overall, bySubset } = await compareFamily([named('a', 'BBAA'), named('b', 'AABA')], {
      seed: 1,
      nResamples: 500,
    });
    assert.deepEqual([overall[0]!.n, overall[0]!.nClusters], [8, 4]);
    assert.deepEqual(
      bySubset.map(({ n, nClusters }) => [n, nClusters]),
      [
        [4, 4],
        [4, 4],
      ],
    );
  });
});

describe('the cluster of an item', () => {
  const pair = { winner: 'good', loser: 'bad', errorKind: 'e' };

  it('is what its row says, in a column of any name, else its instruction', async () => {
    const benchmark = benchmarkNamed('pairs')!;
    const { kept } = await sorted(
      benchmark.items(
        rowsOf(
          { ...pair, itemId: 'a', instruction: 'p', cluster: 'story 1' },
          { ...pair, itemId: 'b', instruction: 'q', cluster: 7 },
          { ...pair, itemId: 'c', instruction: 'p' },
          { ...pair, itemId: 'd', instruction: 'p' },
        ),
        { file: 'pairs.jsonl', companion: () => null },
      ),
    );
    const [a, b, c, d] = kept.map(clusterOf);
    assert.deepEqual([a, b], ['story 1', '7']);
    assert.equal(c, d);
    assert.notEqual(c, clusterOf({ instruction: 'P' }));
  });

  it('comes with recorded judgments, from the row or from the items, and is saved with them', () =>
    inTemporaryFolder(async (folder) => {
      const [items, rows] = [join(folder, 'items.jsonl'), join(folder, 'judge.jsonl')];
      await writeFile(
        items,
        lines(
          { ...pair, itemId: 'a', instruction: 'p' },
          { ...pair, itemId: 'b', instruction: 'p' },
          { ...pair, itemId: 'c', instruction: 'q' },
        ),
      );
      await writeFile(
        rows,
        lines(
          ...['a', 'b', 'c', 'unknown'].map((itemId) => ({ itemId, gold: 'first', verdict: 'A' })),
          { itemId: 'own', gold: 'first', verdict: 'B', cluster: 'mine' },
          { itemId: 'own too', gold: 'first', verdict: 'B', cluster: 'mine' },
        ),
      );
      const benchmark = benchmarkNamed('pairs')!;
      const gold = await readGoldLabels(benchmark, { files: [items] });
      // One that is shared with no other item takes no room.
      const known = ['a', 'b', 'c'].map((itemId) => gold.items.get(itemId)?.cluster);
      assert.equal(known[0], clusterOf({ instruction: 'p' }));
      assert.deepEqual(known.slice(1), [known[0], undefined]);
      const scorer = new Scorer({ benchmark, files: [rows], gold });
      await scorer.readFiles();
      // p, q, the unknown item and `mine`.
      const accuracies = scorer.result().sets.map(({ metrics }) => metrics.accuracy);
      assert.deepEqual(
        accuracies.map(({ n, nClusters }) => [n, nClusters]),
        [[6, 4]],
      );
      const saved = Object.fromEntries(
        [...scorer.scoredItems()].map(({ itemId, cluster }) => [itemId, cluster]),
      );
      assert.equal(saved.a, saved.b);
      assert.deepEqual([saved.own, saved.unknown], ['mine', undefined]);
    }));

  it('is the question in MT-Bench, for all models and both turns', async () => {
    const conversation = (text: string) =>
      [1, 2].flatMap((turn) => [
        { role: 'user', content: `ask ${turn}` },
        { role: 'assistant', content: `${text} ${turn}` },
      ]);
    const vote = (model_b: string, turn: number, question_id = 81) => ({
      question_id,
      model_a: 'm',
      model_b,
      winner: 'model_a',
      turn,
      conversation_a: conversation('m'),
      conversation_b: conversation(model_b),
    });
    const { kept } = await sorted(
      benchmarkNamed('mt-bench')!.items(rowsOf(vote('n', 1), vote('o', 1), vote('n', 2), vote('n', 2, 82)), {
        file: 'votes',
        companion: () => null,
      }),
    );
    assert.deepEqual(kept.map(clusterOf), ['81', '81', '81', '82']);
  });

  it('decides the intervals of figures as their publications count them', () => {
    const items = (clusters: string) =>
      Object.fromEntries(
        Object.entries(itemsOf('AABBAABBABAABBBB', clusters)).map(([id, item], i): [string, Judged] => [
          id,
          {
            ...item,
            gold: (['first', 'second', 'tie'] as const)[Math.floor(i / 2) % 3]!,
            swapped: 'AB'[i % 2]!,
            humanVotes: { first: 2, second: 1, tie: 0 },
          },
        ]),
      );
    for (const name of [
      'pandalm',
      'mt-bench',
      'judgebench',
      'llmbar',
      'pairs',
      'helpsteer2',
      'rewardbench',
    ]) {
      const figuresOf = (clusters: string) => benchmarkNamed(name)!.figuresOf(tableFrom(items(clusters)));
      const alone = figuresOf('................');
      const shared = figuresOf('0000111122223333');
      for (const [key, { value, nClusters, method }] of Object.entries(shared)) {
        assert.equal(value, alone[key]?.value, `${name} ${key}`);
        assert.equal(nClusters, 4, `${name} ${key}`);
        assert.match(method, /\b4 clusters/, `${name} ${key}`);
      }
      const lows = (figures: Figures) => Object.values(figures).map(({ low }) => low);
      assert.notDeepEqual(lows(shared), lows(alone), name);
    }
  });

  it('is kept with the items of a run, so that its intervals know it', () => {
    const item = (itemId: string, cluster?: string): EvaluatedItem => ({
      itemId,
      slice: 's',
      errorKind: 'e',
      ...(cluster === undefined ? {} : { cluster }),
      orders: [{ order: 'winner-first', text: '', verdict: { kind: itemId < 'c' ? 'A' : 'B' } }],
    });
    const { accuracy, accuracyBySlice } = judgeMetrics([
      item('a', 'p'),
      item('b', 'p'),
      item('c', 'q'),
      item('d'),
    ]);
    assert.deepEqual([accuracy.n, accuracy.nClusters, accuracyBySlice.s?.nClusters], [4, 3, 3]);
  });
});
