// Scoring of recorded judgments with a paired bootstrap: time against plain JSON parsing of the same files, peak memory, and how both grow.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deriveRandom } from '../../lib/src/core/random.js';
import type { ScoreBenchResult, ScoreBenchTask } from './score-bench-worker.js';

/** Results at one size. */
export interface ScoreBenchRow {
  /** Judgments of both judges together. */
  nJudgments: number;
  scoreMs: number;
  /** The paired bootstrap of 10,000 resamples, with the test. */
  compareMs: number;
  /** Parsing the same files as JSON, line by line. */
  parseMs: number;
  /** Peak memory beyond that of a process that does nothing, in MiB. */
  memoryMiB: number;
}

const SIZES = [10_000, 100_000, 1_000_000];
const N_RESAMPLES = 10_000;
/** Sentences of a judgment's reasoning; its text has about 400 characters, as chains of a small judge do. */
const SENTENCES = [
  'The request asks for a number and for nothing else. ',
  'Response A works the sum out step by step and carries the one. ',
  'Response B gives the same steps but drops a term in the second line. ',
  'Neither says anything that was not asked for. ',
  'The value that follows from the request is the one that only one of them has. ',
];

/** Measures, prints and returns. Takes about half a minute and 500 MB of disk for that time. */
export async function benchScoring(): Promise<ScoreBenchRow[]> {
  const rows: ScoreBenchRow[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-bench-'));
  try {
    const idle = await measure({ kind: 'nothing', files: ['', ''], nResamples: 1 });
    for (const nJudgments of SIZES) {
      const files: [string, string] = [
        await writeJudgments(join(folder, 'earlier.jsonl'), { nItems: nJudgments / 4, shareRight: 0.7 }),
        await writeJudgments(join(folder, 'later.jsonl'), { nItems: nJudgments / 4, shareRight: 0.72 }),
      ];
      const parsed = await measure({ kind: 'parse JSON', files, nResamples: 1 });
      const scored = await measure({ kind: 'score and compare', files, nResamples: N_RESAMPLES });
      if (scored.nJudgments !== nJudgments)
        throw new RangeError(`scored ${scored.nJudgments} of ${nJudgments}`);
      rows.push({
        nJudgments,
        scoreMs: scored.scoreMs,
        compareMs: scored.compareMs,
        parseMs: parsed.scoreMs,
        memoryMiB: scored.peakMiB - idle.peakMiB,
      });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  print(rows);
  return rows;
}

/** Both orders of every item. */
async function writeJudgments(
  path: string,
  { nItems, shareRight }: { nItems: number; shareRight: number },
): Promise<string> {
  const random = deriveRandom('bench-judgments', path.length, shareRight);
  const file = await open(path, 'w');
  try {
    let lines = '';
    for (let i = 0; i < nItems; i++) {
      for (const shown of ['given', 'swapped'] as const) {
        const isRight = random.next() < shareRight;
        const letter = isRight === (shown === 'given') ? 'A' : 'B';
        const reasoning = Array.from({ length: 6 }, () => random.pick(SENTENCES)).join('');
        const text = `${reasoning}[[${letter}]]`;
        lines += `${JSON.stringify({ itemId: `item-${i}`, judge: 'judge', gold: 'first', shown, text })}\n`;
      }
      if (lines.length < 1 << 20) continue;
      await file.write(lines);
      lines = '';
    }
    await file.write(lines);
  } finally {
    await file.close();
  }
  return path;
}

async function measure(task: ScoreBenchTask): Promise<ScoreBenchResult> {
  const worker = fork(new URL('./score-bench-worker.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  const answer = once(worker, 'message') as Promise<[ScoreBenchResult]>;
  const ended = once(worker, 'exit').then(() => {
    throw new Error('the measurement ended without a result');
  });
  worker.send(task);
  const [result] = await Promise.race([answer, ended]);
  await ended.catch(() => undefined);
  return result;
}

function print(rows: readonly ScoreBenchRow[]): void {
  console.log(`\nscoring, and a paired comparison with ${N_RESAMPLES.toLocaleString('en')} resamples`);
  for (const { nJudgments, scoreMs, compareMs, parseMs, memoryMiB } of rows) {
    console.log(
      `  ${nJudgments.toLocaleString('en').padStart(9)} judgments  ${(scoreMs / 1000).toFixed(2)} s = ` +
        `${(scoreMs / parseMs).toFixed(1)}x JSON parsing alone; comparison ${compareMs.toFixed(0)} ms; ` +
        `${memoryMiB.toFixed(0)} MiB`,
    );
  }
  const [smallest, largest] = [rows[0], rows.at(-1)];
  if (!smallest || !largest) return;
  const times = largest.nJudgments / smallest.nJudgments;
  const perMillion =
    ((largest.memoryMiB - smallest.memoryMiB) / (largest.nJudgments - smallest.nJudgments)) * 1e6;
  console.log(
    `  ${times}x the judgments: ${(largest.scoreMs / smallest.scoreMs).toFixed(0)}x the time, ` +
      `${perMillion.toFixed(0)} MiB more per million`,
  );
}
