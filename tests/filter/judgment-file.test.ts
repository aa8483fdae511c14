import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { DataError } from '../../lib/src/core/errors.js';
import { readJsonl } from '../../lib/src/core/jsonl.js';
import {
  filterJudgmentFile,
  filterJudgments,
  filterPreferenceFile,
  filterPreferences,
} from '../../lib/src/filter/index.js';
import { isPlainlyJudgedPair } from '../../lib/src/filter/judged-pair-check.js';
import { judgedPairSchema, type JudgedPair, type Order } from '../../lib/src/schema/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const SEEDED = { seed: 20240805, numRuns: 60 };

const verdict = fc.constantFrom(
  { kind: 'A' as const },
  { kind: 'B' as const },
  { kind: 'tie' as const },
  { kind: 'unparsed' as const, reason: 'no-marker' as const },
);
const text = fc.oneof(
  fc.constantFrom('[[A]]', 'a "quoted" word\n[[B]]', 'naïve \u2028 \u{1f600}', '\\', ''),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const judgment = fc.record({ order: fc.constantFrom<Order>('winner-first', 'loser-first'), text, verdict });

const idOf = (i: number): string => (i % 3 === 0 ? `pär-${i}` : `p${i}`);

/** Pairs with ids of their own. */
const judgedPairs: fc.Arbitrary<JudgedPair[]> = fc
  .array(fc.array(judgment, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 })
  .map((pairs) =>
    pairs.map((judgments, i) => ({
      pairId: idOf(i),
      judgments: judgments.map((rest, sampleIndex) => ({ pairId: idOf(i), sampleIndex, ...rest })),
    })),
  );

const options = fc.record({
  correctOnly: fc.boolean(),
  balanceLabels: fc.boolean(),
  perPair: fc.integer({ min: 1, max: 3 }),
  minCorrectShare: fc.constantFrom(undefined, 0.3, 1),
  rejected: fc.constantFrom('wrong' as const, 'wrong-or-tie' as const, 'not-right' as const),
  seed: fc.integer({ min: 0, max: 9 }),
});

/** Lines as this project writes them, and as others may. */
const style = fc.constantFrom(
  (pair: JudgedPair) => JSON.stringify(pair),
  (pair: JudgedPair) => JSON.stringify(pair, null, 1).replaceAll('\n', ' '),
  ({ pairId, judgments }: JudgedPair) => `\t${JSON.stringify({ judgments, pairId })}\r`,
  (pair: JudgedPair) => `\n\u3000\n${JSON.stringify(pair)}`,
  (pair: JudgedPair) =>
    JSON.stringify(pair).replaceAll(/[ïä]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`),
);

const withFile = (content: string | Uint8Array, test: (path: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'judgments.jsonl');
    await writeFile(path, content);
    await test(path);
  });

describe('filtering a judgments file', () => {
  it('gives what filtering its records gives, however its lines are written', async () => {
    await fc.assert(
      fc.asyncProperty(judgedPairs, options, style, fc.boolean(), async (pairs, choice, write, ends) => {
        const content = pairs.map(write).join('\n') + (ends ? '\n' : '');
        await withFile(content, async (path) => {
          assert.deepEqual(
            await collect(filterJudgmentFile(path, choice)),
            await collect(filterJudgments(pairs, choice)),
          );
          assert.deepEqual(
            await collect(filterPreferenceFile(path, choice)),
            await collect(filterPreferences(pairs, choice)),
          );
        });
      }),
      SEEDED,
    );
  });

  it('tells of a damaged line what reading its records tells', async () => {
    const damages = fc.constantFrom('{', 'null', '{"pairId":"x","judgments":[]}', '{"pairId":""}', '[1]');
    const cut = fc.tuple(fc.nat(), fc.constantFrom('', ',', '"', 'x'));
    await fc.assert(
      fc.asyncProperty(judgedPairs, damages, cut, options, async (pairs, damage, [where, noise], choice) => {
        const lines = pairs.map((pair) => JSON.stringify(pair));
        const place = where % lines.length;
        // Either another line in its place, or the line itself, cut and mended wrongly.
        lines[place] = noise === '' ? damage : `${lines[place]!.slice(0, where % 40)}${noise}`;
        await withFile(lines.join('\n'), async (path) => {
          const plainly = await collect(readJsonl(path, judgedPairSchema)).catch((thrown: unknown) => thrown);
          assert.ok(plainly instanceof DataError);
          assert.match(plainly.message, new RegExp(`judgments\\.jsonl:${place + 1}: `));
          await assert.rejects(collect(filterJudgmentFile(path, choice)), {
            name: 'DataError',
            message: plainly.message,
          });
        });
      }),
      SEEDED,
    );
  });

  it('gives the same whatever the number of threads, and names the line in the part of another thread', async () => {
    const pairs = Array.from({ length: 40 }, (_, i) => ({
      pairId: `p${i}`,
      judgments: ['A', 'B'].map((kind, sampleIndex) => ({
        pairId: `p${i}`,
        order: i % 2 === 0 ? ('winner-first' as const) : ('loser-first' as const),
        sampleIndex,
        text: 'x'.repeat(i * 7),
        verdict: { kind: kind as 'A' | 'B' },
      })),
    }));
    const choice = { correctOnly: true, balanceLabels: true, seed: 3 };
    const lines = pairs.map((pair) => JSON.stringify(pair));
    await withFile(`${lines.join('\n')}\n`, async (path) => {
      const expected = await collect(filterJudgments(pairs, choice));
      assert.deepEqual(await collect(filterJudgmentFile(path, choice, { nThreads: 3 })), expected);
    });
    lines[37] = lines[37]!.replace('"sampleIndex":0', '"sampleIndex":-1');
    await withFile(lines.join('\n'), async (path) => {
      await assert.rejects(collect(filterJudgmentFile(path, choice, { nThreads: 3 })), {
        name: 'DataError',
        message: /judgments\.jsonl:38: .*judgments\.0\.sampleIndex/,
      });
    });
  });

  it('refuses bytes that are not UTF-8, in place of reading signs that nobody wrote', async () => {
    const line = JSON.stringify({
      pairId: 'p',
      judgments: [{ pairId: 'p', order: 'winner-first', sampleIndex: 0, text: '#', verdict: { kind: 'A' } }],
    });
    const bytes = Buffer.from(`\n${line}\n`);
    bytes[bytes.indexOf('#')] = 0xff;
    await withFile(bytes, async (path) => {
      await assert.rejects(
        collect(filterJudgmentFile(path, { correctOnly: true, balanceLabels: true, seed: 1 })),
        /judgments\.jsonl:2: expected a record in UTF-8/,
      );
    });
  });

  it('says of a missing file and of a folder that they cannot be read', async () => {
    await inTemporaryFolder(async (folder) => {
      const choice = { correctOnly: true, balanceLabels: true, seed: 1 };
      await assert.rejects(collect(filterJudgmentFile(join(folder, 'none.jsonl'), choice)), /ENOENT/);
      await assert.rejects(collect(filterJudgmentFile(folder, choice)), /not a file/);
    });
  });

  it('keeps nothing of an empty file', async () => {
    await withFile('\n\n', async (path) => {
      const choice = { correctOnly: true, balanceLabels: true, seed: 1 };
      assert.deepEqual(await collect(filterJudgmentFile(path, choice)), []);
      assert.equal(await readFile(path, 'utf8'), '\n\n');
    });
  });

  it('takes by hand only what the schema takes', () => {
    const loose = fc.record(
      {
        pairId: fc.oneof(fc.constant('p'), fc.constant(''), fc.constant(1)),
        order: fc.constantFrom('winner-first', 'loser-first', 'first'),
        sampleIndex: fc.constantFrom(0, 3, -1, 0.5, 2 ** 60, '1'),
        text: fc.constantFrom('', 'text', null),
        verdict: fc.constantFrom(
          { kind: 'A' },
          { kind: 'tie', reason: 'no-marker' },
          { kind: 'unparsed' },
          { kind: 'unparsed', reason: 'truncated' },
          { kind: 'unparsed', reason: 'tired' },
          ['A'],
          null,
        ),
        more: fc.constant(1),
      },
      { requiredKeys: [] },
    );
    const value = fc.record({
      pairId: fc.constantFrom('p', '', 2),
      judgments: fc.array(loose, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(value, (candidate) => {
        if (isPlainlyJudgedPair(candidate)) assert.ok(judgedPairSchema.safeParse(candidate).success);
      }),
      { ...SEEDED, numRuns: 2000 },
    );
    const valid: JudgedPair = {
      pairId: 'p',
      judgments: [
        { pairId: 'p', order: 'loser-first', sampleIndex: 0, text: '', verdict: { kind: 'tie' } },
        {
          pairId: 'p',
          order: 'winner-first',
          sampleIndex: 1,
          text: 'x',
          verdict: { kind: 'unparsed', reason: 'both-markers' },
        },
      ],
    };
    assert.ok(isPlainlyJudgedPair(valid));
  });
});
