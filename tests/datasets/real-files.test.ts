import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { sha256 } from '../../lib/src/core/hash.js';
import { DATASETS } from '../../lib/src/datasets/registry.js';
import { columns, readRows } from '../../lib/src/datasets/rows.js';

/** Copies of files of the registry, by data set and the end of their path; gzipped copies hold the same bytes. */
const COPIES: Record<string, Record<string, string>> = {
  'mt-bench': {
    'question.jsonl': 'mtbench/question.jsonl',
    'gpt-4.jsonl': 'mtbench/reference_answer_gpt-4.jsonl',
  },
  pandalm: {
    '/testset-v1.json': 'pandalm/testset-v1.json.gz',
    'gpt-3.5-turbo-testset-v1.json': 'pandalm/gpt-3.5-turbo-testset-v1.json.gz',
    'pandalm-7b-testset-v1.json': 'pandalm/pandalm-7b-testset-v1.json.gz',
  },
  gsm8k: {
    'train.jsonl': 'gsm8k/train.jsonl.gz',
    'test.jsonl': 'gsm8k/test.jsonl.gz',
    'example_model_solutions.jsonl': 'gsm8k/example_model_solutions.jsonl.gz',
  },
  humaneval: { 'HumanEval.jsonl.gz': 'humaneval/HumanEval.jsonl.gz' },
  ifeval: { 'input_data.jsonl': 'ifeval/input_data.jsonl' },
  'self-instruct': {
    'user_oriented_instructions.jsonl': 'self_instruct/user_oriented_instructions.jsonl',
    'seed_tasks.jsonl': 'self_instruct/seed_tasks.jsonl',
  },
  'arena-hard': {
    'v0.1/question.jsonl': 'arena_hard/question_v0.1.jsonl',
    'v2.0/question.jsonl': 'arena_hard/question_v2.0.jsonl.gz',
  },
  xstest: { 'xstest_prompts.csv': 'xstest/xstest_prompts.csv' },
};

const FOLDER = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

if (existsSync(FOLDER)) {
  describe('files of the registry, where copies of them are at hand', () => {
    for (const { name, source, columns: names } of DATASETS) {
      const copies = COPIES[name];
      if (copies === undefined) continue;
      it(`have the sums, sizes, rows and columns that the registry says: ${name}`, async () => {
        for (const [i, file] of source.files.entries()) {
          const copy: string | undefined = Object.entries(copies).find(([end]) =>
            file.path.endsWith(end),
          )?.[1];
          if (copy === undefined) assert.fail(file.path);
          const path: string = FOLDER + copy;
          const stored: Buffer = readFileSync(path);
          const content: Buffer = copy.endsWith('.gz') ? gunzipSync(stored) : stored;
          if (file.sha256 !== null) assert.equal(sha256(content), file.sha256, file.path);
          if (file.bytes !== null) assert.equal(content.length, file.bytes, file.path);
          let nRows = 0;
          for await (const row of readRows(path)) {
            assert.ok('row' in row, `${file.path}:${row.line}`);
            nRows++;
          }
          assert.equal(nRows, file.nRows, file.path);
          if (i === 0) assert.deepEqual(await columns(path), names);
        }
      });
    }
  });
}
