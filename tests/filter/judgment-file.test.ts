import assert from 'node:assert/strict';
import { copyFile, open, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { DataError } from '../../lib/src/core/errors.js';
import { fileHash } from '../../lib/src/core/hash.js';
import { readJsonl } from '../../lib/src/core/jsonl.js';
import {
  filterJudgments,
  filterPreferences,
  type FilterOptions,
  type PreferenceOptions,
} from '../../lib/src/filter/index.js';
import { readJudgmentIndex } from '../../lib/src/filter/judgment-index.js';
import { JudgmentsWriter } from '../../lib/src/judge/index.js';
import { judgedPairSchema, type JudgedPair, type Order } from '../../lib/src/schema/index.js';
import { RunFolder } from '../../lib/src/store/index.js';
import { collect } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { frozenPairs } from './frozen-pairs.js';

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

const SUPERVISED = { correctOnly: true, balanceLabels: true, perPair: 1, seed: 1 };

const withFile = (content: string | Uint8Array, test: (path: string) => Promise<void>): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    const path = join(folder, 'judgments.jsonl');
    await writeFile(path, content);
    await test(path);
  });

/** The same with the file and the index that the judge stage writes. */
const withOwnFile = (
  pairs: readonly JudgedPair[],
  test: (path: string, index: string) => Promise<void>,
): Promise<void> =>
  inTemporaryFolder(async (folder) => {
    await writeOwnFile(folder, pairs);
    await test(join(folder, 'judgments.jsonl'), join(folder, 'judgments.index.jsonl'));
  });

async function writeOwnFile(folder: string, pairs: readonly JudgedPair[]): Promise<void> {
  const writer = await JudgmentsWriter.create(new RunFolder(folder), 'judgments.jsonl');
  for (const pair of pairs) await writer.write(pair);
  await writer.commit();
}

const linesOf = (pairs: readonly JudgedPair[]): string =>
  pairs.map((pair) => `${JSON.stringify(pair)}\n`).join('');

describe('filtering a judgments file', () => {
  it('gives what filtering its records gives, however its lines are written', async () => {
    await fc.assert(
      fc.asyncProperty(judgedPairs, options, style, fc.boolean(), async (pairs, choice, write, ends) => {
        const content = pairs.map(write).join('\n') + (ends ? '\n' : '');
        await withFile(content, (path) => assertSameAsRecords(path, pairs, choice));
      }),
      SEEDED,
    );
  });

  it('gives the same with the index that the judge stage writes', async () => {
    await fc.assert(
      fc.asyncProperty(judgedPairs, options, async (pairs, choice) => {
        await withOwnFile(pairs, async (path) => {
          assert.equal(await readFile(path, 'utf8'), linesOf(pairs));
          await assertSameAsRecords(path, pairs, choice);
        });
      }),
      SEEDED,
    );
  });

  it('reports of a damaged line what reading its records reports', async () => {
    const damages = fc.constantFrom('{', 'null', '{"pairId":"x","judgments":[]}', '{"pairId":""}', '[1]');
    const cut = fc.tuple(fc.nat(), fc.constantFrom('', ',', '"', 'x'));
    await fc.assert(
      fc.asyncProperty(judgedPairs, damages, cut, options, async (pairs, damage, [where, noise], choice) => {
        const lines = pairs.map((pair) => JSON.stringify(pair));
        const place = where % lines.length;
        // Either another line in its place, or the beginning of the line with noise behind it.
        lines[place] = noise === '' ? damage : `${lines[place]!.slice(0, where % 40)}${noise}`;
        await withFile(lines.join('\n'), async (path) => {
          const plainly = await collect(readJsonl(path, judgedPairSchema)).catch((thrown: unknown) => thrown);
          assert.ok(plainly instanceof DataError);
          assert.match(plainly.message, new RegExp(`judgments\\.jsonl:${place + 1}: `));
          await assert.rejects(collect(filterJudgments({ path }, choice)), {
            name: 'DataError',
            message: plainly.message,
          });
        });
      }),
      SEEDED,
    );
  });

  it('refuses invalid UTF-8 and names its line', async () => {
    const line = JSON.stringify({
      pairId: 'p',
      judgments: [{ pairId: 'p', order: 'winner-first', sampleIndex: 0, text: '#', verdict: { kind: 'A' } }],
    });
    const bytes = Buffer.from(`\n${line}\n`);
    bytes[bytes.indexOf('#')] = 0xff;
    await withFile(bytes, async (path) => {
      await assert.rejects(
        collect(filterJudgments({ path }, SUPERVISED)),
        /judgments\.jsonl:2: expected a record in UTF-8/,
      );
    });
  });

  it('reports that a missing file and a folder cannot be read', async () => {
    await inTemporaryFolder(async (folder) => {
      const filter = (path: string) => collect(filterJudgments({ path }, SUPERVISED));
      await assert.rejects(filter(join(folder, 'none.jsonl')), /ENOENT/);
      await assert.rejects(filter(folder), /not a file/);
    });
  });

  it('keeps nothing of an empty file', async () => {
    await withFile('\n\n', async (path) => {
      assert.deepEqual(await collect(filterJudgments({ path }, SUPERVISED)), []);
      assert.equal(await readFile(path, 'utf8'), '\n\n');
    });
    await withOwnFile([], async (path) => {
      assert.deepEqual(await collect(filterJudgments({ path }, SUPERVISED)), []);
    });
  });
});

