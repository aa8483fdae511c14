// From recorded judgments to a supervised training set: time and memory of the filter stage, against parsing the same file as JSON.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileScript, runScript } from '../fixtures/compiled-script.js';
import type { FilterFigures, FilterTask } from '../fixtures/filter-script.js';

/** Results at one size. */
export interface FilterBenchRow {
  nJudgments: number;
  /** Size of the judgments file. */
  bytes: number;
  /** The stage, from the start of the process to its end. */
  filter: FilterFigures;
  /** `JSON.parse` of each line, in one thread. */
  parse: FilterFigures;
}

const PAIRS = [2_000, 20_000];
const JUDGMENTS_PER_PAIR = 15;
const N_ROUNDS = 3;

/** Measures, prints and returns. Takes about a minute and 900 MB of disk for that time. */
export async function benchFilter(): Promise<FilterBenchRow[]> {
  const script = await compileScript(new URL('../fixtures/filter-script.ts', import.meta.url));
  const rows: FilterBenchRow[] = [];
  const idle = await run(script, { kind: 'nothing', folder: '', nPairs: 0, nJudgments: 0 });
  for (const nPairs of PAIRS) {
    const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
    const task = { folder, nPairs, nJudgments: JUDGMENTS_PER_PAIR };
    try {
      const { nRecords: nJudgments } = await run(script, { kind: 'fill', ...task });
      const { size: bytes } = await stat(join(folder, 'judgments.jsonl'));
      const filter = await fastest(script, { kind: 'filter', ...task });
      const parse = await fastest(script, { kind: 'parse', ...task });
      if (parse.nRecords !== nJudgments) throw new RangeError(`parsed ${parse.nRecords} of ${nJudgments}`);
      if (filter.nRecords < nPairs * 0.9)
        throw new RangeError(`${filter.nRecords} examples of ${nPairs} pairs`);
      rows.push({ nJudgments, bytes, filter, parse });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  print(rows, idle);
  return rows;
}

async function run(script: string, task: FilterTask): Promise<FilterFigures> {
  return JSON.parse(await runScript(script, task)) as FilterFigures;
}

/** The round with the least wall time: what else runs on the machine can only add to it. */
async function fastest(script: string, task: FilterTask): Promise<FilterFigures> {
  const rounds: FilterFigures[] = [];
  for (let round = 0; round < N_ROUNDS; round++) rounds.push(await run(script, task));
  return rounds.reduce((best, figures) => (figures.wallMs < best.wallMs ? figures : best));
}

function print(rows: readonly FilterBenchRow[], idle: FilterFigures): void {
  console.log(
    `\nfrom judgments to training examples, the start of the process included; the fastest of ${N_ROUNDS}; ` +
      `a process that does nothing: ${idle.wallMs.toFixed(0)} ms, ${idle.peakMiB.toFixed(0)} MiB`,
  );
  for (const { nJudgments, bytes, filter, parse } of rows) {
    console.log(
      `  ${nJudgments.toLocaleString('en').padStart(7)} judgments, ${(bytes / 1e6).toFixed(0).padStart(3)} MB  ` +
        `${(filter.wallMs / 1000).toFixed(2)} s = ${(filter.wallMs / parse.wallMs).toFixed(2)}x JSON parsing alone, ` +
        `processor ${(filter.cpuMs / 1000).toFixed(2)} s = ${(filter.cpuMs / parse.cpuMs).toFixed(2)}x, ` +
        `peak ${filter.peakMiB.toFixed(0)} MiB, ${filter.nRecords.toLocaleString('en')} examples`,
    );
  }
}
