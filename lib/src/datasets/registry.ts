// The data sets that can be pulled by name.
import { ConfigError } from '../core/errors.js';
import { BENCHMARK_SETS } from './benchmark-sets.js';
import { datasetSchema, type Dataset } from './dataset.js';
import { POOL_SETS } from './pool-sets.js';

/** All data sets, benchmarks first. */
export const DATASETS: readonly Dataset[] = [...BENCHMARK_SETS, ...POOL_SETS].map((entry) =>
  datasetSchema.parse(entry),
);

/** The data set of this name. @throws ConfigError when there is none */
export function datasetNamed(name: string): Dataset {
  const found = DATASETS.find((dataset) => dataset.name === name);
  if (found) return found;
  throw new ConfigError({
    subject: `data set ${name}`,
    expected: `one of ${DATASETS.map((dataset) => dataset.name).join(', ')}`,
    remedy: 'Show them with: autodidact data list',
  });
}
