import assert from 'node:assert/strict';
import { ConfigError } from '../../lib/src/core/errors.js';
import { datasetPlaces } from '../../lib/src/datasets/index.js';

describe('the places of data sets', () => {
  it('are those of the environment, where the command says nothing else', () => {
    const environment = {
      AUTODIDACT_DATASETS: 'here',
      AUTODIDACT_HUB_URL: 'http://mirror.example/hub/',
      HF_TOKEN: 'hf_x',
    };
    const places = datasetPlaces(environment, { cacheFolder: 'there' });
    assert.deepEqual(
      [places.cacheFolder, places.hubUrl, places.hubToken],
      ['there', 'http://mirror.example/hub', 'hf_x'],
    );
  });

  it('are refused without showing a secret', () => {
    for (const environment of [
      { HF_TOKEN: 'hf_SECRET\n123' },
      { HF_TOKEN: 'hf_SECRETé' },
      { AUTODIDACT_RAW_URL: 'http://user:SECRET@127.0.0.1:1' },
      { AUTODIDACT_HUB_URL: 'http://mirror.example/?token=SECRET' },
    ]) {
      assert.throws(
        () => datasetPlaces(environment),
        (thrown: unknown) => thrown instanceof ConfigError && !thrown.message.includes('SECRET'),
      );
    }
  });
});
