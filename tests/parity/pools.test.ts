// Instruction pools of public repositories, loaded through one pool config, against the numbers of rows that their sources state.
import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { poolSchema, readPool } from '../../lib/src/select/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { parityWith } from '../fixtures/shared-data.js';

/** Six pools in three formats, as an experiment would name them. */
const FILES = [
  { path: 'arena_hard/question_v0.1.jsonl', columns: { text: 'prompt' }, slice: 'arena-hard-v0.1' },
  { path: 'arena_hard/question_v2.0.jsonl.gz', columns: { text: 'prompt' }, slice: 'arena-hard-v2.0' },
  {
    path: 'self_instruct/user_oriented_instructions.jsonl',
    columns: { append: ['instances.0.input'] },
    slice: 'self-instruct',
  },
  {
    path: 'self_instruct/seed_tasks.jsonl',
    columns: { append: ['instances.0.input'] },
    slice: 'self-instruct',
  },
  { path: 'ifeval/input_data.jsonl', columns: { text: 'prompt' }, slice: 'ifeval' },
  { path: 'gsm8k/train.jsonl.gz', columns: { text: 'question' }, slice: 'gsm8k' },
  { path: 'gsm8k/test.jsonl.gz', columns: { text: 'question' }, slice: 'gsm8k' },
  { path: 'humaneval/HumanEval.jsonl.gz', columns: { text: 'prompt' }, slice: 'humaneval' },
  { path: 'xstest/xstest_prompts.csv', columns: { text: 'prompt', slice: 'label' } },
];

/** Rows by slice: 500 and 750 questions, 252 + 175 tasks, 541 prompts, 7,473 + 1,319 problems, 164 functions, 250 safe and 200 unsafe. */
const ROWS = {
  'arena-hard-v0.1': 500,
  'arena-hard-v2.0': 750,
  'self-instruct': 427,
  ifeval: 541,
  gsm8k: 8792,
  humaneval: 164,
  safe: 250,
  unsafe: 200,
};

parityWith('arena_hard', 'pools of public instructions', (file) => {
  const folder = dirname(dirname(file('x')));

  async function read(
    filters: object,
  ): Promise<{ kept: Record<string, number>; drops: Record<string, number> }> {
    const kept: Record<string, number> = {};
    const drops: Record<string, number> = {};
    const pool = poolSchema.parse({ files: FILES, filters });
    for await (const outcome of readPool(pool, { folder, seed: 1, signal: NEVER })) {
      if (outcome.kind === 'kept') kept[outcome.record.slice] = (kept[outcome.record.slice] ?? 0) + 1;
      else drops[outcome.drop.reason] = (drops[outcome.drop.reason] ?? 0) + 1;
    }
    return { kept, drops };
  }

  it('load through one config with as many rows as their sources have', async () => {
    assert.deepEqual(await read({ duplicates: 'keep' }), { kept: ROWS, drops: {} });
  });

  it('are accounted for to the last row when duplicates and near duplicates are dropped', async () => {
    const { kept, drops } = await read({ nearDuplicates: {} });
    const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
    assert.equal(sum(kept) + sum(drops), sum(ROWS));
    assert.deepEqual(Object.keys(drops), ['near-duplicate']);
    // They were written by hand or picked apart from each other: few are alike.
    assert.ok(sum(drops) < 0.03 * sum(ROWS), JSON.stringify(drops));
  });
});
