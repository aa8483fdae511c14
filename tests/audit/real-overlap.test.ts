// Overlaps between real files, found before by other means where that is said.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { OverlapCounts } from '../../lib/src/schema/index.js';
import { parityWith } from '../fixtures/shared-data.js';
import { audit, itemOf, textOf } from './overlap-cases.js';

async function rowsOf(path: string): Promise<Record<string, string>[]> {
  const bytes = await readFile(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
}

parityWith('gsm8k', 'the overlap of GSM8K’s two parts', (file) => {
  it('is three of 1,319 test problems: stories that were told again with other numbers', async () => {
    const items = (await rowsOf(file('test.jsonl.gz'))).map(({ question = '' }, i) =>
      itemOf(String(i + 1), question),
    );
    const texts = (await rowsOf(file('train.jsonl.gz'))).map(({ question = '' }, i) =>
      textOf(`t${i + 1}`, question),
    );
    const report = await audit(items, texts);
    const expected: OverlapCounts = { n: 1319, sameText: 0, nearDuplicate: 1, sharedRun: 2 };
    assert.deepEqual(report.items, { all: expected });
    assert.deepEqual(
      report.overlappingItems.map(({ itemId, strongest }) => [itemId, strongest.training.source?.line]),
      [
        ['582', 407],
        ['603', 1315],
        ['633', 21],
      ],
    );
    assert.equal(report.training.instruction.n, 7473);
  });
});

parityWith('pandalm', 'the overlap of PandaLM’s test set and self-instruct', (pandalmFile) => {
  // Its paper says so: arXiv 2306.05087, on its test data.
  it('is nearly all of it: its instructions are taken from there', async () => {
    const rows = JSON.parse(gunzipSync(await readFile(pandalmFile('testset-v1.json.gz'))).toString()) as {
      idx: number;
      instruction: string;
      input: string;
    }[];
    const items = rows.map(({ idx, instruction, input }) => itemOf(String(idx), `${instruction}\n${input}`));
    const path = pandalmFile('../self_instruct/user_oriented_instructions.jsonl');
    const texts = (await rowsOf(path)).map((row, i) => {
      const [first] = row.instances as unknown as { input: string }[];
      return textOf(`t${i + 1}`, `${row.instruction ?? ''}\n${first?.input ?? ''}`);
    });
    const report = await audit(items, texts);
    assert.deepEqual(report.items, { all: { n: 999, sameText: 996, nearDuplicate: 2, sharedRun: 0 } });
  });
});
