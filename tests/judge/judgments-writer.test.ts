import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contentHash, sha256 } from '../../lib/src/core/hash.js';
import { JudgmentsWriter } from '../../lib/src/judge/index.js';
import { judgmentsOfRow, judgmentIndexRowSchema } from '../../lib/src/schema/judgment-index.js';
import type { JudgedPair, Verdict } from '../../lib/src/schema/index.js';
import { verdictSchema } from '../../lib/src/schema/verdict.js';
import { RunFolder } from '../../lib/src/store/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const UNPARSED = verdictSchema.options[3].shape.reason.options;
const VERDICTS: readonly Verdict[] = [
  { kind: 'A' },
  { kind: 'B' },
  { kind: 'tie' },
  ...UNPARSED.map((reason) => ({ kind: 'unparsed' as const, reason })),
];

const PAIRS: readonly JudgedPair[] = ['pär "1"', 'p2'].map((pairId, i) => ({
  pairId,
  judgments: VERDICTS.map((verdict, sampleIndex) => ({
    pairId,
    order: (sampleIndex + i) % 2 === 0 ? ('winner-first' as const) : ('loser-first' as const),
    sampleIndex,
    text: ['', 'naïve \u{1f600}\n[[A]]', '"', '\ud800'][(sampleIndex + i) % 4]!,
    verdict,
  })),
}));

describe('writing judgments', () => {
  it('leaves the records as JSON Lines, and an index from which each can be read by itself', async () => {
    await inTemporaryFolder(async (folder) => {
      const writer = await JudgmentsWriter.create(new RunFolder(folder), 'judged.jsonl');
      for (const pair of PAIRS) await writer.write(pair);
      assert.deepEqual(
        (await readdir(folder)).filter((name) => !name.endsWith('.partial')),
        [],
      );
      await writer.commit();
      const bytes = await readFile(join(folder, 'judged.jsonl'));
      assert.equal(bytes.toString(), PAIRS.map((pair) => `${JSON.stringify(pair)}\n`).join(''));
      const lines = (await readFile(join(folder, 'judged.index.jsonl'), 'utf8')).trimEnd().split('\n');
      const footer = JSON.parse(lines.pop()!) as { rowsHash: string; file: { bytes: number; hash: string } };
      assert.equal(footer.rowsHash, sha256(lines.map((line) => `${line}\n`).join('')));
      assert.deepEqual([footer.file.bytes, footer.file.hash], [bytes.length, sha256(bytes)]);
      const read = lines.map((line) =>
        judgmentsOfRow(judgmentIndexRowSchema.parse(JSON.parse(line))).map(
          ({ start, length, text, ...rest }) => {
            const judgment = JSON.parse(bytes.toString('utf8', start, start + length)) as { text: string };
            assert.equal(text, judgment.text === '' ? '' : undefined);
            assert.equal(contentHash({ ...rest, text: judgment.text }), contentHash(judgment));
            return judgment;
          },
        ),
      );
      assert.deepEqual(
        read,
        PAIRS.map(({ judgments }) => JSON.parse(JSON.stringify(judgments)) as unknown),
      );
    });
  });

  it('leaves nothing when it is given up', async () => {
    await inTemporaryFolder(async (folder) => {
      const writer = await JudgmentsWriter.create(new RunFolder(folder), 'judged.jsonl');
      await writer.write(PAIRS[0]!);
      await writer.discard();
      assert.deepEqual(await readdir(folder), []);
    });
  });

  it('has rows that are refused when their columns do not fit each other', () => {
    const row = { pairId: 'p', start: 0, orders: 'w', sampleIndexes: [0], verdicts: 'A', lengths: [9] };
    assert.equal(judgmentsOfRow(row).length, 1);
    for (const wrong of [{ orders: '' }, { sampleIndexes: [] }, { verdicts: 'x' }]) {
      assert.throws(() => judgmentsOfRow({ ...row, ...wrong }), RangeError);
    }
  });
});
