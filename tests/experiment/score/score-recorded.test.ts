import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { sha256 } from '../../../lib/src/core/hash.js';
import { datasetNamed, revisionOf } from '../../../lib/src/datasets/index.js';
import { scoreRecorded, scoreSubsetAccuracies } from '../../../lib/src/experiment/index.js';
import { scoredItemSchema, scoreSchema } from '../../../lib/src/schema/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('scoring of recorded judgments', () => {
  it('takes gold labels from the items and leaves per-item verdicts for a comparison', () =>
    inTemporaryFolder(async (folder) => {
      const [items, judgments, saved] = ['items.jsonl', 'judgments.jsonl', 'scored.jsonl'].map((name) =>
        join(folder, name),
      ) as [string, string, string];
      await writeFile(
        items,
        lines([
          { itemId: 'a', instruction: 'x', winner: 'w', loser: 'longer', slice: 'math' },
          { itemId: 'b', instruction: 'y', winner: 'w', loser: 'l', slice: 'code' },
        ]),
      );
      await writeFile(
        judgments,
        lines([
          { itemId: 'a', judge: 'j', text: 'so [[A]]' },
          { itemId: 'a', judge: 'j', shown: 'swapped', text: 'so [[A]]', verdict: 'B' },
          { itemId: 'b', judge: 'j', text: 'undecided' },
          { itemId: 'c', judge: 'j', text: '[[A]]' },
          { nothing: 'here' },
        ]),
      );
      const score = await scoreRecorded({
        benchmark: 'pairs',
        judgments: [judgments],
        items: [items],
        save: saved,
      });
      assert.deepEqual(scoreSchema.parse(JSON.parse(JSON.stringify(score))), score);
      const [all, code, math] = score.sets;
      assert.deepEqual([all?.subset, code?.subset, math?.subset], ['all', 'code', 'math']);
      // a: right as given, wrong when swapped; b: unread; c: no gold label.
      assert.deepEqual([math!.metrics.accuracy.value, math!.metrics.accuracy.n], [0.5, 2]);
      assert.deepEqual([code!.metrics.accuracy.value, code!.metrics.accuracy.unscored], [null, 1]);
      assert.deepEqual([all!.metrics.accuracy.n, score.nWithoutGold], [0, 1]);
      assert.deepEqual([score.nReparsed, score.nDiffering, score.dropped], [1, 1, { 'wrong-shape': 1 }]);
      assert.deepEqual(
        score.differing.map(({ line, recorded, parsed }) => [line, recorded, parsed]),
        [[2, 'B', 'A']],
      );
      const scored = (await readFile(saved, 'utf8')).trim().split('\n');
      assert.deepEqual(
        scored
          .map((line) => scoredItemSchema.parse(JSON.parse(line)))
          .map(({ itemId, gold }) => [itemId, gold]),
        [
          ['c', null],
          ['b', 'first'],
          ['a', 'first'],
        ],
      );
    }));

  it('refuses what it does not know, and files without a judgment', () =>
    inTemporaryFolder(async (folder) => {
      const judgments = [join(folder, 'x.jsonl')];
      await writeFile(judgments[0]!, lines([{ itemId: '', text: 'x' }]));
      const refused = (request: object): Promise<unknown> =>
        scoreRecorded({ benchmark: 'pairs', judgments, ...request });
      await assert.rejects(refused({ benchmark: 'bench' }), /expected one of rewardbench, .*pairs/);
      await assert.rejects(
        refused({ rule: 'loud' }),
        /verdict rule loud: expected one of strict, rewardbench/,
      );
      await assert.rejects(refused({ format: 'xml' }), /expected one of autodidact, judgebench, llmbar/);
      await assert.rejects(refused({ columns: { winner: 5 } }), /--columns/);
      await assert.rejects(
        refused({}),
        /expected at least one judgment, received wrong-shape 1; first in line 1/,
      );
      await assert.rejects(refused({ judgments: [join(folder, 'none.jsonl')] }), /none\.jsonl/);
      await assert.rejects(refused({ items: judgments }), /expected at least one benchmark item/);
      await assert.rejects(refused({ judgments: [...judgments, ...judgments] }), /every file once/);
    }));

  it('never writes over what it reads', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.jsonl');
      const text = lines([{ itemId: 'a', gold: 'first', text: '[[A]]' }]);
      await writeFile(path, text);
      for (const request of [
        { benchmark: 'pairs', judgments: [path], save: join(folder, '.', 'x.jsonl') },
        { benchmark: 'pairs', judgments: [path], save: '' },
      ])
        await assert.rejects(scoreRecorded(request), ConfigError);
      assert.equal(await readFile(path, 'utf8'), text);
    }));

  it('does not take gold labels from a cache that somebody changed, or of another commit', () =>
    inTemporaryFolder(async (cacheFolder) => {
      const judgments = [join(cacheFolder, 'judgments.jsonl')];
      await writeFile(judgments[0]!, lines([{ itemId: 'helpsteer2/0', text: '[[A]]' }]));
      const files = [
        { prompt: 'p', response: 'good', helpfulness: 4 },
        { prompt: 'p', response: 'poor', helpfulness: 1 },
      ];
      const place = join(cacheFolder, 'helpsteer2');
      await mkdir(place);
      const write = async (name: string, revision: string, content: string): Promise<void> => {
        await writeFile(join(place, 'validation.jsonl.gz'), content);
        const sum = sha256(lines(files));
        const source = { kind: 'huggingface', repo: 'nvidia/HelpSteer2', revision };
        const record = { path: 'validation.jsonl.gz', sha256: sum, bytes: lines(files).length };
        await writeFile(
          join(place, 'dataset.json'),
          JSON.stringify({
            schemaVersion: 1,
            name,
            source,
            files: [record],
            pulledAt: '2026-01-01T00:00:00Z',
          }),
        );
      };
      const scored = (): Promise<unknown> =>
        scoreRecorded({ benchmark: 'helpsteer2', judgments, cacheFolder });
      const revision = revisionOf(datasetNamed('helpsteer2'));
      await write('helpsteer2', revision, lines(files));
      await scored();
      await write('helpsteer2', revision, lines(files).replace('4', '0'));
      await assert.rejects(scored(), /validation\.jsonl\.gz differs.*autodidact data pull helpsteer2/);
      await write('helpsteer2', 'f'.repeat(40), lines(files));
      await assert.rejects(scored(), /commit ffff.*autodidact data pull helpsteer2/);
      await write('pandalm', revision, lines(files));
      await assert.rejects(scored(), /that of another data set/);
    }));

  it('reads another rule where one is named, and says which', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.jsonl');
      await writeFile(path, lines([{ itemId: 'a', gold: 'first', text: 'first [[B]], then [[A]]' }]));
      const ruleAndKind = async (rule?: string): Promise<unknown> => {
        const { sets } = await scoreRecorded({ benchmark: 'pairs', judgments: [path], rule });
        return [sets[0]!.rules, sets[0]!.metrics.accuracy.value];
      };
      assert.deepEqual(await ruleAndKind(), [{ strict: 1 }, null]);
      assert.deepEqual(await ruleAndKind('last-marker'), [{ 'last-marker': 1 }, 1]);
    }));
});

