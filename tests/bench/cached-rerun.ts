// A rerun whose every answer is in the completion store: time from the start of the process to its end, rows written.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScript, runScript } from '../fixtures/compiled-script.js';
import type { EngineFigures, EngineTask } from '../fixtures/engine-script.js';

/** A rerun of so many completions. */
export interface CachedRerunRow extends Rerun {
  /** From the start of the process to its end; the median of several. */
  wallMs: number;
  peakMiB: number;
}

/** How the completions of a rerun were asked for. */
interface Rerun {
  /** Each is a row of the file that is written. */
  nRequests: number;
  /** Completions of a request. */
  nSamples: number;
}

/** The last is the shape of an iteration: 20,000 pairs with 15 judgments each. */
const RERUNS: readonly Rerun[] = [
  { nRequests: 1000, nSamples: 1 },
  { nRequests: 300_000, nSamples: 1 },
  { nRequests: 20_000, nSamples: 15 },
];
const N_ROUNDS = 3;

/** Measures, prints and returns. Takes about half a minute and 400 MB of disk for that time. */
export async function benchCachedRerun(): Promise<CachedRerunRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
  const script = await compileScript(new URL('../fixtures/engine-script.ts', import.meta.url));
  const rows: CachedRerunRow[] = [];
  try {
    for (const { nRequests, nSamples } of RERUNS) {
      const task: EngineTask = {
        kind: 'ask',
        baseUrl: null,
        storeFolder: join(folder, `store-${nRequests}`),
        segmentName: 'rerun',
        rowsFile: join(folder, 'rows.jsonl'),
        nQuestions: nRequests,
        nWarmUp: 0,
        nInFlight: 256,
        lookAhead: 512,
        promptCharacters: 1000,
        nSamples,
      };
      await runScript(script, { ...task, kind: 'fill', segmentName: 'first-run' } satisfies EngineTask);
      const rounds: Omit<CachedRerunRow, keyof Rerun>[] = [];
      for (let round = 0; round < N_ROUNDS; round++) {
        const startMs = performance.now();
        const written = await runScript(script, { ...task, segmentName: `rerun-${round}` });
        const wallMs = performance.now() - startMs;
        rounds.push({ wallMs, peakMiB: (JSON.parse(written) as EngineFigures).peakMiB });
      }
      await assertRows(task.rowsFile, nRequests);
      const [median] = rounds.toSorted((a, b) => a.wallMs - b.wallMs).slice(N_ROUNDS >> 1);
      if (median) rows.push({ nRequests, nSamples, ...median });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  print(rows);
  return rows;
}

/** Every row is there, in order, with the answer that belongs to it. */
async function assertRows(path: string, nRows: number): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const nRight = lines.filter((line, i) => line.startsWith(`{"number":${i},"texts":["${i} `)).length;
  if (lines.length !== nRows || nRight !== nRows)
    throw new RangeError(`${nRight} of ${lines.length} rows are right, expected ${nRows}`);
}

function print(rows: readonly CachedRerunRow[]): void {
  console.log('\na rerun with every answer in the store, the start of the process included');
  for (const { nRequests, nSamples, wallMs, peakMiB } of rows) {
    console.log(
      `  ${nRequests.toLocaleString('en').padStart(7)} requests of ${String(nSamples).padStart(2)}  ${(wallMs / 1000).toFixed(2)} s, peak ${peakMiB.toFixed(0)} MiB`,
    );
  }
}
