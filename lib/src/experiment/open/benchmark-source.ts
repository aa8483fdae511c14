// Opens the benchmark of an experiment: of the embedded world, a benchmark by name, or a file of the user.
import { ConfigError } from '../../core/errors.js';
import { contentHash, fileHash } from '../../core/hash.js';
import {
  benchmarkNamed,
  pairsBenchmark,
  readItems,
  type Benchmark,
  type GoldItem,
  type ItemFiles,
} from '../../evaluate/index.js';
import type { ReadLabel } from '../../schema/scoring.js';
import { requiredBenchmarkFiles } from './benchmark-files.js';
import type { BenchmarkConfig } from '../config/benchmark-config.js';
import { EMBEDDED_SLICES } from '../config/instructions-config.js';
import { embeddedBenchmark } from './embedded.js';
import { existingFile } from '../config/existing-file.js';

/** The benchmark of an experiment. */
export interface BenchmarkSource {
  items: readonly GoldItem[];
  /** SHA-256 of the file, or over those of several; null for the embedded world, which the seed checkpoint identifies. */
  fileHash: string | null;
  /** The benchmark's own conventions; null if it has none. */
  definition: Benchmark | null;
  /** Rows of its files that are no items, by reason. */
  dropped: Record<string, number>;
  /** What each value of its label column was read as; absent where it has none. */
  labels?: ReadLabel[] | undefined;
}

/** Where a benchmark is named. */
interface BenchmarkPlace {
  /** The experiment file; relative paths in it are taken from its folder. */
  configPath: string;
  /** The key of the experiment that names it, e.g. `evaluate.benchmark`. */
  key: string;
}

/** Opens a benchmark of an experiment. @throws ConfigError for a missing file or too few items, DataError for a bad file */
export async function openBenchmark(
  benchmark: BenchmarkConfig,
  place: BenchmarkPlace,
): Promise<BenchmarkSource> {
  const { configPath, key } = place;
  switch (benchmark.source) {
    case 'embedded':
      return { items: embeddedItems(benchmark, key), fileHash: null, definition: null, dropped: {} };
    case 'jsonl': {
      const path = await existingFile(benchmark.path, `${key}.path`, configPath);
      // Every row of the user's own file must be usable.
      const source = await read(
        pairsBenchmark(benchmark.columns),
        { files: [path] },
        { areDropsErrors: true },
      );
      return { ...source, definition: null };
    }
    case 'registry':
      return openNamed(benchmark, place);
  }
}

async function openNamed(
  benchmark: Extract<BenchmarkConfig, { source: 'registry' }>,
  place: BenchmarkPlace,
): Promise<BenchmarkSource> {
  const definition = benchmarkNamed(benchmark.name);
  if (!definition) throw new RangeError(`no benchmark ${benchmark.name}`);
  const files = benchmark.files
    ? { files: await existingFiles(benchmark.files, place) }
    : await requiredBenchmarkFiles(definition, benchmark.cacheFolder);
  const source = await read(definition, files);
  const items = chosen(source.items, { ...benchmark, subsetBy: definition.subsetBy });
  if (items.length > 0) return { ...source, items };
  throw new ConfigError({
    subject: `${place.key}.subsets`,
    expected: `some of ${[...new Set(source.items.map((item) => item[definition.subsetBy]))].join(', ')}`,
    received: benchmark.subsets?.join(', ') ?? 'none',
    remedy: 'Name subsets that the benchmark has.',
  });
}

/** The items of the chosen subsets, at most `perSubset` of each. */
function chosen(
  items: readonly GoldItem[],
  {
    subsets,
    perSubset,
    subsetBy,
  }: { subsets?: string[] | undefined; perSubset?: number | undefined; subsetBy: 'slice' | 'errorKind' },
): GoldItem[] {
  const nBySubset = new Map<string, number>();
  return items.filter((item) => {
    const subset = item[subsetBy];
    if (subsets && !subsets.includes(subset)) return false;
    const n = (nBySubset.get(subset) ?? 0) + 1;
    nBySubset.set(subset, n);
    return perSubset === undefined || n <= perSubset;
  });
}

async function read(
  definition: Benchmark,
  place: ItemFiles,
  options: { areDropsErrors?: boolean } = {},
): Promise<BenchmarkSource> {
  const { items, dropped, labels } = await readItems(definition, place, { keep: (item) => item, ...options });
  const hashes = await Promise.all([...place.files, ...(place.companions ?? [])].map(fileHash));
  const [onlyHash] = hashes;
  const hash = hashes.length === 1 && onlyHash !== undefined ? onlyHash : contentHash(hashes);
  const source = { items: [...items.values()], fileHash: hash, definition, dropped };
  return labels.length > 0 ? { ...source, labels } : source;
}

function existingFiles(paths: readonly string[], { configPath, key }: BenchmarkPlace): Promise<string[]> {
  return Promise.all(paths.map((path) => existingFile(path, `${key}.files`, configPath)));
}

function embeddedItems(
  { split, seed, pairs, responses }: Extract<BenchmarkConfig, { source: 'embedded' }>,
  key: string,
): GoldItem[] {
  try {
    // Always all slices, so that judges trained on fewer are measured on the same pairs.
    return [...embeddedBenchmark({ split, seed, slices: EMBEDDED_SLICES, count: pairs, responses })];
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new ConfigError({
      subject: `${key}.pairs`,
      expected: 'no more pairs than the split has',
      received: `${pairs} (${thrown.message})`,
      remedy: 'Lower that number.',
      cause: thrown,
    });
  }
}
