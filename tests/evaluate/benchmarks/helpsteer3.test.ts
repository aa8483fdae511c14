import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { benchmarkNamed, readGoldLabels } from '../../../lib/src/evaluate/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { scored } from '../scoring.js';
import { brief, rowsOf, sorted } from '../tables.js';

const benchmark = benchmarkNamed('helpsteer3')!;
const place = { file: 'f', companion: (): null => null };
const row = (overall_preference: number, domain = 'code'): Record<string, unknown> => ({
  domain,
  language: 'python',
  context: [{ role: 'user', content: 'p' }],
  response1: 'one',
  response2: 'three',
  overall_preference,
  individual_preference: [{ score: overall_preference, reasoning: 'so' }],
});

describe('HelpSteer3', () => {
  it('prefers response 1 below 0 and response 2 above; 0 is a tie', async () => {
    const turns = [
      { role: 'user', content: 'p' },
      { role: 'assistant', content: 'a' },
      { role: 'user', content: 'q' },
    ];
    const { kept, dropped } = await sorted(
      benchmark.items(rowsOf(row(-3), row(1), { ...row(0), context: turns }, row(4), row(0.5)), place),
    );
    assert.deepEqual(dropped, ['line 4: wrong-shape', 'line 5: wrong-shape']);
    assert.deepEqual(kept, [
      {
        itemId: 'helpsteer3/0',
        instruction: 'p',
        slice: 'code',
        errorKind: 'python',
        winner: 'one',
        loser: 'three',
      },
      {
        itemId: 'helpsteer3/1',
        instruction: 'p',
        slice: 'code',
        errorKind: 'python',
        winner: 'three',
        loser: 'one',
        givenFirst: 'loser',
      },
      {
        itemId: 'helpsteer3/2',
        instruction: '### User\np\n\n### Assistant\na\n\n### User\nq',
        slice: 'code',
        errorKind: 'python',
        winner: 'one',
        loser: 'three',
        goldTie: true,
      },
    ]);
  });

  it("scores a judge's preferences in its own form by domain, with ties and without", () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'validation.jsonl');
      const gold = [row(-3), row(2), row(0), row(1, 'stem')];
      await writeFile(file, gold.map((each) => `${JSON.stringify(each)}\n`).join(''));
      const { score } = await scored(
        { 'judge.jsonl': [row(-1), row(-2), row(1), { ...row(3), response2: 'another' }] },
        { benchmark, gold: await readGoldLabels(benchmark, { files: [file] }) },
      );
      const [code] = score.sets;
      assert.deepEqual([code?.judge, code?.subset, score.dropped], ['judge', 'code', { 'other-pair': 1 }]);
      assert.deepEqual(brief(code?.published.accuracy), [0.333333, 3, 0]);
      assert.deepEqual(brief(code?.published.accuracyWithoutTies), [0.5, 2, 0]);
      assert.deepEqual(score.coverage[0]?.notJudged, ['helpsteer3/3']);
    }));
});
