// Selection from a pool of a million instructions: reading, filters, duplicates, near duplicates and a balanced choice; time against plain
// JSON parsing of the same rows, and peak memory.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer';
import { deriveRandom, type Random } from '../../lib/src/core/random.js';
import { SELECTION_CATEGORIES } from '../../lib/src/prompt/index.js';
import type { PoolBenchResult, PoolBenchTask } from './pool-bench-worker.js';

/** Rows of the pool; a smaller number may be given for a quick look. */
const N_ROWS = Number(process.env.AUTODIDACT_BENCH_ROWS ?? 1_000_000);
/** Rows that are written at once: also a row group of Parquet. */
const BLOCK = 50_000;
const LENGTHS = ['one word', 'one sentence', 'one paragraph', 'several paragraphs', 'several pages'];

interface PoolRow {
  instruction: string;
  category: string;
  complexity: number;
  length: string;
  language: string;
}

/** Measures, prints and returns. Takes some minutes and 600 MB of disk for that time. */
export async function benchPools(): Promise<PoolBenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
  const results: PoolBenchResult[] = [];
  try {
    const [jsonl, parquet] = [join(folder, 'pool.jsonl'), join(folder, 'pool.parquet')];
    await writePool(jsonl, parquet);
    const idle = await measure({ kind: 'nothing', path: '' });
    const parsed = await measure({ kind: 'parse JSON', path: jsonl });
    console.log(`\nselection of 20,000 from ${N_ROWS.toLocaleString('en')} instructions, all on one thread`);
    console.log(`  JSON parsing alone            ${seconds(parsed.cpuMs)} of processor time`);
    for (const [name, task] of [
      ['JSON Lines', { kind: 'select', path: jsonl }],
      ['without near duplicates', { kind: 'select without near duplicates', path: jsonl }],
      ['Parquet', { kind: 'select', path: parquet }],
    ] as const) {
      const result = await measure(task);
      if (result.nRows !== N_ROWS) throw new RangeError(`${result.nRows} rows of ${N_ROWS} accounted for`);
      results.push(result);
      console.log(
        `  ${name.padEnd(28)}  ${seconds(result.cpuMs)} of processor time (${seconds(result.ms)} by the clock) = ` +
          `${(result.cpuMs / parsed.cpuMs).toFixed(1)}x JSON parsing; ${result.peakMiB.toFixed(0)} MiB, ` +
          `of which ${idle.peakMiB.toFixed(0)} for a process that does nothing; ` +
          `${result.nTaken.toLocaleString('en')} taken, ${JSON.stringify(result.drops)}`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

async function writePool(jsonl: string, parquet: string): Promise<void> {
  const lines = await open(jsonl, 'w');
  let writer: ParquetWriter | undefined;
  try {
    const rows = poolRows();
    for (let nWritten = 0; nWritten < N_ROWS; nWritten += BLOCK) {
      const block = Array.from({ length: Math.min(BLOCK, N_ROWS - nWritten) }, () => rows.next().value);
      await lines.write(block.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const columnData = columnsOf(block);
      writer ??= new ParquetWriter({
        writer: fileWriter(parquet),
        schema: schemaFromColumnData({ columnData }),
      });
      await writer.write({ columnData, rowGroupSize: BLOCK });
    }
    await writer?.finish();
  } finally {
    await lines.close();
  }
}

function columnsOf(rows: readonly PoolRow[]): ColumnSource[] {
  const text = (name: Exclude<keyof PoolRow, 'complexity'>): ColumnSource => ({
    name,
    data: rows.map((row) => row[name]),
    type: 'STRING',
    offsetIndex: true,
  });
  return [
    text('instruction'),
    text('category'),
    { name: 'complexity', data: rows.map((row) => row.complexity), type: 'INT32', offsetIndex: true },
    text('length'),
    text('language'),
  ];
}

/** Of 100 texts 5 are there already, 5 are one with a word exchanged, and 10 are in another language; 8 to 80 words of Zipf's frequencies. */
function* poolRows(): Generator<PoolRow, never> {
  const random = deriveRandom('bench-pool', 1);
  const vocabulary = Array.from({ length: 30_000 }, () => wordOf(random));
  const word = (): string => vocabulary[Math.floor(30_000 ** random.next()) - 1] ?? 'a';
  const earlier: string[] = [];
  for (;;) {
    const kind = random.next();
    const base = kind < 0.1 && earlier.length > 0 ? random.pick(earlier).split(' ') : null;
    const words = base ?? Array.from({ length: 8 + random.below(73) }, word);
    if (base !== null && kind < 0.05) words[random.below(words.length)] = word();
    const instruction = words.join(' ');
    if (base === null && earlier.length < 100_000) earlier.push(instruction);
    yield {
      instruction,
      category: random.pick(SELECTION_CATEGORIES),
      complexity: 1 + random.below(10),
      length: random.pick(LENGTHS),
      language: random.next() < 0.9 ? 'English' : 'German',
    };
  }
}

function wordOf(random: Random): string {
  return Array.from({ length: 2 + random.below(8) }, () => String.fromCharCode(97 + random.below(26))).join(
    '',
  );
}

async function measure(task: PoolBenchTask): Promise<PoolBenchResult> {
  const worker = fork(new URL('./pool-bench-worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const answer = once(worker, 'message') as Promise<[PoolBenchResult]>;
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the measurement ended without a result');
  });
  worker.send(task);
  const [result] = await Promise.race([answer, ended]);
  await ended.catch(() => undefined);
  return result;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
