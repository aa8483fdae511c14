// The held-out pairs of a run's evaluation, read again from the place that its settings name.
import { DataError } from '../../core/errors.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { runManifestSchema, type RunManifest } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import { openBenchmark } from './benchmark-source.js';
import type { ExperimentConfig } from '../config/config.js';
import { readRunConfig } from '../config/run-config.js';
import { RUN_FILES } from '../layout/run-files.js';

/**
 * The pairs of a run by their id, with their texts, which evaluations do not contain.
 * @param folder of a run
 * @throws DataError where it is no run, or the pairs are not those any more; ConfigError where they cannot be found
 * @example for (const [itemId, { instruction }] of await readBenchmark(run.folder)) console.log(itemId, instruction);
 */
export async function readBenchmark(folder: string): Promise<Map<string, BenchmarkItem>> {
  const run = new RunFolder(folder);
  return benchmarkOf(await readRunConfig(run), await run.readJson(RUN_FILES.manifest, runManifestSchema));
}

/** The same for settings and manifest that are read already. @param manifest null: the run is not finished @throws as {@link readBenchmark} */
export async function benchmarkOf(
  { evaluate: { benchmark } }: ExperimentConfig,
  manifest: RunManifest | null,
): Promise<Map<string, BenchmarkItem>> {
  const place = { configPath: manifest?.configFile ?? '.', key: 'evaluate.benchmark' };
  const { items, fileHash } = await openBenchmark(benchmark, place);
  if (!manifest || manifest.inputs.benchmarkHash === fileHash)
    return new Map(items.map((item) => [item.itemId, item]));
  throw new DataError({
    subject: 'the benchmark of the run',
    expected: `the pairs that it was measured on (${manifest.inputs.benchmarkHash ?? 'of the embedded world'})`,
    received: fileHash ?? 'those of the embedded world',
    remedy: 'Restore the file that it was measured on.',
  });
}
