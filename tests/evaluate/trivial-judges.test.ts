import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  benchmarkNamed,
  compareWithTrivial,
  readGoldLabels,
  shortcutValues,
} from '../../lib/src/evaluate/index.js';
import { compareInputs } from '../../lib/src/experiment/index.js';
import { trivialFindings, trivialNote, trivialTable, trivialText } from '../../lib/src/report/index.js';
import type { Gold, ShortcutValues, TrivialReport } from '../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { scored } from './scoring.js';
import { brief, tableFrom } from './tables.js';

const figures = ({ comparisons }: TrivialReport): Record<string, unknown> =>
  Object.fromEntries(
    comparisons.map(({ baseline, baselineAccuracy, difference, finding }) => [
      baseline,
      [...brief(baselineAccuracy)!, difference === null ? null : Number(difference.toFixed(6)), finding],
    ]),
  );

/** 40 items in both orders; the longer response is right in the first `nLonger`. A judge by length, or a perfect one. */
function judged(nLonger: number, { isPerfect }: { isPerfect: boolean }): TrivialReport {
  const values = new Map<string, ShortcutValues>();
  const items = Array.from({ length: 40 }, (_, i) => {
    const longer = i % 2 === 0 ? 'first' : 'second';
    const gold: Gold = i < nLonger ? longer : longer === 'first' ? 'second' : 'first';
    const says = isPerfect ? gold : longer;
    values.set(`i${i}`, { longer: longer === 'first' ? [2, 1] : [1, 2], markdown: [0, 0] });
    return [`i${i}`, { gold, given: says === 'first' ? 'A' : 'B', swapped: says === 'first' ? 'B' : 'A' }];
  });
  const table = tableFrom(Object.fromEntries(items) as Parameters<typeof tableFrom>[0]);
  return compareWithTrivial('j', [{ table, valuesOf: (id) => values.get(id) }]);
}

