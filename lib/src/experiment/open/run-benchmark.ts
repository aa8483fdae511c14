// The held-out pairs of a run's evaluation, read again from the place that its settings name.
import { DataError } from '../../core/errors.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { runManifestSchema, type RunManifest } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import { openBenchmark } from './benchmark-source.js';
import { benchmarkKeys } from './evaluations.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { unknownBenchmark } from '../layout/evaluation-of.js';
import { RUN_FILES } from '../layout/run-files.js';
import { runStatusSchema } from '../watch/run-status.js';

/**
 * The pairs of a run by their id, with their texts, which evaluations do not contain.
 * @param folder of a run
 * @param name of several benchmarks; absent: the headline
 * @throws DataError where it is no run, or the pairs are not those any more; ConfigError where they cannot be found
 * @example for (const [itemId, { instruction }] of await readBenchmark(run.folder)) console.log(itemId, instruction);
 */
export async function readBenchmark(folder: string, name?: string): Promise<Map<string, BenchmarkItem>> {
  const run = new RunFolder(folder);
  const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
  return benchmarkOf(run, { config: await readRunConfig(run), manifest }, name);
}

/** The same for settings and manifest that are read already. @param of.manifest null: the run is not finished @throws as {@link readBenchmark} */
export async function benchmarkOf(
  run: RunFolder,
  { config, manifest }: { config: ExperimentConfig; manifest: RunManifest | null },
  name?: string,
): Promise<Map<string, BenchmarkItem>> {
  const all = evaluationsOf(config);
  const chosen = all.findIndex((each) => (name === undefined ? each.isHeadline : each.name === name));
  const evaluation = all[chosen];
  if (!evaluation)
    throw unknownBenchmark(
      name ?? '',
      all.map((each) => each.name),
    );
  const status = manifest ? null : await run.readJson(RUN_FILES.status, runStatusSchema);
  const configPath = manifest?.configFile ?? status?.configFile ?? '.';
  const place = { configPath, key: benchmarkKeys(config)[chosen] ?? '' };
  const { items, fileHash } = await openBenchmark(evaluation.settings.benchmark, place);
  const record = manifest?.evaluations?.find((each) => each.name === evaluation.name);
  const hash = record ? record.benchmarkHash : manifest?.inputs.benchmarkHash;
  if (!manifest || hash === fileHash) return new Map(items.map((item) => [item.itemId, item]));
  throw new DataError({
    subject: 'the benchmark of the run',
    expected: `the pairs that it was measured on (${hash ?? 'of the embedded world'})`,
    received: fileHash ?? 'those of the embedded world',
    remedy: 'Restore the file that it was measured on.',
  });
}
