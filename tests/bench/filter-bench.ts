// The filter's time and memory, for judgments of this project (with their index) and of others: the filter alone, and the whole stage up
// to the training examples, against parsing the same judgments as JSON.
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
  /** With the index that the judge stage leaves. */
  own: StageFigures;
  /** Without it. */
  foreign: StageFigures;
  /** `JSON.parse` of each line, in one thread. */
  parse: FilterFigures;
}

/** From the start of a process to its end. */
interface StageFigures {
  /** The kept judgments in hand. */
  filter: FilterFigures;
  /** The kept judgments joined with the prompts of their pairs and written as training examples. */
  examples: FilterFigures;
}

const PAIRS = [2_000, 20_000];
const JUDGMENTS_PER_PAIR = 15;
const N_ROUNDS = 3;

/** Measures, prints and returns. Takes about two minutes and 900 MB of disk for that time. */
export async function benchFilter(): Promise<FilterBenchRow[]> {
  const script = await compileScript(new URL('../fixtures/filter-script.ts', import.meta.url));
  const rows: FilterBenchRow[] = [];
  const idle = await run(script, { kind: 'nothing', folder: '', nPairs: 0, nJudgments: 0 });
  for (const nPairs of PAIRS) {
    const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
    const task = { folder, nPairs, nJudgments: JUDGMENTS_PER_PAIR };
    const measureStage = async (): Promise<StageFigures> => {
      const filter = await fastest(script, { kind: 'filter', ...task });
      const examples = await fastest(script, { kind: 'examples', ...task });
      const isWhole = filter.nRecords === examples.nRecords && filter.nRecords >= nPairs * 0.9;
      if (!isWhole) throw new RangeError(`${filter.nRecords}, ${examples.nRecords} kept of ${nPairs} pairs`);
      return { filter, examples };
    };
    try {
      const { nRecords: nJudgments } = await run(script, { kind: 'fill', ...task });
      const { size: bytes } = await stat(join(folder, 'judgments.jsonl'));
      const own = await measureStage();
      await rm(join(folder, 'judgments.index.jsonl'));
      const foreign = await measureStage();
      const parse = await fastest(script, { kind: 'parse', ...task });
      if (parse.nRecords !== nJudgments) throw new RangeError(`parsed ${parse.nRecords} of ${nJudgments}`);
      rows.push({ nJudgments, bytes, own, foreign, parse });
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
    `\nfiltering judgments, the start of the process included; the fastest of ${N_ROUNDS}; ` +
      `a process that does nothing: ${idle.wallMs.toFixed(0)} ms, ${idle.peakMiB.toFixed(0)} MiB`,
  );
  for (const { nJudgments, bytes, own, foreign, parse } of rows) {
    const line = (name: string, { wallMs, cpuMs, peakMiB }: FilterFigures): string =>
      `    ${name.padEnd(32)} ${(wallMs / 1000).toFixed(2).padStart(6)} s = ${(wallMs / parse.wallMs).toFixed(2)}x, ` +
      `processor ${(cpuMs / 1000).toFixed(2).padStart(6)} s, peak ${peakMiB.toFixed(0)} MiB`;
    const nKept = own.filter.nRecords.toLocaleString('en');
    console.log(
      [
        `  ${nJudgments.toLocaleString('en')} judgments, ${(bytes / 1e6).toFixed(0)} MB, ${nKept} kept`,
        line('JSON parsing alone', parse),
        line('own file', own.filter),
        line('own file, examples written', own.examples),
        line('foreign file', foreign.filter),
        line('foreign file, examples written', foreign.examples),
      ].join('\n'),
    );
  }
}
