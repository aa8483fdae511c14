import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditPairs, type SurfacePair } from '../../lib/src/audit/index.js';
import { EXIT_CODES } from '../../lib/src/cli/exit-codes.js';
import { auditPairFile, type AuditedInput } from '../../lib/src/experiment/index.js';
import { pairAuditSentences, pairAuditTable } from '../../lib/src/report/index.js';
import { pairAuditSchema, type PairAudit } from '../../lib/src/schema/index.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** 40 instructions; the winner is longer in the first `nLonger`, and says "indeed". */
const planted = (nLonger: number): SurfacePair[] =>
  Array.from({ length: 40 }, (_, i) => {
    const [long, short] = [`answer ${i} ${'x'.repeat(20)}`, `answer ${i}`];
    return {
      instruction: `question ${i}`,
      winner: `Indeed ${i < nLonger ? long : short}`,
      loser: `Surely ${i < nLonger ? short : long}`,
    };
  });

// eslint-disable-next-line @typescript-eslint/require-await
const audit = (pairs: readonly SurfacePair[]): Promise<PairAudit> => auditPairs(async function* () { yield* pairs; }); // prettier-ignore

const featureOf = ({ features }: PairAudit, name: string): PairAudit['features'][number] =>
  features.find(({ feature }) => feature === name)!;