describe('a judge beside trivial ones', () => {
  it('is told when it is not better than choosing by length', () => {
    const report = judged(30, { isPerfect: false });
    assert.deepEqual(figures(report), {
      first: [0.5, 40, 0, 0.25, 'better'],
      longer: [0.75, 40, 0, 0, 'within-noise'],
      // Neither has any, so that all 40 are ties, which count half.
      markdown: [0.5, 40, 0, 0.25, 'better'],
    });
    const [finding] = trivialFindings([report]);
    assert.equal(finding?.verdict, 'warning');
    assert.equal(
      finding.found,
      'j is not shown to be better than choosing the longer response: 75.0 against 75.0, difference +0.0; it is better than 2 of 3 trivial judges',
    );
  });

  it('is told nothing where it is better than all of them', () => {
    const report = judged(30, { isPerfect: true });
    assert.deepEqual(figures(report).longer, [0.75, 40, 0, 0.25, 'better']);
    assert.deepEqual(trivialFindings([report]), []);
    assert.deepEqual(trivialTable([report]).rows[1]!.slice(0, 2), ['j', 'the longer response']);
    assert.match(trivialNote([report]), /not known .*: the response with more words .*; by a bag of words/);
    // Beside a comparison by another rule, it has to be said.
    assert.match(trivialNote([report]), /^A tie counts half\. /);
  });

  it('is shown beside the closest trivial judge alone where there are many', () => {
    const reports = Array.from({ length: 6 }, (_, i) => ({
      ...judged(30, { isPerfect: false }),
      judge: `j${i}`,
    }));
    const lines = trivialText(reports).split('\n');
    assert.match(lines[0]!, /closest/);
    assert.equal(lines.filter((line) => /^j {3,}the /.test(line)).length, 6);
    assert.equal(lines.filter((line) => line.startsWith('warning')).length, 4);
    assert.match(lines.at(-1)!, /^2 more judges not shown to be better/);
  });

  it('shows always the first as half right by construction only where both orders were judged', () => {
    const { low, high, method } = judged(30, { isPerfect: true }).comparisons[0]!.baselineAccuracy;
    assert.deepEqual([low, high, method], [0.5, 0.5, 'by construction: in both orders']);
    const once = tableFrom({ a: { gold: 'first', given: 'A' }, b: { gold: 'second', given: 'A' } });
    const [{ baselineAccuracy }] = compareWithTrivial('j', [{ table: once, valuesOf: () => undefined }])
      .comparisons as [TrivialReport['comparisons'][number]];
    assert.ok(baselineAccuracy.low! < 0.5 && baselineAccuracy.high! > 0.5);
  });

  it('is compared on the items that both have a verdict on, the others counted by reason', () => {
    const table = tableFrom({
      a: { gold: 'first', given: 'A' },
      b: { gold: 'first', given: '-' },
      c: { gold: null, given: 'A' },
      d: { gold: 'second', swapped: 'A', responses: [{ nCharacters: 1 }, { nCharacters: 3 }] },
    });
    const report = compareWithTrivial('j', [{ table, valuesOf: () => undefined }]);
    // Of a and c no length is known. Shown swapped, the second response of d stands first.
    assert.deepEqual(figures(report), {
      first: [1, 2, 2, 0, 'within-noise'],
      longer: [1, 1, 3, 0, 'within-noise'],
    });
    assert.deepEqual(report.comparisons[1]!.unscoredReasons, {
      oneJudgeOnly: 0,
      noGold: 1,
      noCommonOrder: 0,
      noVerdict: 2,
    });
    assert.deepEqual(compareWithTrivial('j', []).comparisons, []);
    assert.equal(trivialText([]), '');
  });

  it('stands in the score of recorded judgments and in the comparison of what was saved', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'items.jsonl');
      const items = Array.from({ length: 40 }, (_, i) => ({
        itemId: `i${i}`,
        instruction: `What is ${i}?`,
        winner: `It is ${i} indeed`,
        loser: i < 10 ? `It is not ${i}, whatever people say` : 'No',
        ...(i % 2 === 0 ? { givenFirst: 'loser' } : {}),
      }));
      await writeFile(file, items.map((item) => `${JSON.stringify(item)}\n`).join(''));
      const gold = await readGoldLabels(benchmarkNamed('pairs')!, { files: [file] });
      const rows = items.flatMap(({ itemId, givenFirst }) =>
        (['given', 'swapped'] as const).map((shown) => ({
          itemId,
          shown,
          verdict: (shown === 'given') === (givenFirst === undefined) ? 'A' : 'B',
        })),
      );
      const { score, scorer } = await scored({ 'perfect.jsonl': rows }, { gold });
      assert.deepEqual(
        Object.entries(figures(score.trivial[0]!)).map(([name, [value]]: [string, any]) => [name, value]), // eslint-disable-line
        [
          ['first', 0.5],
          ['longer', 0.75],
          ['markdown', 0.5],
          // The first ten losers say as many words of the question as the winner.
          ['overlap', 0.875],
          ['bagOfWords', 1],
        ],
      );
      assert.equal(score.trivial[0]!.comparisons[4]!.finding, 'within-noise');
      const saved = join(folder, 'saved.jsonl');
      const lines = [...scorer.scoredItems()];
      assert.deepEqual(lines[0]!.shortcuts!.longer, [32, 14]);
      const named = ['a', 'b'].flatMap((judge) => lines.map((line) => ({ ...line, judge })));
      await writeFile(saved, named.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const { trivial = [] } = await compareInputs([saved], { seed: 1 });
      assert.deepEqual(
        trivial.map(({ judge }) => judge),
        ['a', 'b'],
      );
      assert.deepEqual(figures(trivial[1]!), figures(score.trivial[0]!));
    }));

  it('sees a pair the right way round where its benchmark lists it under another id', async () => {
    const id = '90/n/m/1';
    const items = new Map([[id, { itemId: id, subset: 'turn 1', gold: 'second' as const }]]);
    const shortcuts = new Map([[id, { longer: [1, 9] as [number, number] }]]);
    const pair = { question_id: 90, model_1: 'm', model_2: 'n', judge: ['g', 'pair'], turn: 1 };
    const { score } = await scored(
      { 'j.jsonl': [{ ...pair, g1_judgment: '[[A]]', g2_judgment: '[[B]]' }] },
      { gold: { items, shortcuts, dropped: {}, agreement: {}, labels: [] } },
    );
    assert.deepEqual(figures(score.trivial[0]!).longer, [1, 1, 0, 0, 'within-noise']);
  });

  it('says nothing of lengths where a benchmark has no texts', () => {
    const item = { instruction: 'x', winner: '', loser: '', slice: 's', errorKind: 'e' };
    assert.deepEqual([...shortcutValues([{ ...item, itemId: 'a' }])], []);
    const responses = [{ nCharacters: 0 }, { nCharacters: 0 }] as const;
    const table = tableFrom({ a: { gold: 'first', given: 'A', responses } });
    const report = compareWithTrivial('j', [{ table, valuesOf: () => undefined }]);
    assert.deepEqual(Object.keys(figures(report)), ['first']);
  });
});
