// A rerun whose every answer is in the completion store: time from the start of the process to its end, rows written.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScript, runScript } from '../fixtures/compiled-script.js';
import type { EngineFigures, EngineTask } from '../fixtures/engine-script.js';

/** A rerun of so many rows. */
export interface CachedRerunRow {
  nRows: number;
  /** From the start of the process to its end; the median of several. */
  wallMs: number;
  peakMiB: number;
}

const SIZES = [1000, 300_000];
const N_ROUNDS = 3;

/** Measures, prints and returns. Takes about half a minute and 400 MB of disk for that time. */
export async function benchCachedRerun(): Promise<CachedRerunRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
  const script = await compileScript(new URL('../fixtures/engine-script.ts', import.meta.url));
  const rows: CachedRerunRow[] = [];
  try {
    for (const nRows of SIZES) {
      const task: EngineTask = {
        kind: 'ask',
        baseUrl: null,
        storeFolder: join(folder, `store-${nRows}`),
        segmentName: 'rerun',
        rowsFile: join(folder, 'rows.jsonl'),
        nQuestions: nRows,
        nWarmUp: 0,
        nInFlight: 256,
        lookAhead: 512,
        promptCharacters: 1000,
      };
      await runScript(script, { ...task, kind: 'fill', segmentName: 'first-run' } satisfies EngineTask);
      const rounds: Omit<CachedRerunRow, 'nRows'>[] = [];
      for (let round = 0; round < N_ROUNDS; round++) {
        const startMs = performance.now();
        const written = await runScript(script, { ...task, segmentName: `rerun-${round}` });
        const wallMs = performance.now() - startMs;
        rounds.push({ wallMs, peakMiB: (JSON.parse(written) as EngineFigures).peakMiB });
      }
      await assertRows(task.rowsFile, nRows);
      const [median] = rounds.toSorted((a, b) => a.wallMs - b.wallMs).slice(N_ROUNDS >> 1);
      if (median) rows.push({ nRows, ...median });
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
  for (const { nRows, wallMs, peakMiB } of rows) {
    console.log(
      `  ${nRows.toLocaleString('en').padStart(7)} rows  ${(wallMs / 1000).toFixed(2)} s, peak ${peakMiB.toFixed(0)} MiB`,
    );
  }
}