describe('an audit of pairs', () => {
  it('says that longer responses win, and by which words a winner is known', async () => {
    const found = await audit(planted(36));
    assert.deepEqual(pairAuditSchema.parse(JSON.parse(JSON.stringify(found))), found);
    assert.deepEqual([found.nPairs, found.nClusters, found.nNearIdentical], [40, 40, 0]);
    const { winnerHasMore, auc } = featureOf(found, 'characters');
    assert.equal(winnerHasMore.value, 0.9);
    // 36 x 36 couples of longer winners, and half of the 2 x 36 x 4 that differ by as much in either direction.
    assert.equal(auc.value, (36 * 36 + 36 * 4) / 1600);
    assert.ok(auc.low! > 0.7 && auc.high! < 1);
    assert.equal(featureOf(found, 'headings').auc.value, 0.5);
    const sentences = pairAuditSentences(found);
    assert.match(
      sentences[0]!,
      /^Longer responses win 90\.0% of pairs \(AUC 0\.\d\d \[0\.\d\d, 0\.\d\d\]\): a judge can learn length instead of quality\.$/,
    );
    assert.equal(found.bagOfWords?.value, 1);
    assert.deepEqual(
      found.strongestWords.map(({ word, weight }) => [word, weight > 0]).slice(0, 2).sort(),
      [['indeed', true], ['surely', false]],
    ); // prettier-ignore
  });

  it('says fewer where shorter ones win, and nothing where the surface is even', async () => {
    assert.match(pairAuditSentences(await audit(planted(4)))[0]!, /^Shorter responses win 90\.0%/);
    const even = await audit(planted(20));
    assert.ok(!pairAuditSentences(even).some((sentence) => sentence.includes('responses win')));
    // Characters, words, and the two of words that are in the instruction.
    assert.equal(pairAuditTable(even).rows.length, 4);
    assert.ok(
      pairAuditSentences(even).includes(
        'No response has any list items, headings, code blocks, bold passages, words of the first person, words of refusal.',
      ),
    );
  });

  it('finds one text that is given again and again, and pairs that are nearly the same', async () => {
    const words = Array.from({ length: 60 }, (_, i) => `w${i}`).join(' ');
    const found = await audit([
      { instruction: 'a', winner: 'No\u001b[2J', loser: 'b c' },
      { instruction: 'b', winner: 'No\u001b[2J', loser: 'd' },
      { instruction: 'b', winner: words, loser: `${words} more` },
    ]);
    assert.deepEqual(found.repeatedTexts, [{ role: 'winner', nPairs: 2, excerpt: 'No␛[2J' }]);
    assert.deepEqual([found.nNearIdentical, found.nClusters, found.bagOfWords], [1, 2, null]);
    const sentences = pairAuditSentences(found).join('\n');
    assert.match(sentences, /One text is the winner of 2 of 3 pairs: "No␛\[2J"/);
    assert.match(sentences, /2 instructions are too few/);
  });

  it('has no figure for no pairs', async () => {
    const { nPairs, features } = await audit([]);
    assert.equal(nPairs, 0);
    assert.ok(features.every(({ auc, winnerHasMore }) => auc.value === null && winnerHasMore.value === null));
  });

  it('is a command that reads a file of texts or of a run’s pairs', () =>
    inTemporaryFolder(async (folder) => {
      const write = async (name: string, rows: readonly unknown[]): Promise<string> => {
        await writeFile(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
        return join(folder, name);
      };
      const plain = await write('plain.jsonl', planted(36));
      const asRun = planted(36).map(({ instruction, winner, loser }) => ({
        instruction,
        winner: { text: winner, model: 'm' },
        loser: { text: loser, model: 'm' },
      }));
      const { code, out } = await runCommandLine('audit', plain);
      assert.equal(code, 0);
      assert.match(out, /^feature +winner has more % \[95%\] +AUC \[95%\] +n +unscored$/m);
      assert.match(out, /^Longer responses win 90\.0% of pairs/m);
      assert.deepEqual(await auditPairFile(await write('pairs.jsonl', asRun)), await auditPairFile(plain));
      const some = await write('some.jsonl', [
        ...planted(36),
        { winner: 'x' },
        { instruction: 'a', winner: 'b', loser: 'c', goldTie: true },
      ]);
      const { audit: found, dropped, badRows } = await auditPairFile(some);
      assert.deepEqual([found.nPairs, dropped], [40, { 'wrong-shape': 1, tie: 1 }]);
      assert.deepEqual(badRows.map(({ line }) => line), [41, 42]); // prettier-ignore
      assert.match(
        (await runCommandLine('audit', some)).out,
        /rows that could not be used: wrong-shape 1, tie 1\n {2}.*some\.jsonl:41 wrong-shape: column "loser"/,
      );
      const bad = await runCommandLine('audit', await write('bad.jsonl', [...planted(1).slice(39), 'x', {}]));
      assert.equal(bad.code, 1);
      assert.match(
        bad.err,
        /bad\.jsonl:2: expected pairs: rows with instruction, winner and loser, received 2 rows of 3 that are none; unreadable-row: .*its columns are instruction, winner, loser\. .*--columns/,
      );
      assert.match((await runCommandLine('audit', await write('none.jsonl', []))).err, /received no rows/);
      assert.match((await runCommandLine('audit', join(folder, 'nowhere'))).err, /^error: .*nowhere/);
      await mkdir(join(folder, 'empty'));
      assert.match(
        (await runCommandLine('audit', join(folder, 'empty'))).err,
        /expected the folder of a run/,
      );
    }));

  it('fails where what is asked for is found, and has its checks in JSON', () =>
    inTemporaryFolder(async (folder) => {
      const of = async (nLonger: number, ...args: string[]): Promise<CommandOutcome> => {
        const file = join(folder, 'pairs.jsonl');
        await writeFile(file, planted(nLonger).map((pair) => `${JSON.stringify(pair)}\n`).join('')); // prettier-ignore
        return runCommandLine('audit', file, ...args);
      };
      // All but four winners are longer; of half of them single words tell still.
      assert.equal((await of(36)).code, EXIT_CODES.done);
      const red = await of(36, '--fail-if', 'red', '--json');
      assert.equal(red.code, EXIT_CODES.gateClosed);
      const { checks } = JSON.parse(red.out) as AuditedInput;
      assert.ok(checks.some(({ id, level }) => id === 'training-set: characters' && level === 'red'));
      assert.equal((await of(20, '--fail-if', 'red')).code, EXIT_CODES.done);
      assert.equal((await of(20, '--fail-if', 'amber')).code, EXIT_CODES.gateClosed);
    }));

  it('reads columns of other names, messages, and labels in place of roles', () =>
    inTemporaryFolder(async (folder) => {
      const of = async (columns: string, row: (pair: SurfacePair, i: number) => unknown): Promise<string> => {
        const file = join(folder, 'other.jsonl');
        await writeFile(file, planted(36).map((pair, i) => `${JSON.stringify(row(pair, i))}\n`).join('')); // prettier-ignore
        const { code, out, err } = await runCommandLine('audit', file, '--columns', columns);
        assert.equal(code, 0, err);
        return out;
      };
      const said = (content: string): object[] => [{ role: 'assistant', content }];
      const messages = await of('instruction=ask[0],winner=chosen,loser=rejected', (pair) => {
        return { ask: [pair.instruction], chosen: said(pair.winner), rejected: said(pair.loser) };
      });
      assert.match(messages, /^Longer responses win 90\.0% of pairs/m);
      const labels = await of('{"first":"a","second":"b","label":"best"}', (pair, i) => {
        const { instruction, winner, loser } = pair;
        return i % 2 === 0
          ? { instruction, a: winner, b: loser, best: 'a' }
          : { instruction, a: loser, b: winner, best: 'b' };
      });
      assert.equal(labels, messages);
      const wrong = await runCommandLine('audit', join(folder, 'other.jsonl'), '--columns', 'winer=a');
      assert.match(wrong.err, /--columns: expected columns of instruction, winner and loser/);
      assert.equal(wrong.code, 2);
    }));

  it('counts a pair that is shown once for each example, with its place, and learns its words once', async () => {
    const shown = planted(36).map((pair, i) => ({ ...pair, shown: { first: 2, second: i < 4 ? 0 : 1 } }));
    const found = await audit(shown);
    const one = await audit(planted(36));
    assert.deepEqual([found.nPairs, found.nClusters], [40 * 3 - 4, 40]);
    assert.equal(featureOf(found, 'characters').winnerHasMore.value, (36 * 3 - 4) / (40 * 3 - 4));
    assert.equal(featureOf(found, 'shown first').winnerHasMore.value, 80 / (40 * 3 - 4));
    assert.deepEqual(found.strongestWords, one.strongestWords);
    const { header, rows } = pairAuditTable(one, found);
    assert.deepEqual(header.slice(5), ['winner has more, examples % [95%]', 'AUC, examples [95%]', 'n, examples', 'unscored, examples']); // prettier-ignore
    assert.deepEqual(rows[0]?.slice(0, 5), ['shown first', '–', '–', '–', '–']);
  });

  it('says from how many of the pairs the words were learnt', async () => {
    const sentences = pairAuditSentences({ ...(await audit(planted(36))), nForWords: 5000 }).join('\n');
    assert.match(sentences, /words, learnt from 5,000 pairs drawn at random, \+/);
  });
});
