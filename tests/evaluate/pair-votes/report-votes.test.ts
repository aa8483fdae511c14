import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportPairVotes } from '../../../lib/src/evaluate/index.js';
import { pairVoteReportSchema, type PairVoteReport } from '../../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** Reports rows of one file. What is reported survives its schema. */
const reported = (
  rows: readonly unknown[],
  { file = 'judge-x.jsonl', columns }: { file?: string; columns?: Record<string, unknown> } = {},
): Promise<PairVoteReport> =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, file);
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const report = await reportPairVotes({ files: [path], columns, nResamples: 100, seed: 1 });
    assert.deepEqual(pairVoteReportSchema.parse(JSON.parse(JSON.stringify(report))), report);
    return report;
  });

const vote = (rater: string, item: string, winner: string | null, systems = ['m', 'n']): object => ({
  rater,
  item,
  first: systems[0],
  second: systems[1],
  winner,
});

describe('votes on pairs of systems', () => {
  it('give win rates of the system that is listed second, weighted and discrete, with standard error', async () => {
    const annotated = [1.9, 1.2, 1.5, 0, null, 2].map((preference, i) => ({
      instruction: `i${i}`,
      output_1: `a${i}`,
      output_2: `b${i}`,
      generator_1: 'zebra',
      generator_2: 'ant',
      preference,
    }));
    const { winRates, nVotes, repeatedAnswers } = await reported(annotated);
    const [rate] = winRates;
    assert.deepEqual([winRates.length, nVotes, repeatedAnswers], [1, 6, []]);
    assert.deepEqual([rate?.raters, rate?.system, rate?.opponent], ['judge-x', 'ant', 'zebra']);
    // 0.9, 0.2, 0.5, 0.5 and 1; by side 1, 0, 0.5, 0.5 and 1.
    assert.ok(Math.abs(rate!.winRate.value! - 0.62) < 1e-12);
    assert.deepEqual([rate!.winRate.n, rate!.winRate.unscored, rate!.discreteWinRate.value], [5, 1, 0.6]);
    assert.ok(Math.abs(rate!.standardError! - Math.sqrt(0.427 / 4 / 5)) < 1e-3);
  });

  it('are compared between kinds of raters and within them, whichever system they list first', async () => {
    const { agreements, raters } = await reported([
      vote('gpt', '1', 'first'),
      vote('gpt', '2', 'tie'),
      vote('gpt', '3', 'second'),
      vote('gpt', '4', null),
      vote('human_1', '1', 'second', ['n', 'm']),
      vote('human_2', '1', 'second'),
      vote('human_1', '2', 'tie (both bad)'),
      vote('human_2', '2', 'first'),
      vote('human_1', '3', 'second'),
      vote('human_1', '4', 'first'),
    ]);
    assert.deepEqual(raters, { gpt: { nRaters: 1, nVotes: 4 }, human: { nRaters: 2, nVotes: 6 } });
    const rows = agreements.map(({ raters: own, others, agreement, withoutTies }) => [
      `${own} ${others}`,
      agreement.value,
      agreement.n,
      withoutTies.value,
      withoutTies.n,
    ]);
    assert.deepEqual(rows, [
      ['gpt human', 0.6, 5, 2 / 3, 3],
      ['human human', 0, 2, 0, 1],
    ]);
  });

  it('are counted by label, so that thousands of votes on one item take no longer than on many', async () => {
    const labels = ['first', 'second', 'tie'];
    const rows = Array.from({ length: 12_000 }, (_, i) =>
      vote(i % 2 ? 'a' : 'b', 'one', labels[i % 3] ?? null),
    );
    const { agreements } = await reported(rows);
    const [within, between] = agreements;
    // Of 6000 votes, 2000 of each label.
    assert.equal(between?.agreement.n, 6000 ** 2);
    assert.ok(Math.abs(between.kappa!) < 1e-9);
    assert.equal(within?.agreement.n, (6000 * 5999) / 2);
    assert.ok(Math.abs(within.agreement.value! - 1999 / 5999) < 1e-12);
  });

  it('are rated in memory that grows with the votes, not with all pairs of systems', async () => {
    const name = (i: number): string => `s${String(i % 60)}`;
    const rows = Array.from({ length: 6000 }, (_, i) =>
      vote('judge', `item ${i}`, 'first', [name(i), name(i + 1 + (i % 7))]),
    );
    const { ratings } = await reported(rows);
    assert.equal(ratings.length, 60);
  });

  it('of judges whose names end in a version are not votes of one kind; those of numbered people are', async () => {
    const { raters } = await reported(
      ['gpt-4', 'gpt-5', '1', '2', 'expert_1', 'expert_2'].map((rater) => vote(rater, 'i', 'first')),
    );
    assert.deepEqual(Object.keys(raters), ['gpt-4', 'gpt-5', 'rater', 'expert']);
    assert.deepEqual(raters.rater, { nRaters: 2, nVotes: 2 });
  });

  it('rank three or more systems, with an interval over items', async () => {
    const rows = Array.from({ length: 12 }, (_, item) => [
      vote('j', String(item), item % 3 === 0 ? 'second' : 'first', ['best', 'middle']),
      vote('j', String(item), item % 4 === 0 ? 'second' : 'first', ['middle', 'worst']),
    ]).flat();
    const { ratings } = await reported(rows);
    assert.deepEqual(
      ratings.map(({ system }) => system),
      ['best', 'middle', 'worst'],
    );
    for (const { rating } of ratings) {
      assert.ok(rating.low! < rating.value! && rating.value! < rating.high!);
      assert.match(rating.method, /12 clusters of items, t adjustment, 100 resamples/);
    }
    assert.deepEqual((await reported(rows)).ratings, ratings);
    assert.deepEqual((await reported([vote('j', '1', 'first')])).ratings, []);
  });

  it('remark on a system that gives one text to many items', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      instruction: `i${i}`,
      output_1: `a${i}`,
      output_2: i < 25 ? 'Always this one.' : `b${i}`,
      generator_1: 'base',
      generator_2: 'null',
      preference: 2,
    }));
    assert.deepEqual((await reported(rows)).repeatedAnswers, [{ system: 'null', nEqual: 25, nAnswers: 30 }]);
  });

  it('agree by kappa and alpha, between kinds of raters and within one, with ties and without', async () => {
    const said = {
      judge: ['first', 'first', 'second', 'tie'],
      p_1: ['first', 'second', 'second', 'first'],
      p_2: ['first', 'first', 'second', 'tie'],
    };
    const votes = Object.entries(said).flatMap(([rater, winners]) =>
      winners.map((winner, i) => vote(rater, `${i}`, winner)),
    );
    const { agreements, winRates } = await reported([...votes, vote('judge', '9', null)]);
    const [between, within] = agreements.map((found) =>
      [found.kappa, found.kappaWithoutTies, found.alpha, found.alphaWithoutTies].map(
        (value) => value && Number(value.toFixed(4)),
      ),
    );
    // 8 pairs, 6 alike. Kappa: first/second/tie of the judge 4/2/2, of people 4/3/1, so 1 - (2 / 8) / (1 - 24 / 64). Alpha of the 16
    // votes, 8/5/3: 1 - (n - 1) * unlike ordered pairs / (n squared - the squares of the counts), as Krippendorff 2011 has it.
    assert.deepEqual(between, [
      0.6,
      0.6667,
      Number((1 - (15 * 4) / (256 - 64 - 25 - 9)).toFixed(4)),
      Number((1 - (11 * 2) / (144 - 49 - 25)).toFixed(4)),
    ]);
    // Of people alone four pairs, two alike: 4/3/1 of 8 votes.
    assert.deepEqual(within, [
      null,
      null,
      Number((1 - (7 * 4) / (64 - 16 - 9 - 1)).toFixed(4)),
      Number((1 - (5 * 2) / (36 - 9 - 9)).toFixed(4)),
    ]);
    assert.deepEqual(winRates[0]?.winRate.unscoredReasons, { 'no-preference': 1 });
  });

  it('are dropped with a reason where they cannot be read, and refused where none can', async () => {
    const rows = [
      vote('j', '1', 'first'),
      vote('j', '2', 'left'),
      vote('j', '3', 'first', ['m', 'm']),
      { item: 'x' },
      { instruction: 'i', output_1: 'a', output_2: 'b', generator_1: 'm', generator_2: 'n', preference: 3 },
    ];
    const { dropped, badRows, nVotes } = await reported(rows);
    assert.deepEqual(
      [nVotes, dropped, badRows.map(({ line }) => line)],
      [1, { 'unknown-label': 2, 'same-system': 1, 'no-known-format': 1 }, [2, 3, 4, 5]],
    );
    await assert.rejects(
      reported(rows.slice(1)),
      /judge-x\.jsonl:1: expected votes in one of the formats alpaca-eval, arena, arena-hard, votes/,
    );
  });

  it('stand in any columns, by paths too, with labels of their own', async () => {
    const row = (id: number, vote: unknown): object => ({ q: { id }, models: ['m', 'n'], vote, who: 'p_1' });
    const columns = {
      item: 'q.id',
      first: 'models[0]',
      second: 'models.1',
      winner: 'vote',
      rater: 'who',
      labels: { first: [-1], second: [1], tie: [0] },
    };
    const { winRates, raters, dropped } = await reported(
      [row(1, -1), row(2, 1), row(3, 0), row(4, null), row(5, 7), { q: { id: 6 }, models: [], vote: 1 }, {}],
      { columns },
    );
    assert.deepEqual(raters, { p: { nRaters: 1, nVotes: 4 } });
    assert.deepEqual([winRates[0]?.winRate.value, winRates[0]?.winRate.unscored], [0.5, 1]);
    assert.deepEqual(dropped, { 'unknown-label': 1, 'wrong-shape': 2 });
    await assert.rejects(
      reported([row(1, -1)], { columns: { ...columns, labels: {} } }),
      /column "vote": "-1"; say what it means/,
    );
    await assert.rejects(
      reported([row(1, -1)], { columns: { winners: 'vote' } }),
      /--columns: expected the columns.*winners/,
    );
  });
});

