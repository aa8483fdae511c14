import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { forgetWhatFollows } from '../../../lib/src/experiment/run/forget-stages.js';
import { STAGES, type Stage } from '../../../lib/src/experiment/watch/events.js';
import { RunFolder } from '../../../lib/src/store/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** The records of three iterations that are left when a stage of one has come out differently, by their first letters; M: manifest. */
const left = (stage: Stage, iteration: number): Promise<string[]> =>
  inTemporaryFolder(async (path) => {
    const run = new RunFolder(path);
    const places = ['iteration-0', 'iteration-1', 'iteration-2'].map((name) => run.inside(name));
    for (const [i, place] of places.entries()) {
      for (const each of i === 0 ? ['evaluate', 'audit'] : STAGES.slice(1))
        await place.writeJson(`${each}.stage.json`, {});
      await place.writeJson('manifest.json', {});
    }
    const folder = stage === 'classify' ? run.inside('pool') : run.inside(`iteration-${iteration}`);
    await forgetWhatFollows({ stage, folder, iteration });
    const names = await Promise.all(places.map((place) => readdir(place.path)));
    const orders = [...STAGES.map((each) => `${each}.stage.json`), 'manifest.json'];
    return names.map((own) =>
      orders
        .filter((name) => own.includes(name))
        .map((name) => (name === 'manifest.json' ? 'M' : name[0]))
        .join(''),
    );
  });

describe('a stage that came out differently', () => {
  it('takes what followed from it in its iteration along', async () => {
    assert.deepEqual(await left('judge', 1), ['eaM', 'sgj', 'sgjfprfeaM']);
    assert.deepEqual(await left('evaluate', 0), ['e', 'sgjfprfeaM', 'sgjfprfeaM']);
  });

  it('takes the judgments of later iterations along where it is a training, and all of them where it is the pool', async () => {
    assert.deepEqual(await left('finetune', 1), ['eaM', 'sgjfprf', 'sg']);
    assert.deepEqual(await left('classify', 0), ['eaM', '', '']);
  });
});
