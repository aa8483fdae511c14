import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_CODES } from '../../../lib/src/cli/exit-codes.js';
import { BudgetError, ConfigError } from '../../../lib/src/core/errors.js';
import { allOf } from '../../../lib/src/core/all-of.js';
import { readRows } from '../../../lib/src/datasets/index.js';
import { judgeFile, planJudging, type JudgedFile } from '../../../lib/src/experiment/index.js';
import { preferenceSchema, type Preference } from '../../../lib/src/schema/index.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import { jsonl, startNumberJudge, type NumberJudge } from '../../fixtures/number-judge.js';

describe('a file of pairs, judged by the judge of a run', function () {
  this.timeout(60_000);

  let setting: NumberJudge;
  before(async () => {
    setting = await startNumberJudge();
  });
  after(() => setting.close());

  const at = (name: string): string => join(setting.folder, name);
  const places = () => ({
    runFolder: setting.runFolder,
    completionsFolder: at('completions'),
    environment: {},
  });
  const judged = async (
    name: string,
    rows: readonly object[] | string,
    more: Partial<Parameters<typeof judgeFile>[0]> = {},
  ): Promise<JudgedFile> => {
    await writeFile(at(name), typeof rows === 'string' ? rows : jsonl(rows));
    return judgeFile({ ...places(), file: at(name), nResamples: 200, seed: 1, ...more });
  };
  const pair = (id: string, a: string, b: string, instruction = `compare ${id}`) => ({
    id,
    instruction,
    a,
    b,
  });
  const preferencesIn = async (name: string): Promise<Preference[]> =>
    (await readFile(at(name), 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => preferenceSchema.parse(JSON.parse(line)));

  it('says in both orders what it prefers, and abstains where they contradict each other', async () => {
    const result = await judged(
      'mine.jsonl',
      [
        pair('p1', '3', '2'),
        pair('p2', '9', '2'),
        pair('p3', '1', '2'),
        pair('p4', '2', '2'),
        pair('p5', 'place', '2'),
        pair('p6', 'mute', '2'),
        pair('p7', 'huge', '2'),
        { id: 'p8', instruction: 'no responses' },
      ],
      { outFile: at('mine.out.jsonl') },
    );
    assert.deepEqual(result.verdicts, { a: 2, b: 1, tie: 1, abstained: 1, unscored: 2 });
    assert.deepEqual(result.unscored, { 'no-marker': 1, 'context-length': 1 });
    assert.deepEqual(result.dropped, { 'wrong-shape': 1 });
    // Two wins, two halves, one loss.
    const [rate] = result.standings.winRates;
    assert.deepEqual([rate?.system, rate?.opponent, rate?.winRate.value], ['a', 'b', 0.6]);
    assert.deepEqual([rate?.winRate.n, rate?.winRate.unscored, rate?.winRate.nClusters], [5, 2, 5]);
    assert.deepEqual(rate?.winRate.unscoredReasons, { 'no-marker': 1, 'context-length': 1 });
    assert.equal(rate.raters, 'number-lover_2');
    const [refusal, ...others] = result.refusals;
    assert.deepEqual([refusal?.pairId, refusal?.reason, others], ['p7', 'context-length', []]);
    assert.match(refusal?.detail ?? '', /maximum context length/);
    // p1, p2 and p3 name each place once; p5 the first one twice.
    assert.deepEqual([result.shareOfFirst.value, result.shareOfFirst.n], [5 / 8, 8]);
    assert.ok(result.shareOfFirst.low !== null);
    // 30 of the 36 held-out pairs without a contradiction.
    assert.deepEqual([result.confidence.value, result.confidence.n], [30 / 36, 36]);
    assert.equal(result.assessment.iteration, 0);
    const preferences = await preferencesIn('mine.out.jsonl');
    assert.deepEqual(
      preferences.map(({ pairId, verdict }) => [pairId, verdict]),
      [
        ['p1', 'a'],
        ['p2', 'a'],
        ['p3', 'b'],
        ['p4', 'tie'],
        ['p5', 'abstained'],
        ['p6', 'unscored'],
        ['p7', 'unscored'],
      ],
    );
    assert.deepEqual(preferences[0]?.orders, [
      { shownFirst: 'a', text: '3 or 2\n[[A]]', verdict: { kind: 'A' } },
      { shownFirst: 'b', text: '2 or 3\n[[B]]', verdict: { kind: 'B' } },
    ]);
    assert.equal(preferences[0].confidence?.n, 36);
    assert.equal(preferences[3]?.confidence, null);
    assert.equal(preferences[6]?.refused?.reason, 'context-length');
    assert.match(preferences[6].refused.detail ?? '', /maximum context length/);
  });

  it('is planned without a request, and asks for nothing twice, in whatever row a pair stands', async () => {
    const rows = [pair('q1', '3', '2'), pair('q2', '4', '2')];
    await writeFile(at('q.jsonl'), jsonl(rows));
    const nBefore = setting.server.bodies.length;
    const planned = async (more: object = {}) => {
      const { nPairs, nRequests, nSamples, nStored } = await planJudging({
        ...places(),
        file: at('q.jsonl'),
        ...more,
      });
      return [nPairs, nRequests, nSamples, nStored];
    };
    assert.deepEqual(await planned(), [2, 4, 4, 0]);
    assert.deepEqual(await planned({ votes: true }), [2, 8, 12, 0]);
    assert.equal(setting.server.bodies.length, nBefore);
    const { usage } = await judged('q.jsonl', rows);
    assert.equal(usage.completions, 4);
    assert.deepEqual(await planned(), [2, 0, 0, 4]);
    await judged('q.jsonl', rows, { votes: true });
    const nAsked = setting.server.bodies.length;
    const again = await judged('q.jsonl', [...rows].reverse(), { votes: true });
    assert.equal(setting.server.bodies.length, nAsked);
    assert.equal(again.usage.completions, 0);
    assert.equal(again.usage.cachedCompletions, 12);
  });

  it('votes where it is told to, and is believed by the share of votes', async () => {
    const rows = [pair('v1', '3', '2')];
    const plain = await judged('v.jsonl', rows);
    assert.deepEqual([plain.support, plain.confidenceGroups], [null, []]);
    const { support, confidenceGroups } = await judged('v.jsonl', rows, {
      votes: true,
      outFile: at('v.out.jsonl'),
    });
    assert.equal(support, 'votes');
    // Its votes are as its verdicts are.
    assert.deepEqual(
      confidenceGroups.map(({ least, share }) => [least, share.n]),
      [
        [0, 0],
        [0.75, 0],
        [0.95, 36],
      ],
    );
    const [preference] = await preferencesIn('v.out.jsonl');
    assert.deepEqual(preference?.orders[0]?.votes, { A: 2, B: 0, tie: 0, unparsed: 0 });
    assert.equal(preference.confidence?.n, 36);
  });

  it('ranks systems', async () => {
    const strength = { strong: 9, middle: 5, weak: 1 };
    const rows = Array.from({ length: 6 }, (_, i) =>
      Object.entries(strength).map(([system, number]) => ({
        instruction: `task ${i}`,
        system,
        response: `${number}`,
      })),
    ).flat();
    const { standings, nPairs } = await judged('systems.jsonl', rows);
    assert.equal(nPairs, 18);
    assert.deepEqual(
      standings.ratings.map(({ system }) => system),
      ['strong', 'middle', 'weak'],
    );
    for (const { system, opponent, winRate } of standings.winRates) {
      const isBetter = strength[system as 'weak'] > strength[opponent as 'weak'];
      assert.deepEqual([winRate.value, winRate.n], [isBetter ? 1 : 0, 6], `${system} against ${opponent}`);
    }
  });

  it('gives a system without any verdict no rating', async () => {
    const rows = ['9', '5', 'mute'].map((response, i) => ({
      instruction: 'task',
      system: `s${i}`,
      response,
    }));
    const { standings } = await judged('mute.jsonl', rows);
    assert.deepEqual(
      standings.ratings.map(({ system, rating: { value, n } }) => [system, value !== null, n]),
      [
        ['s0', true, 1],
        ['s1', true, 1],
        ['s2', false, 0],
      ],
    );
    assert.deepEqual(standings.ratings[2]?.rating.unscoredReasons, { 'no-marker': 2 });
  });

  it('writes sheets in which a text is never a formula', async () => {
    const rows = [pair('=cmd()', 'place', '2'), pair('s2', 'huge', '\u001b[2J')];
    await judged('s.jsonl', rows, { outFile: at('s.csv') });
    const text = await readFile(at('s.csv'), 'utf8');
    assert.ok(!text.includes('\u001b'));
    const read = (await allOf(readRows(at('s.csv')))).map((row) => ('row' in row ? row.row : {}));
    const { id, verdict, verdict_a_first, reasoning_b_first } = read[0] ?? {};
    assert.deepEqual(
      [id, verdict, verdict_a_first, reasoning_b_first],
      ["'=cmd()", 'abstained', 'A', "'=1+1 is first: [[A]]"],
    );
    assert.match(String(read[1]?.refused), /^context-length: /);
  });

  it('never writes over what it reads', async () => {
    const rows = [pair('o', '1', '2')];
    await assert.rejects(judged('o.jsonl', rows, { outFile: at('./o.jsonl') }), ConfigError);
    assert.equal(await readFile(at('o.jsonl'), 'utf8'), jsonl(rows));
  });

  it('pays from the budget of its run', async () => {
    const configFile = join(setting.runFolder, 'config.json');
    const before = await readFile(configFile, 'utf8');
    const config = JSON.parse(before) as object;
    await writeFile(configFile, JSON.stringify({ ...config, budget: { calls: 1 } }));
    try {
      await assert.rejects(judged('b.jsonl', [pair('b1', '1', '7')]), BudgetError);
    } finally {
      await writeFile(configFile, before);
    }
  });

  it('is a command, whose first line says whether the judge can be trusted', async () => {
    await writeFile(at('mine.csv'), 'instruction,a,b\nwhich,3,2\nwhich,3,place\nwhich\n');
    const shared = ['--completions', at('completions'), '--resamples', '200'];
    const { code, out, err } = await runCommandLine(
      'prefer',
      `${setting.runFolder}@0`,
      at('mine.csv'),
      ...shared,
    );
    assert.equal(code, 0, err);
    const words = out.replace(/\s+/g, ' ');
    assert.match(words, /^Can this judge be trusted\? .*\(the seed model;/);
    assert.match(words, /2 pairs, each in both orders: a 1, b 0, tie 0, abstained 1/);
    assert.match(words, /right in 83\.3 \[\d+\.\d, \d+\.\d\] % of 36 held-out pairs of pairs/);
    assert.match(words, /response shown first in 75\.0 % of 4 verdicts/);
    assert.match(words, /completions 4, from the store 0/);
    assert.match(words, /mine\.csv:4 unreadable-row/);
    await writeFile(at('huge.csv'), 'id,instruction,a,b\nh1,which,huge,2\n');
    const refused = await runCommandLine('prefer', setting.runFolder, at('huge.csv'), ...shared);
    assert.equal(refused.code, EXIT_CODES.endpointFailed);
    assert.ok(!refused.out.endsWith('\n\n'));
    assert.match(refused.out.replace(/\s+/g, ' '), /context-length, pair h1: .*maximum context length/);
    const plan = await runCommandLine('prefer', setting.runFolder, at('mine.csv'), '--plan', ...shared);
    assert.match(
      plan.out.replace(/\s+/g, ' '),
      /2 pairs: 0 requests for 0 completions; the store answers 4 more/,
    );
  });
});
