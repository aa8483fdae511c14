// One measurement of the scoring benchmark, in a process of its own so that its memory is its own: scores two judges' files and compares
// them, or only parses the files as JSON.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { benchmarkNamed, compareTables, Scorer, type VerdictTable } from '../../lib/src/evaluate/index.js';

/** What to measure. */
export interface ScoreBenchTask {
  kind: 'score and compare' | 'parse JSON' | 'nothing';
  files: [string, string];
  nResamples: number;
}

/** What it took. */
export interface ScoreBenchResult {
  /** Milliseconds of scoring, or of parsing. */
  scoreMs: number;
  /** Milliseconds of the comparison. */
  compareMs: number;
  /** Peak resident memory of the process, in MiB. */
  peakMiB: number;
  nJudgments: number;
}

async function scored(file: string): Promise<{ table: VerdictTable; nJudgments: number }> {
  const benchmark = benchmarkNamed('pairs');
  if (!benchmark) throw new RangeError('no benchmark pairs');
  const scorer = new Scorer({ benchmark, files: [file] });
  await scorer.readFiles();
  const [set] = scorer.tables();
  if (!set) throw new RangeError('nothing was scored');
  return { table: set.table, nJudgments: scorer.result().nJudgments };
}

async function run({ kind, files, nResamples }: ScoreBenchTask): Promise<ScoreBenchResult> {
  const start = performance.now();
  let scoreMs = 0;
  let nJudgments = 0;
  if (kind === 'parse JSON') {
    for (const file of files) {
      for await (const line of createInterface({ input: createReadStream(file) })) {
        JSON.parse(line);
        nJudgments++;
      }
    }
    scoreMs = performance.now() - start;
  }
  if (kind === 'score and compare') {
    const [earlier, later] = [await scored(files[0]), await scored(files[1])];
    nJudgments = earlier.nJudgments + later.nJudgments;
    scoreMs = performance.now() - start;
    const { difference } = compareTables(earlier.table, later.table, { seed: 1, nResamples });
    if (difference === null) throw new RangeError('nothing was compared');
  }
  const compareMs = performance.now() - start - scoreMs;
  return { scoreMs, compareMs, peakMiB: process.resourceUsage().maxRSS / 1024, nJudgments };
}

process.on('message', (task: ScoreBenchTask) => {
  void run(task).then((result) => {
    process.send?.(result);
    process.disconnect();
  });
});
