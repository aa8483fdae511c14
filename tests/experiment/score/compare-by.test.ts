import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { comparisonTable, toText } from '../../../lib/src/report/index.js';
import { compareInputs } from '../../../lib/src/experiment/index.js';
import {
  comparisonReportSchema,
  NO_USAGE,
  type ComparisonReport,
  type ScoredItem,
  type VoteCount,
} from '../../../lib/src/schema/index.js';
import { SMALL_EXPERIMENT } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const NONE: VoteCount = { A: 0, B: 0, tie: 0, unparsed: 0 };
const KINDS = { A: 'A', B: 'B', C: 'tie', '-': 'unparsed' } as const;

/** Items of which the first response is better, and what the judge said in each order: `AB` is right twice. */
const scored = (judge: string, verdicts: readonly string[], benchmark?: string): string =>
  verdicts
    .map((said, i): ScoredItem => {
      const [given, swapped] = [...said].map((letter) => ({ ...NONE, [KINDS[letter as 'A']]: 1 }));
      const item = { judge, subset: 'math', itemId: `i${i}`, gold: 'first' as const };
      return { ...item, ...(benchmark && { benchmark }), given: given ?? NONE, swapped: swapped ?? NONE };
    })
    .map((item) => `${JSON.stringify(item)}\n`)
    .join('');

/** Right in both orders on 6 of 10 items, wrong in both on 4. */
const STEADY = [...Array<string>(6).fill('AB'), ...Array<string>(4).fill('BA')];
/** Right in both orders on 4 of 10 items; on the others it takes what is shown first, once with a tie, once unread. */
const LEANING = [...Array<string>(4).fill('AB'), 'AA', 'AA', 'AA', 'AA', 'AC', 'A-'];

const compared = (file: string, by?: string): Promise<ComparisonReport> =>
  compareInputs([file], { seed: 1, nResamples: 200, by });

describe('a comparison by what a benchmark publishes', () => {
  it('scores each pair by its rule, which may turn the difference round', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'scored.jsonl');
      await writeFile(
        file,
        scored('steady', STEADY, 'judgebench') + scored('leaning', LEANING, 'judgebench'),
      );
      const figuresOf = ({ overall: [found] }: ComparisonReport): unknown =>
        [found?.baselineAccuracy.value, found?.judgeAccuracy.value, found?.difference, found?.n].map(
          (value) => Number(value?.toFixed(4)),
        );
      // A pair without a verdict in one order is compared in the other: steady 6/10; leaning (4 + 4/2 + 0.75 + 1) / 10.
      assert.deepEqual(figuresOf(await compared(file)), [0.6, 0.775, 0.175, 10]);
      // JudgeBench: right in more orders than wrong: leaning on 4, and where the other order is a tie or unread.
      const published = await compared(file, 'published');
      assert.deepEqual(figuresOf(published), [0.6, 0.6, 0, 10]);
      assert.equal(published.by, 'JudgeBench: right in more orders than wrong');
      assert.deepEqual(comparisonReportSchema.parse(JSON.parse(JSON.stringify(published))), published);
      // LLMBar: each order by itself, whatever is not the gold label wrong: leaning (8 + 4 + 1 + 1) / 20.
      assert.deepEqual(figuresOf(await compared(file, 'llmbar')), [0.6, 0.7, 0.1, 10]);
      assert.ok(
        toText(comparisonTable(published), { breakNames: true })
          .split('\n')
          .every(({ length }) => length <= 120),
      );
    }));

  it('takes the benchmark of a run from its settings', () =>
    inTemporaryFolder(async (folder) => {
      const [run, file] = [join(folder, 'run'), join(folder, 'scored.jsonl')];
      await mkdir(join(run, 'iteration-0'), { recursive: true });
      const benchmark = { source: 'registry', name: 'judgebench' };
      await writeFile(
        join(run, 'config.json'),
        JSON.stringify({ ...SMALL_EXPERIMENT, evaluate: { ...SMALL_EXPERIMENT.evaluate, benchmark } }),
      );
      const stage = { stage: 'evaluate', nInput: 1, nKept: 1, drops: {}, wallMs: 1, usage: NO_USAGE };
      const manifest = { schemaVersion: 1, iteration: 0, judgeModel: 'm', resultModel: 'm', stages: [stage] };
      await writeFile(join(run, 'iteration-0', 'manifest.json'), JSON.stringify(manifest));
      const orders = ['winner-first', 'loser-first'].map((order) => ({
        order,
        text: '',
        verdict: { kind: 'A' },
      }));
      const item = { itemId: 'i0', slice: 'math', errorKind: 'e', orders };
      await writeFile(join(run, 'iteration-0', 'evaluation.jsonl'), `${JSON.stringify(item)}\n`);
      await writeFile(file, scored('steady', ['AB'], 'judgebench'));
      const { overall } = await compareInputs([run, file], { seed: 1, nResamples: 200, by: 'published' });
      assert.deepEqual([overall[0]?.baselineAccuracy.value, overall[0]?.judgeAccuracy.value], [0, 1]);
    }));

  it('is refused with the names of the benchmarks that have one', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'scored.jsonl');
      for (const [benchmarks, by, expected] of [
        [
          ['rewardbench', 'rewardbench'],
          'published',
          /received rewardbench, which publishes a mean of four sections, .*Leave out --by: .*autodidact score rewardbench$/,
        ],
        [['pairs', 'pairs'], 'published', /--by published: expected .*judgebench.*, received pairs\. .*--by/],
        [['judgebench', 'llmbar'], 'published', /received judgebench and llmbar/],
        [
          [undefined, undefined],
          'published',
          /an input that does not name its benchmark \(.*scored\.jsonl\)/,
        ],
        [['mt-bench', 'mt-bench'], 'mt-bench', /received mt-bench/],
        [['judgebench', 'judgebench'], 'nothing', /--by nothing: .*received nothing/],
      ] as const) {
        await writeFile(file, scored('a', ['AB'], benchmarks[0]) + scored('b', ['AA'], benchmarks[0]));
        const other = join(folder, 'other.jsonl');
        await writeFile(other, scored('c', ['AB'], benchmarks[1]));
        await assert.rejects(compareInputs([file, other], { seed: 1, by }), expected);
      }
    }));
});