async function assertSameAsRecords(
  path: string,
  pairs: readonly JudgedPair[],
  choice: FilterOptions & PreferenceOptions,
): Promise<void> {
  assert.deepEqual(
    await collect(filterJudgments({ path }, choice)),
    await collect(filterJudgments(pairs, choice)),
  );
  assert.deepEqual(
    await collect(filterPreferences({ path }, choice)),
    await collect(filterPreferences(pairs, choice)),
  );
}

describe('the index of a judgments file', () => {
  const pairs = frozenPairs(11, 40);
  /** The file as it is after an edit of the same length: a right judgment that names the loser instead. */
  const edited = pairs.map((pair) => ({
    ...pair,
    judgments: pair.judgments.map((judgment) =>
      judgment.verdict.kind === 'A' ? { ...judgment, verdict: { kind: 'B' as const } } : judgment,
    ),
  }));
  const ALL = { ...SUPERVISED, balanceLabels: false, rejected: 'not-right' as const };

  it('spares the parsing of what is not kept', async () => {
    await withOwnFile(pairs, async (path, index) => {
      const before = await collect(filterJudgments({ path }, ALL));
      const dropped = before.flatMap((outcome) =>
        outcome.kind === 'dropped' ? [outcome.drop.subjectId] : [],
      );
      assert.ok(dropped.length > 5 && dropped.length < pairs.length);
      // Nothing but a wrong index leads here: lines without a kept judgment are no JSON any more.
      const lines = pairs.map((pair) => {
        const line = JSON.stringify(pair);
        return `${dropped.includes(pair.pairId) ? 'x'.repeat(line.length) : line}\n`;
      });
      await writeFile(path, lines.join(''));
      await assert.rejects(collect(filterJudgments({ path }, ALL)), /expected one JSON value/);
      await vouchFor(path, index);
      assert.deepEqual(await collect(filterJudgments({ path }, ALL)), before);
    });
  });

  it('is not used after an edit that leaves the length as it was', async () => {
    await withOwnFile(pairs, async (path) => {
      await writeFile(path, linesOf(edited));
      await assertSameAsRecords(path, edited, ALL);
    });
  });

  it('is not used where the modification time of the edited file was set back', async () => {
    await withOwnFile(pairs, async (path) => {
      const { atime, mtime } = await stat(path);
      await writeFile(path, linesOf(edited));
      await utimes(path, atime, mtime);
      await assertSameAsRecords(path, edited, ALL);
    });
  });

  it('is not used after the file was cut, or more was added', async () => {
    for (const other of [pairs.slice(0, 30), [...pairs, ...frozenPairs(12, 1)]]) {
      await withOwnFile(pairs, async (path) => {
        await writeFile(path, linesOf(other));
        await assertSameAsRecords(path, other, ALL);
      });
    }
  });

  it('is not used for another file of the same length', async () => {
    await withOwnFile(pairs, async (_, indexOfPairs) => {
      await withOwnFile(edited, async (path, index) => {
        await copyFile(indexOfPairs, index);
        await assertSameAsRecords(path, edited, ALL);
      });
    });
  });

  it('is not used when it was cut or edited itself', async () => {
    await withOwnFile(pairs, async (path, index) => {
      const text = await readFile(index, 'utf8');
      const lines = text.split('\n');
      for (const damaged of [
        '',
        'x',
        text.slice(0, -10),
        lines.slice(0, -2).join('\n'),
        lines.slice(1).join('\n'),
        text.replace('"A"', '"B"'),
        text.replace('"version":1', '"version":2'),
      ]) {
        assert.notEqual(damaged, text);
        await writeFile(index, damaged);
        await assertSameAsRecords(path, pairs, ALL);
      }
    });
  });

  it('of an attempt that was stopped before the new index was written is not used for the new file', async () => {
    await withOwnFile(pairs, async (path, index) => {
      const older = await readFile(index);
      await writeOwnFile(dirname(path), edited);
      await writeFile(index, older);
      await assertSameAsRecords(path, edited, ALL);
    });
  });

  it('is used for a copy of the file, whose hash vouches for it', async () => {
    await withOwnFile(pairs, async (path, index) => {
      await inTemporaryFolder(async (folder) => {
        const copy = join(folder, 'copy.jsonl');
        await copyFile(path, copy);
        await copyFile(index, join(folder, 'copy.index.jsonl'));
        const file = await open(copy, 'r');
        assert.ok(await readJudgmentIndex({ path: copy, file }));
        await file.close();
        await assertSameAsRecords(copy, pairs, ALL);
      });
    });
  });

  it('is used without reading the whole file as long as the file system has no change of it', async () => {
    await withOwnFile(pairs, async (path, index) => {
      // Longer than the steps of the clock that file systems take their times from.
      await setTimeout(50);
      const lines = (await readFile(index, 'utf8')).split('\n');
      const footer = lines[pairs.length]!.replace(/"hash":"\w+"/, `"hash":"${'0'.repeat(64)}"`);
      await writeFile(index, [...lines.slice(0, -2), footer].join('\n'));
      const isUsed = async (): Promise<boolean> => {
        const file = await open(path, 'r');
        const read = await readJudgmentIndex({ path, file });
        await file.close();
        return read !== null;
      };
      assert.equal(await isUsed(), true);
      await utimes(path, 0, 0);
      assert.equal(await isUsed(), false);
    });
  });

  it('never gives a text of another judgment than it names, whatever vouches for the file', async () => {
    await withOwnFile(pairs, async (path, index) => {
      await writeFile(path, linesOf(edited));
      await vouchFor(path, index);
      await assert.rejects(
        collect(filterJudgments({ path }, ALL)),
        /judgments\.jsonl, from byte \d+: expected the judgment that the index has there/,
      );
    });
  });
});

/** Has an index say that it belongs to what is in the file now. */
async function vouchFor(path: string, index: string): Promise<void> {
  const lines = (await readFile(index, 'utf8')).trimEnd().split('\n');
  const footer = JSON.parse(lines.pop()!) as { file: { hash: string } };
  footer.file.hash = await fileHash(path);
  await writeFile(index, [...lines, JSON.stringify(footer), ''].join('\n'));
}
