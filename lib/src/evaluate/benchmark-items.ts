// Reads the items of a benchmark from its files: complete for a judge, or without texts for scoring.
import { DataError } from '../core/errors.js';
import { readRows, type RowFormat } from '../datasets/index.js';
import type { Outcome } from '../schema/drop.js';
import type { Figures } from '../schema/scoring.js';
import type { Benchmark, GoldItem } from './benchmarks/index.js';
import { asListed, goldOf, respondentsOf } from './given-frame.js';
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
  agreement: Figures;
}

/** Reads the gold labels of a benchmark. @throws DataError for a file that cannot be read or holds no item, or a repeated id */
export async function readGoldLabels(benchmark: Benchmark, place: ItemFiles): Promise<GoldLabels> {
  const items = new Map<string, KnownItem>();
  const dropped: Record<string, number> = {};
  let firstDrop: string | null = null;
  for await (const outcome of benchmarkItems(benchmark, place)) {
    if (outcome.kind === 'dropped') {
      const { subjectId, reason, detail = '' } = outcome.drop;
      firstDrop ??= `${subjectId}: ${reason} ${detail}`.trim();
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      continue;
    }
    const known = knownItem(outcome.record, benchmark);
    if (items.has(known.itemId)) throw badItems(place.files, `"${known.itemId}" more than once`);
    items.set(known.itemId, known);
  }
  if (items.size === 0) throw badItems(place.files, firstDrop === null ? 'none' : `none; ${firstDrop}`);
  let agreement: Figures = {};
  for (const file of benchmark.goldAgreement ? place.files : []) {
    agreement = { ...agreement, ...(await benchmark.goldAgreement?.(readRows(file))) };
  }
  return { items, dropped, agreement };
}

/** An item as scoring knows it. */
function knownItem(item: GoldItem, { subsetBy }: Pick<Benchmark, 'subsetBy'>): KnownItem {
  const { itemId, humanVotes } = item;
  return {
    itemId,
    subset: item[subsetBy],
    gold: goldOf(item),
    responses: asListed(respondentsOf(item), item),
    humanVotes,
  };
}

function badItems(files: readonly string[], received: string): DataError {
  return new DataError({
    subject: files.join(', '),
    expected: 'benchmark items with distinct ids',
    received,
    remedy: 'Check that these are the files of the benchmark, or map their columns.',
  });
}
