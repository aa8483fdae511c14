// One measurement of the pool benchmark, in a process of its own so that its memory is its own: selects from a pool, or only parses it.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { choiceSchema, poolSchema, selectFromPool, SelectionTally } from '../../lib/src/select/index.js';

/** What to measure. */
export interface PoolBenchTask {
  kind: 'select' | 'select without near duplicates' | 'parse JSON' | 'nothing';
  path: string;
}

/** What it took. */
export interface PoolBenchResult {
  ms: number;
  /** Of all threads, user and system. */
  cpuMs: number;
  /** Peak resident memory of the process, in MiB. */
  peakMiB: number;
  nRows: number;
  nTaken: number;
  drops: Record<string, number>;
}

/** Filters and choice of the benchmark: all that needs no model. */
async function select(
  path: string,
  hasNear: boolean,
): Promise<{ nRows: number; nTaken: number; drops: Record<string, number> }> {
  const tally = new SelectionTally();
  const selection = selectFromPool({
    pool: poolSchema.parse({
      files: [
        {
          path,
          columns: {
            category: 'category',
            complexity: 'complexity',
            expectedLength: 'length',
            language: 'language',
          },
        },
      ],
      filters: {
        characters: { min: 20, max: 20_000 },
        languages: ['English'],
        ...(hasNear ? { nearDuplicates: {} } : {}),
      },
    }),
    classify: null,
    choice: choiceSchema.parse({
      slices: ['reasoning', 'code'],
      complexity: { min: 4 },
      count: 20_000,
      balance: 'slice',
    }),
    folder: '/',
    seed: 1,
    signal: new AbortController().signal,
    tally,
  });
  const kinds = { kept: 0, dropped: 0 };
  for await (const { kind } of selection) kinds[kind]++;
  const { rows, taken, drops } = tally.summary();
  if (taken !== kinds.kept || rows !== kinds.kept + kinds.dropped)
    throw new RangeError(`${rows} rows, of them ${taken} taken: outcomes ${JSON.stringify(kinds)}`);
  return { nRows: rows, nTaken: taken, drops };
}

async function run({ kind, path }: PoolBenchTask): Promise<PoolBenchResult> {
  const start = performance.now();
  const before = process.cpuUsage();
  let counts = { nRows: 0, nTaken: 0, drops: {} as Record<string, number> };
  if (kind === 'parse JSON') {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      JSON.parse(line);
      counts.nRows++;
    }
  } else if (kind !== 'nothing') counts = await select(path, kind === 'select');
  const { user, system } = process.cpuUsage(before);
  return {
    ...counts,
    ms: performance.now() - start,
    cpuMs: (user + system) / 1000,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  };
}

process.on('message', (task: PoolBenchTask) => {
  void run(task).then((result) => {
    process.send?.(result);
    process.disconnect();
  });
});
