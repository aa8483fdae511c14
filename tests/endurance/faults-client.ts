// The client of the fault test, in a process of its own: what it leaves behind shows, and that it ends by itself. The task is its one
// argument, the result the one line that it writes.
import { getHeapStatistics } from 'node:v8';
import { completionKeys } from '../../lib/src/model/index.js';
import { CompletionStore } from '../../lib/src/store/index.js';
import { questionOf } from '../fixtures/fault-echo.js';
import { FaultRun, type FaultRunResult } from '../fixtures/fault-run.js';

/** What to do. */
export interface FaultClientTask {
  baseUrl: string;
  storeFolder: string;
  segmentName: string;
  nItems: number;
  /** The heap is measured after these first items, and again after all. */
  nFirst: number;
  concurrency: number;
  timeoutMs: number;
}

/** What became of it. */
export interface FaultClientResult extends FaultRunResult {
  /** Samples that the store holds of the kept inputs, and of the dropped ones. */
  nStoredOfKept: number;
  nStoredOfDropped: number;
  /** Warnings of the runtime, such as of listeners that pile up. */
  warnings: string[];
  /** What kept the process alive when all was closed, beyond what did at the start. */
  leftOver: string[];
  /** Of the heap, collected, between the first items and the last, in MiB. */
  heapGrowthMiB: number;
  peakMiB: number;
  wallMs: number;
  /** Events by kind. */
  events: Record<string, number>;
}

const itemsBetween = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

/** Bytes of the heap that are in use after a collection. */
function usedHeapMiB(): number {
  if (!globalThis.gc) throw new Error('expected node --expose-gc');
  globalThis.gc();
  return getHeapStatistics().used_heap_size / 2 ** 20;
}

async function run(task: FaultClientTask): Promise<FaultClientResult> {
  const startMs = performance.now();
  const warnings: string[] = [];
  process.on('warning', (warning) => warnings.push(String(warning)));
  const before = process.getActiveResourcesInfo();
  const events: Record<string, number> = {};
  const cache = new CompletionStore({ folder: task.storeFolder, segmentName: task.segmentName });
  const faultRun = new FaultRun({
    baseUrl: task.baseUrl,
    cache,
    concurrency: task.concurrency,
    timeoutMs: task.timeoutMs,
    onEvent: ({ kind }) => (events[kind] = (events[kind] ?? 0) + 1),
  });
  const first = await faultRun.ask(itemsBetween(0, task.nFirst));
  const heapMiB = usedHeapMiB();
  const rest = await faultRun.ask(itemsBetween(task.nFirst, task.nItems));
  const heapGrowthMiB = usedHeapMiB() - heapMiB;
  const kept = [...first.kept, ...rest.kept];
  const drops = [...first.drops, ...rest.drops];
  const nStored = async (items: readonly number[]): Promise<number> => {
    let n = 0;
    for (const item of items) {
      const request = questionOf(item);
      const partition = faultRun.identityOf(request.model);
      const found = await cache.getAll(partition, completionKeys(partition, request));
      n += found.filter((completion) => completion !== null).length;
    }
    return n;
  };
  const [nStoredOfKept, nStoredOfDropped] = [await nStored(kept), await nStored(drops.map(([item]) => item))];
  await faultRun.close();
  await cache.close();
  // Closed sockets are let go in the next turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const leftOver = process.getActiveResourcesInfo();
  for (const resource of before) leftOver.splice(leftOver.indexOf(resource), 1);
  return {
    items: [...first.items, ...rest.items],
    kept,
    finishReasons: [...first.finishReasons, ...rest.finishReasons],
    drops,
    mispaired: [...first.mispaired, ...rest.mispaired],
    usage: rest.usage,
    nStoredOfKept,
    nStoredOfDropped,
    warnings,
    leftOver,
    heapGrowthMiB,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    wallMs: performance.now() - startMs,
    events,
  };
}

// A rejection that nobody handles ends the process with a code other than 0.
void run(JSON.parse(process.argv[2] ?? '') as FaultClientTask).then((result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
});
