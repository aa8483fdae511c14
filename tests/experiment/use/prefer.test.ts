import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeFile, openJudge, readBenchmark } from '../../../lib/src/experiment/index.js';
import { preferenceSchema } from '../../../lib/src/schema/preference.js';
import { runCommandLine, unwrapped } from '../../fixtures/command-line.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';

describe('the use of a judge', function () {
  this.timeout(60_000);

  let folder: string;
  let runFolder: string;
  let file: string;
  const places = () => ({ completionsFolder: join(folder, 'completions'), environment: {} });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-use-'));
    const { result } = await runIn(
      folder,
      await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1 }),
    );
    runFolder = result.folder;
    const items = [...(await readBenchmark(runFolder)).values()];
    file = join(folder, 'mine.jsonl');
    const rows = [
      ...items.map(({ instruction, winner: a, loser: b }) => ({ instruction, a, b })),
      { instruction: 'compute 1 + 2', a: 'no such word', b: '3' },
      { instruction: 'nothing else' },
    ];
    await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('says of every pair what both orders say, counts all, and asks nothing twice', async () => {
    const outFile = join(folder, 'verdicts.jsonl');
    const options = { runFolder, file, outFile, nResamples: 100, seed: 1, ...places() };
    const judged = await judgeFile(options);
    const { verdicts, refused, nPairs, dropped } = judged;
    const nRefused = Object.values(refused).reduce((sum, n) => sum + n, 0);
    assert.equal(Object.values(verdicts).reduce((sum, n) => sum + n, 0) + nRefused, nPairs);
    assert.equal(nPairs, 13);
    // The embedded model refuses words that it does not know.
    assert.equal(nRefused, 1);
    assert.deepEqual(dropped, { 'wrong-shape': 1 });
    const text = await readFile(outFile, 'utf8');
    const records = text
      .trim()
      .split('\n')
      .map((line) => preferenceSchema.parse(JSON.parse(line)));
    assert.equal(records.length, 12);
    assert.equal(records.filter(({ verdict }) => verdict === 'a').length, verdicts.a);
    const [rate] = judged.standings.winRates;
    assert.equal(rate?.system, 'a');
    const half = verdicts.tie + verdicts.abstained;
    assert.equal(rate.winRate.value, (verdicts.a + half / 2) / (verdicts.a + verdicts.b + half));
    const spent = await readFile(join(runFolder, 'spending.jsonl'), 'utf8');
    assert.deepEqual(await judgeFile(options), judged);
    assert.equal(await readFile(outFile, 'utf8'), text);
    assert.equal(await readFile(join(runFolder, 'spending.jsonl'), 'utf8'), spent);
  });

  it('is a command, which says what became of every pair', async () => {
    const out = join(folder, 'by-command.jsonl');
    const args = ['prefer', runFolder, file, '--completions', join(folder, 'completions')];
    const shown = await runCommandLine(...args, '--out', out, '--resamples', '100');
    assert.equal(shown.code, 0, shown.err);
    assert.match(shown.out, /Can this judge be trusted\?/);
    assert.match(unwrapped(shown.out), /13 pairs, each in both orders: .* refused .*1/s);
    assert.match(shown.out + shown.err, /wrong-shape/);
    const { nPairs, verdicts } = await judgeFile({ runFolder, file, nResamples: 100, seed: 1, ...places() });
    const asJson = JSON.parse((await runCommandLine(...args, '--resamples', '100', '--json')).out) as object;
    assert.deepEqual({ ...asJson, nPairs, verdicts }, asJson);
    const lines = (await readFile(out, 'utf8')).trim().split('\n');
    assert.equal(lines.length, 12);
  });

  it('is opened from code, for the judge of any iteration, and closed', async () => {
    const judge = await openJudge(runFolder, { iteration: 0, ...places() });
    try {
      assert.deepEqual([judge.model, judge.iteration], ['micro-seed', 0]);
      const asked = { instruction: 'compute 1 + 2', a: '3', b: '4' };
      const [one, same] = await Promise.all([judge.compare(asked), judge.compare(asked)]);
      assert.deepEqual(one, same);
      assert.equal(one.orders.length, 2);
      // Too few held-out pairs to say how far it can be believed.
      assert.equal(one.confidence, null);
      await assert.rejects(judge.compare({ ...asked, a: 'no such word' }), /the judge: expected an answer/);
    } finally {
      await judge.close();
    }
    await assert.rejects(
      openJudge(runFolder, { iteration: 7, ...places() }),
      /expected a finished iteration/,
    );
  });
});
