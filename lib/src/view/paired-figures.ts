// The paired figures of two judges, by the code of `autodidact compare`; much to read is read in a thread of its own.
import { once } from 'node:events';
import { errorOf, type ThreadFailure } from '../core/thread-failure.js';
import { startWorkerThread } from '../core/worker-thread.js';
import { compareFamily, VerdictTable } from '../evaluate/index.js';
import { loadJudges } from '../experiment/index.js';
import type { ComparedFigures } from './compare-records.js';

/** The seed and, by default, the resamples of `autodidact compare`, so that both print the same figures. */
const SEED = 1;

/** Bytes of both evaluations up to which a thread costs more than it saves. */
const MOST_BYTES_HERE = 1 << 21;

/** Two judges whose figures are asked for; the first is the baseline. */
export interface FiguresTask {
  judges: readonly {
    /** As `autodidact compare` takes it. */
    input: string;
    benchmark: string | undefined;
    name: string;
  }[];
  /** Ids of items that are left out. */
  without: readonly string[];
}

/** What a thread answers. */
export type FiguresAnswer = { figures: ComparedFigures } | { failure: ThreadFailure };

/**
 * The figures, without keeping others from their turn for long.
 * @param nBytes of both evaluations
 * @throws as `compareInputs` does
 */
export async function pairedFigures(task: FiguresTask, nBytes: number): Promise<ComparedFigures> {
  if (nBytes <= MOST_BYTES_HERE) return figuresOf(task);
  const worker = startWorkerThread(new URL('./figures-worker', import.meta.url), task);
  // A view that ends does not wait for them.
  worker.unref();
  try {
    const [answer] = (await once(worker, 'message')) as [FiguresAnswer];
    if ('failure' in answer) throw errorOf(answer.failure);
    return answer.figures;
  } finally {
    await worker.terminate();
  }
}

/** The figures, computed here. @throws as {@link pairedFigures} */
export async function figuresOf({ judges, without: ids }: FiguresTask): Promise<ComparedFigures> {
  const leftOut = new Set(ids);
  const named = [];
  for (const { input, benchmark, name } of judges)
    for (const { tables } of await loadJudges([input], { benchmark }))
      named.push({ name, tables: tables.mapped((table) => without(table, leftOut)) });
  const { overall, bySubset } = await compareFamily(named, { seed: SEED });
  const [all] = overall;
  if (!all) throw new RangeError('expected one comparison of two judges');
  return { overall: all, bySlice: bySubset };
}

/** The same table without some items. */
function without(table: VerdictTable, itemIds: ReadonlySet<string>): VerdictTable {
  if (itemIds.size === 0) return table;
  const others = new VerdictTable();
  for (const [itemId, index] of table.items()) {
    if (itemIds.has(itemId)) continue;
    others.addItem(table.item(itemId, index));
    others.addVerdictsOf(itemId, table, index);
  }
  return others;
}