describe('judgments of Arena-Hard', () => {
  const game = (score: string | null): object => ({ score, judgment: { answer: 'x' } });
  const version2 = { uid: 'u1', category: 'hard_prompt', judge: 'j', model: 'm', baseline: 'base' };

  it('are two games, of which the verdicts of significantly better count three times in its own win rate', async () => {
    const { winRates, nVotes } = await reported([
      // The baseline is A in the first game, the model in the second.
      { ...version2, games: [game('B>>A'), game('A>B')] },
      { ...version2, uid: 'u2', games: [game('A>B'), game('A=B')] },
    ]);
    const [rate] = winRates;
    assert.deepEqual([nVotes, rate?.system, rate?.opponent], [4, 'm', 'base']);
    assert.equal(rate?.winRate.value, 2.5 / 4);
    // show_result.py: scores 1, 1, 1, 1 of u1 and 0, 0.5 of u2.
    assert.deepEqual([rate.weightedWinRate?.value, rate.weightedWinRate?.n], [4.5 / 6, 4]);
  });

  it('lose both games where one has no label in v2.0, and that game alone in v0.1', async () => {
    const games = [game(null), game('A>B')];
    const { winRates: ofVersion2 } = await reported([
      { ...version2, games },
      { ...version2, uid: 'u2', games: [game('B>A'), null] },
      { ...version2, uid: 'u3', games: [game('A<B'), game('B<<A')] },
    ]);
    assert.deepEqual([ofVersion2[0]?.winRate.n, ofVersion2[0]?.winRate.unscored], [2, 4]);
    assert.equal(ofVersion2[0]?.winRate.value, 1);
    const { winRates: ofVersion1 } = await reported([{ question_id: 'q', model: 'm', judge: 'j', games }]);
    assert.deepEqual(
      [ofVersion1[0]?.opponent, ofVersion1[0]?.winRate.n, ofVersion1[0]?.winRate.unscored],
      ['baseline', 1, 1],
    );
    assert.equal(ofVersion1[0]?.weightedWinRate, undefined);
  });

  it('are dropped where a label is none', async () => {
    const rows = [
      { ...version2, games: [game('A>B'), game('A>B')] },
      { ...version2, games: [game('A>>>B'), game('A>B')] },
      { model: 'm', games: [game('A>B')] },
    ];
    assert.deepEqual((await reported(rows)).dropped, { 'unknown-label': 1, 'wrong-shape': 1 });
  });
});
