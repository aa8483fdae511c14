import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { judgeFile, openJudge, type OpenedJudge } from '../../../lib/src/experiment/index.js';
import { startNumberJudge, type NumberJudge } from '../../fixtures/number-judge.js';

describe('the judge of a run, opened', function () {
  this.timeout(60_000);

  let setting: NumberJudge;
  before(async () => {
    setting = await startNumberJudge();
  });
  after(() => setting.close());

  const places = () => ({ completionsFolder: join(setting.folder, 'completions'), environment: {} });
  const withOpened = async (test: (judge: OpenedJudge) => Promise<void>): Promise<void> => {
    const judge = await openJudge(setting.runFolder, places());
    try {
      await test(judge);
    } finally {
      await judge.close();
    }
  };

  it('compares from code, many at once', () =>
    withOpened(async (judge) => {
      const asked = Array.from({ length: 12 }, (_, i) => ({
        instruction: `at once ${i}`,
        a: `${i}`,
        b: '6',
      }));
      const said = await Promise.all(asked.map((each) => judge.compare(each)));
      assert.deepEqual(
        said.map(({ verdict }) => verdict),
        asked.map(({ a }) => (a === '6' ? 'tie' : Number(a) > 6 ? 'a' : 'b')),
      );
      // Equal responses are one question in both orders.
      assert.equal(judge.usage().completions, 23);
      await assert.rejects(judge.compare({ instruction: '', a: '1', b: '2' }), DataError);
      await assert.rejects(judge.compare({ instruction: 'x', a: 1 as never, b: '2' }), DataError);
      await assert.rejects(judge.compare({ instruction: 'x', a: 'huge', b: '2' }), /context-length/);
    }));

  it('ends one comparison, or all when it is closed', async () => {
    const release = setting.hold();
    const judge = await openJudge(setting.runFolder, places());
    const stop = new AbortController();
    const one = judge.compare({ instruction: 'slow one', a: '1', b: '2' }, { signal: stop.signal });
    const other = judge.compare({ instruction: 'slow other', a: '1', b: '2' });
    const [ended, closed] = [assert.rejects(one, /no more/), assert.rejects(other, /the judge is closed/)];
    stop.abort(new Error('no more'));
    await ended;
    assert.equal((await judge.compare({ instruction: 'quick', a: '1', b: '2' })).verdict, 'b');
    await judge.close();
    await closed;
    await judge.close();
    await assert.rejects(judge.compare({ instruction: 'late', a: '1', b: '2' }), /the judge is closed/);
    release();
  });

  it('is refused for an iteration that is not there, and for another folder', async () => {
    await assert.rejects(openJudge(setting.runFolder, { ...places(), iteration: 3 }), ConfigError);
    await assert.rejects(openJudge(setting.folder, places()), DataError);
  });

  it('grades each response alone where it was measured so', async () => {
    const grading = await startNumberJudge({ method: 'single-grading' });
    const judge = await openJudge(grading.runFolder, {
      completionsFolder: join(grading.folder, 'completions'),
      environment: {},
    });
    try {
      const { verdict, grades } = await judge.compare({ instruction: 'grade', a: '7', b: '9' });
      assert.deepEqual(
        [verdict, grades?.a, grades?.b],
        ['b', { text: 'it is [[7]]', grade: 7 }, { text: 'it is [[9]]', grade: 9 }],
      );
      await judge.close();
      // Grades say nothing of places.
      const file = join(grading.folder, 'mine.jsonl');
      await writeFile(file, JSON.stringify({ instruction: 'grade', a: '7', b: '9' }));
      const { runFolder, folder } = grading;
      const places = { runFolder, file, completionsFolder: join(folder, 'completions'), environment: {} };
      const { verdicts, shareOfFirst } = await judgeFile({ ...places, nResamples: 100, seed: 1 });
      assert.deepEqual([verdicts.b, shareOfFirst.n], [1, 0]);
      await assert.rejects(
        openJudge(grading.runFolder, { votes: true, environment: {} }),
        /expected a run whose judges were measured with votes/,
      );
    } finally {
      await judge.close();
      await grading.close();
    }
  });
});
