import assert from 'node:assert/strict';
import { cp, rm, utimes } from 'node:fs/promises';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { OpenRuns } from '../../lib/src/view/open-runs.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('the open runs of a view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  let runs: OpenRuns;
  const touch = (run: string, file: string): Promise<void> =>
    utimes(join(results.folder, 'results', run, file), new Date(), new Date('2030-01-01'));
  before(async () => {
    results = await viewedResults();
    runs = new OpenRuns(join(results.folder, 'results'));
    for (const copy of ['a', 'b', 'c', 'd', 'gone'])
      await cp(results.run, join(results.folder, 'results', 'small', copy), { recursive: true });
  });
  after(() => results.close());

  it('are read anew where an iteration has finished, not whenever the run says how far it is', async () => {
    const viewed = await runs.open('small/a');
    await touch('small/a', 'status.json');
    assert.equal(await runs.open('small/a'), viewed);
    await touch('small/a', 'iteration-2/manifest.json');
    assert.notEqual(await runs.open('small/a'), viewed);
  });

  it('are kept in memory up to a number, those that were asked for last', async () => {
    const [first, second] = [await runs.open('small/a'), await runs.open('small/b')];
    for (const run of ['small/a', 'small/c', 'small/d', 'small/hostile']) await runs.open(run);
    assert.equal(await runs.open('small/a'), first);
    assert.notEqual(await runs.open('small/b'), second);
  });

  it('hold no file open, and say which one is not there any more', async () => {
    const viewed = await runs.open('small/gone');
    assert.notEqual((await viewed.judgment(0)).texts.judgment, '');
    if (process.platform === 'linux') assert.deepEqual(openBelow(results.folder), []);
    await rm(viewed.path, { recursive: true });
    await assert.rejects(viewed.judgment(0), /iteration-0.*evaluation.*\.jsonl/);
    await assert.rejects(runs.open('small/gone'), /expected one of those that are listed/);
  });

  it('are found by the names of their folders alone', async () => {
    const { name } = results;
    for (const wrong of ['../results', 'small/..', 'small/%2e%2e', `${name}/.`, `${name}\0`, `small\\a`, '/'])
      await assert.rejects(runs.open(wrong), /expected one of those that are listed/, wrong);
    for (const wrong of ['small%2F..%2Fsmall', 'small%2F%00', '..%2F..'])
      assert.match(
        (await results.json<{ error: string }>(`api/judgment?run=${wrong}&row=0`)).error,
        /expected one of those that are listed/,
      );
  });
});

/** Files of this process that are open below a folder. */
function openBelow(folder: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}
