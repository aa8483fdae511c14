// Reads the items of a benchmark from its files: complete for a judge, or without texts for scoring.
import { addCount } from '../core/own.js';
import { DataError } from '../core/errors.js';
import { readRows, type RowFormat } from '../datasets/index.js';
import type { Outcome } from '../schema/drop.js';
import type { Figures, ReadLabel } from '../schema/scoring.js';
import { MOST_NAMED } from './coverage.js';
import type { Benchmark, GoldItem } from './benchmarks/index.js';
import { asListed, clusterOf, goldOf, respondentsOf } from './given-frame.js';
import type { KnownItem } from './recorded/index.js';

/** The source of the items. */
export interface ItemFiles {
  files: readonly string[];
  /** Paths of companion files, such as questions and reference answers. */
  companions?: readonly string[];
  /** Format of the files; absent: detected from their names. */
  format?: RowFormat | undefined;
}

/** All items of the files in their order, and the drops. @throws DataError for a file that cannot be read */
export async function* benchmarkItems(
  benchmark: Benchmark,
  { files, companions = [], format }: ItemFiles,
): AsyncGenerator<Outcome<GoldItem>> {
  const rowsOf = (file: string): ReturnType<typeof readRows> => readRows(file, format ? { format } : {});
  for (const file of files) {
    yield* benchmark.items(rowsOf(file), {
      file,
      companion: (name) => {
        const path = companions.find((candidate) => candidate.replace(/\.gz$/, '').endsWith(name));
        return path === undefined ? null : readRows(path);
      },
    });
  }
}

/** Items by id without their texts, drops by reason, and the agreement of the human annotators. */
export interface GoldLabels {
  items: Map<string, KnownItem>;
  dropped: Record<string, number>;
  /** The first drops, in words. */
  problems?: string[];
  agreement: Figures;
  /** What each value of the label column was read as. */
  labels: ReadLabel[];
}

/**
 * Reads all items of a benchmark by id, and counts drops by reason.
 * @param options.keep what is kept of an item
 * @param options.areDropsErrors whether a row that is not an item is an error
 * @throws DataError for a file that cannot be read or has no item, and, where drops are errors, for a repeated id
 */
export async function readItems<Kept>(
  benchmark: Benchmark,
  place: ItemFiles,
  { keep, areDropsErrors = false }: { keep: (item: GoldItem) => Kept; areDropsErrors?: boolean },
): Promise<{
  items: Map<string, Kept>;
  dropped: Record<string, number>;
  problems: string[];
  labels: ReadLabel[];
}> {
  const badItems = (received: string): DataError =>
    new DataError({
      subject: place.files.join(', '),
      expected: 'at least one benchmark item, each with a distinct itemId',
      received,
      remedy:
        'Check that these are the files of the benchmark, or name the columns of your own file: `columns` in an experiment, --columns of `score`.',
    });
  const items = new Map<string, Kept>();
  const dropped: Record<string, number> = {};
  const labels = new Map<string, ReadLabel>();
  const problems: string[] = [];
  const drop = (reason: string, problem: string): void => {
    if (areDropsErrors) throw badItems(problem);
    addCount(dropped, reason);
    if (problems.length < MOST_NAMED) problems.push(problem);
  };
  for await (const outcome of benchmarkItems(benchmark, place)) {
    if (outcome.kind === 'dropped') {
      const { subjectId, reason, detail = '' } = outcome.drop;
      drop(reason, `${subjectId}: ${reason} ${detail}`.trim());
      continue;
    }
    const { itemId, label: value } = outcome.record;
    if (value !== undefined) {
      const label = labels.get(value) ?? { value, readAs: goldOf(outcome.record), n: 0 };
      labels.set(value, { ...label, n: label.n + 1 });
    }
    if (items.has(itemId)) {
      drop('repeated-id', `"${itemId}" more than once`);
      continue;
    }
    items.set(itemId, keep(outcome.record));
  }
  if (items.size === 0) throw badItems(['none', ...problems.slice(0, 1)].join('; '));
  return { items, dropped, problems, labels: [...labels.values()] };
}

/** Reads the gold labels of a benchmark. @throws DataError for a file that cannot be read or holds no item */
export async function readGoldLabels(benchmark: Benchmark, place: ItemFiles): Promise<GoldLabels> {
  const { items, dropped, problems, labels } = await readItems<KnownItem>(benchmark, place, {
    keep: (item) => ({
      itemId: item.itemId,
      subset: item[benchmark.subsetBy],
      gold: goldOf(item),
      cluster: clusterOf(item),
      responses: asListed(respondentsOf(item), item),
      humanVotes: item.humanVotes,
    }),
  });
  // An item that shares its cluster with none is one of its own; a million names would take room in every count.
  const sizes = new Map<string | undefined, number>();
  for (const { cluster } of items.values()) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  for (const item of items.values()) if (sizes.get(item.cluster) === 1) item.cluster = undefined;
  let agreement: Figures = {};
  for (const file of benchmark.goldAgreement ? place.files : []) {
    agreement = { ...agreement, ...(await benchmark.goldAgreement?.(readRows(file))) };
  }
  return { items, dropped, problems, agreement, labels };
}
