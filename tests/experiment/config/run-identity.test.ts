import assert from 'node:assert/strict';
import { configHashOf } from '../../../lib/src/experiment/config/run-identity.js';
import { loadExperimentConfig } from '../../../lib/src/experiment/config/load-config.js';

const INPUTS = { server: 'embedded:1', promptVersion: 'v1', instructionsHash: null, benchmarkHash: null };
const QUICKSTART = 'experiments/quickstart.yaml';

describe('the identity of a run', () => {
  const hash = async (overrides: string[], inputs: Partial<typeof INPUTS> & object = {}): Promise<string> =>
    configHashOf(await loadExperimentConfig(QUICKSTART, overrides), { ...INPUTS, ...inputs });

  it('does not change with where and how fast an endpoint is reached, or with what is said of it', async () => {
    const plain = await hash([]);
    for (const setting of [
      'endpoint.concurrency=2',
      'endpoint.timeoutMs=1000',
      'endpoint.workers=1',
      'description=x',
    ]) {
      assert.equal(await hash([setting]), plain, setting);
    }
  });

  it('of the quickstart is what it was before experiments could have a matrix', async () => {
    // sha256 of the canonical settings, as the program made it at commit aac0dbe; a change makes finished runs start anew.
    assert.equal(
      await hash([], { server: 'embedded:1' }),
      '24e74fbbcc4aa1d7ab7304f7e75bbbb77892cca716eaa61e352fdcaae7e443af',
    );
  });

  it('changes with every setting and every input that can change a result', async () => {
    const plain = await hash([]);
    for (const setting of ['judge.samples=3', 'seed=2', 'filter.correctOnly=false', 'evaluate.vote=']) {
      assert.notEqual(await hash([setting]), plain, setting);
    }
    for (const input of [{ server: 'embedded:2' }, { promptVersion: 'v2' }]) {
      assert.notEqual(await hash([], input), plain, JSON.stringify(input));
    }
    const config = await loadExperimentConfig(QUICKSTART);
    for (const key of ['instructionsHash', 'benchmarkHash']) {
      assert.notEqual(configHashOf(config, { ...INPUTS, [key]: 'another file' }), plain, key);
    }
  });
});
