import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportPairVotes } from '../../../lib/src/evaluate/index.js';
import { pairVoteReportSchema, type PairVoteReport } from '../../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** Reports rows of one file. What is reported survives its schema. */
const reported = (rows: readonly unknown[], file = 'judge-x.jsonl'): Promise<PairVoteReport> =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, file);
    await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const report = await reportPairVotes({ files: [path], nResamples: 100, seed: 1 });
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
      /judge-x\.jsonl:1: expected votes in one of the formats alpaca-eval, arena, votes/,
    );
  });
});
