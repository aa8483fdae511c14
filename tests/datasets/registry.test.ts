import assert from 'node:assert/strict';
import { ConfigError } from '../../lib/src/core/errors.js';
import { remoteFiles } from '../../lib/src/datasets/hub.js';
import { datasetPlaces } from '../../lib/src/datasets/places.js';
import { datasetSchema, filePathSchema } from '../../lib/src/datasets/dataset.js';
import { datasetNamed, DATASETS } from '../../lib/src/datasets/registry.js';
import { quickRetries } from './file-server.js';

describe('the registry of data sets', () => {
  it('holds data sets of the right shape, each name once', () => {
    for (const dataset of DATASETS) assert.deepEqual(datasetSchema.parse(dataset), dataset);
    const names = DATASETS.map(({ name }) => name);
    assert.deepEqual([...new Set(names)], names);
    for (const { name, source } of DATASETS) {
      const paths = source.files.map(({ path }) => path);
      assert.deepEqual([...new Set(paths)], paths, name);
      assert.ok(paths.length > 0 || (source.kind === 'huggingface' && source.pattern !== null), name);
    }
  });

  it('counts the rows that the sources publish', () => {
    const rowsOf = (name: string): (number | null)[] => {
      const { nRows, source } = datasetNamed(name);
      return [nRows, ...source.files.map((file) => file.nRows)];
    };
    // https://huggingface.co/datasets/allenai/reward-bench, split `filtered`.
    assert.deepEqual(rowsOf('rewardbench'), [2985, 2985]);
    // Dataset cards: https://huggingface.co/datasets/allenai/reward-bench-2, nvidia/HelpSteer3 (its subset preference).
    assert.deepEqual(rowsOf('rewardbench2'), [1865, 1865]);
    assert.deepEqual(rowsOf('helpsteer3'), [2017, 2017]);
    // JudgeBench, README: 350 pairs of GPT-4o and 270 of Claude 3.5 Sonnet.
    assert.deepEqual(rowsOf('judgebench'), [620, 350, 270]);
    // RM-Bench's own files, as counted in them; those of mathematics were not counted.
    assert.deepEqual(rowsOf('rm-bench'), [null, 129, 228, null, 284, 157]);
    // The dataset card of the copy of HH-RLHF, split `train`.
    assert.deepEqual(rowsOf('hh-rlhf'), [43_835]);
    // LLMBar, table 1 of arXiv 2310.07641: 100 + 134 + 92 + 47 + 46 = 419.
    const llmbar = datasetNamed('llmbar').source.files.filter(({ path }) =>
      path.startsWith('Dataset/LLMBar/'),
    );
    assert.equal(
      llmbar.reduce((sum, { nRows }) => sum + (nRows ?? 0), 0),
      419,
    );
    assert.equal(datasetNamed('llmbar').source.files.length, 13);
  });

  it('leads to well-formed addresses that name the commit', async () => {
    const options = {
      places: datasetPlaces({}),
      fetch,
      ...quickRetries(),
      signal: new AbortController().signal,
    };
    for (const dataset of DATASETS) {
      // The others need the listing of the hub.
      if (dataset.source.kind !== 'github' && dataset.name !== 'rewardbench') continue;
      for (const { url, path } of await remoteFiles(dataset, options)) {
        assert.equal(new URL(url).href, url);
        assert.ok(decodeURIComponent(url).endsWith(`/${path}`), url);
        assert.match(url, /\/[0-9a-f]{40}\//);
      }
    }
    const [rewardbench] = await remoteFiles(datasetNamed('rewardbench'), options);
    assert.equal(
      rewardbench?.url,
      'https://huggingface.co/datasets/allenai/reward-bench/resolve/168d848cdbbea9764fae4a544dc9ca1e6cca4931/data/filtered-00000-of-00001.parquet',
    );
    const urls = (await remoteFiles(datasetNamed('llmbar'), options)).map(({ url }) => url);
    assert.ok(
      urls.includes(
        'https://raw.githubusercontent.com/princeton-nlp/LLMBar/900616bff90b6c6c8e1681f7d079250637c55992/Dataset/Processed/LLMEval%5E2/dataset.json',
      ),
    );
  });

  it('takes no path that leads out of the cache', () => {
    for (const path of ['../x', 'a/../x', '/x', 'a//b', 'a\\b', 'C:x', '.', 'a/', 'a\0b', '']) {
      assert.equal(filePathSchema.safeParse(path).success, false, path);
    }
    for (const path of ['x', 'a/b.json', '..x', 'LLMEval^2/x']) {
      assert.equal(filePathSchema.safeParse(path).success, true, path);
    }
  });

  it('answers an unknown name with the names that there are', () => {
    assert.throws(() => datasetNamed('rewardbnech'), ConfigError);
    assert.throws(() => datasetNamed('rewardbnech'), /expected one of rewardbench, rewardbench2, judgebench/);
  });
});

describe('the places of data sets', () => {
  it('follow the environment, and the command line before it', () => {
    const environment = {
      AUTODIDACT_DATASETS: '/data/sets',
      AUTODIDACT_HUB_URL: 'https://mirror.example.org/hub/',
      AUTODIDACT_RAW_URL: '',
      HF_TOKEN: ' hf_x ',
    };
    assert.deepEqual(datasetPlaces(environment), {
      cacheFolder: '/data/sets',
      hubUrl: 'https://mirror.example.org/hub',
      rawUrl: 'https://raw.githubusercontent.com',
      hubToken: 'hf_x',
    });
    assert.equal(datasetPlaces(environment, { cacheFolder: 'here' }).cacheFolder, 'here');
    assert.equal(datasetPlaces({}).cacheFolder, '.autodidact/datasets');
  });

  it('are web addresses', () => {
    for (const address of ['mirror', 'file:///x', 'https://x.org/?a=b']) {
      assert.throws(
        () => datasetPlaces({ AUTODIDACT_HUB_URL: address }),
        /AUTODIDACT_HUB_URL: expected the http/,
      );
    }
  });
});