describe('scores from published accuracies', () => {
  const perfect = Object.fromEntries(['mt-bench-med'].map((subset) => [subset, 1]));

  it('come from one result, an array, or a list of models', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'results.json');
      for (const content of [
        { model: 'm', subsets: perfect },
        { model: 'm', model_type: 'x', ...perfect },
        [{ model: 'm', subsets: perfect }],
        { models: [{ model: 'm', subsets: perfect }] },
      ]) {
        await writeFile(path, JSON.stringify(content));
        const { judges, badRows } = await scoreSubsetAccuracies([path]);
        assert.deepEqual(
          judges.map(({ judge }) => judge),
          ['m'],
        );
        assert.deepEqual(badRows, []);
        // One subset of five makes no section.
        assert.equal(judges[0]!.figures.Chat!.value, null);
      }
    }));

  it('list what is no result, and refuse prior sets of several judges', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'results.json');
      await writeFile(
        path,
        JSON.stringify([
          { model: 'm', subsets: perfect },
          { subsets: perfect },
          { model: 'n', subsets: perfect },
        ]),
      );
      const { judges, badRows } = await scoreSubsetAccuracies([path]);
      assert.deepEqual([judges.length, badRows.length, badRows[0]!.line], [2, 1, 2]);
      await assert.rejects(
        scoreSubsetAccuracies([path], { priorSets: 0.7 }),
        /prior sets belong to one judge/,
      );
      await assert.rejects(scoreSubsetAccuracies([path], { judge: 'o' }), /expected one of m, n, received o/);
      await writeFile(path, JSON.stringify([{ model: 'm', subsets: { 'mt-bench-med': 95 } }]));
      await assert.rejects(
        scoreSubsetAccuracies([path]),
        /result 1: expected accuracies by subset, from 0 to 1/,
      );
      await writeFile(path, 'no JSON');
      await assert.rejects(scoreSubsetAccuracies([path]), /expected JSON of accuracies/);
    }));
});
