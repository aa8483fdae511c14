// Scores recorded judgments, as a command or a notebook names them.
import { resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError, messageOf } from '../../core/errors.js';
import { readTextIfPresent, writeChunksAtomic } from '../../core/files.js';
import { schemaProblems } from '../../core/jsonl.js';
import type { RowFormat } from '../../datasets/index.js';
import {
  BENCHMARKS,
  benchmarkNamed,
  pairColumnsSchema,
  pairsBenchmark,
  readGoldLabels,
  readSubsetAccuracies,
  Scorer,
  summariseSubsetAccuracies,
  type SubsetAccuracies,
  UnusableRow,
  type Benchmark,
  type GoldLabels,
} from '../../evaluate/index.js';
import { verdictRuleSchema, type VerdictRule } from '../../prompt/index.js';
import { byReason } from '../../report/index.js';
import type { Score } from '../../schema/index.js';
import { cachedBenchmarkFiles } from '../open/benchmark-files.js';

/** What to score. */
export interface ScoreRequest {
  /** Name of a benchmark. */
  benchmark: string;
  /** Files of recorded judgments. */
  judgments: readonly string[];
  /** Files of benchmark items with their gold labels; absent: those of the cache, if there are any. */
  items?: readonly string[] | undefined;
  /** Columns of the items of `pairs`, as `{"winner":"chosen",…}`. */
  columns?: Record<string, unknown> | undefined;
  /** Format of the judgments; absent: detected from their first row. */
  format?: string | undefined;
  fileFormat?: RowFormat | undefined;
  /** Verdict rule; absent: the format's own. */
  rule?: string | undefined;
  judge?: string | undefined;
  /** Where every item's counted verdicts are written, for `autodidact compare`; absent: nowhere. */
  save?: string | undefined;
  /** Cache of data sets; absent: set by the environment. */
  cacheFolder?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Scores recorded judgments.
 * @throws ConfigError for an unknown benchmark or rule; DataError for files that cannot be read, or of which no row can be used
 * @example const { judges } = await scoreRecorded({ benchmark: 'pandalm', judgments: ['my-judgments.jsonl'] });
 */
export async function scoreRecorded(request: ScoreRequest): Promise<Score> {
  requireNames(request);
  requireDistinct(request.judgments);
  const benchmark = requireBenchmark(request);
  const rule = requireRule(request.rule);
  const gold = await goldLabelsOf(benchmark, request);
  const scorer = new Scorer({
    benchmark,
    files: request.judgments,
    format: request.format,
    fileFormat: request.fileFormat,
    rule,
    judge: request.judge,
    gold,
    signal: request.signal,
  });
  await scorer.readFiles();
  const score = scorer.result();
  if (score.nJudgments === 0) throw nothingUsable(score);
  if (request.save !== undefined) await writeChunksAtomic(request.save, linesOf(scorer));
  return score;
}

/**
 * RewardBench sections and overall from accuracies by subset, as the leaderboard publishes them.
 * @param files JSON: one result, an array of them, or `{models: [...]}`; each `{model, subsets: {...}}` or with the subsets beside the model
 * @param options.judge absent: all
 * @param options.priorSets mean accuracy of that judge on the prior sets, 0 to 1
 * @throws DataError; ConfigError for a judge that is not there, or prior sets of several
 */
export async function scoreSubsetAccuracies(
  files: readonly string[],
  { judge, priorSets = null }: { judge?: string | undefined; priorSets?: number | null } = {},
): Promise<Pick<Score, 'judges' | 'badRows'>> {
  const results: SubsetAccuracies[] = [];
  const badRows: Score['badRows'] = [];
  for (const file of files) {
    for (const [index, result] of (await readResults(file)).entries()) {
      try {
        results.push(readSubsetAccuracies(result));
      } catch (thrown) {
        if (!(thrown instanceof UnusableRow)) throw thrown;
        badRows.push({ file, line: index + 1, reason: thrown.reason, detail: thrown.message });
      }
    }
  }
  const [bad] = badRows;
  if (results.length === 0) {
    throw new DataError({
      subject: bad ? `${bad.file}, result ${bad.line}` : files.join(', '),
      expected: 'accuracies by subset, from 0 to 1',
      received: bad ? `${bad.reason}: ${bad.detail}` : 'none',
      remedy: 'Give {"model": "...", "subsets": {"alpacaeval-easy": 0.98, ...}}.',
    });
  }
  const wanted = results.filter((result) => judge === undefined || result.judge === judge);
  if (wanted.length === 0 || (priorSets !== null && wanted.length > 1)) {
    throw new ConfigError({
      subject: 'score rewardbench, the judge',
      expected: `one of ${results.map((result) => result.judge).join(', ')}`,
      received: judge ?? 'none, and prior sets belong to one judge',
      remedy: 'Name it with --judge.',
    });
  }
  return { judges: wanted.map((result) => summariseSubsetAccuracies(result, { priorSets })), badRows };
}

async function readResults(file: string): Promise<unknown[]> {
  const text = await readTextIfPresent(file);
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch (cause) {
    throw new DataError({
      subject: file,
      expected: 'JSON of accuracies by subset',
      received: text === null ? 'no file' : messageOf(cause),
      remedy: 'Give the results of one judge, an array of them, or {"models": [...]}.',
      cause,
    });
  }
  const models = z.looseObject({ models: z.array(z.unknown()) }).safeParse(value);
  if (Array.isArray(value)) return value as unknown[];
  return models.success ? models.data.models : [value];
}

function requireBenchmark({ benchmark: name, columns }: ScoreRequest): Benchmark {
  const benchmark = benchmarkNamed(name);
  if (!benchmark) {
    throw new ConfigError({
      subject: `benchmark ${name}`,
      expected: `one of ${BENCHMARKS.map((known) => known.name).join(', ')}`,
      remedy: 'Use pairs for a file of your own.',
    });
  }
  if (columns === undefined) return benchmark;
  const parsed = pairColumnsSchema.safeParse(columns);
  if (name === 'pairs' && parsed.success) return pairsBenchmark(parsed.data);
  throw new ConfigError({
    subject: '--columns',
    expected: 'a mapping of columns, for the benchmark pairs alone',
    received: parsed.success ? `the benchmark ${name}` : schemaProblems(parsed.error),
    remedy: 'For instance: --columns \'{"instruction":"prompt","winner":"chosen","loser":"rejected"}\'',
  });
}

/** @throws ConfigError for an empty name, or an output that would overwrite an input */
function requireNames({ judgments, items = [], save: target }: ScoreRequest): void {
  const read = [...judgments, ...items];
  if ([...read, target ?? 'nothing'].includes('')) {
    throw new ConfigError({
      subject: 'score',
      expected: 'the name of a file',
      received: 'an empty one',
      remedy: 'Name the files of --judgments, --items and --save.',
    });
  }
  if (target === undefined || !read.some((path) => resolve(path) === resolve(target))) return;
  throw new ConfigError({
    subject: '--save',
    expected: 'another file than those that are read',
    received: target,
    remedy: 'Choose a new name: the saved counts would overwrite the texts.',
  });
}

/** A file that is named twice would count twice. */
function requireDistinct(files: readonly string[]): void {
  const paths = files.map((file) => resolve(file));
  const again = files.find((_, i) => paths.indexOf(paths[i] ?? '') !== i);
  if (again === undefined) return;
  throw new ConfigError({
    subject: '--judgments',
    expected: 'every file once',
    received: `${again} twice`,
    remedy: 'Name it once.',
  });
}

function requireRule(name: string | undefined): VerdictRule | undefined {
  if (name === undefined) return undefined;
  const rule = verdictRuleSchema.safeParse(name);
  if (rule.success) return rule.data;
  throw new ConfigError({
    subject: `verdict rule ${name}`,
    expected: `one of ${verdictRuleSchema.options.join(', ')}`,
    remedy: "Leave it away to take the format's own rule.",
  });
}

/** The gold labels: from the named files, else from the cache, else none. */
async function goldLabelsOf(benchmark: Benchmark, request: ScoreRequest): Promise<GoldLabels | undefined> {
  const { items, fileFormat: format } = request;
  if (items !== undefined && items.length > 0) {
    const isCompanion = (path: string): boolean =>
      (benchmark.companions ?? []).some(({ file }) => path.replace(/\.gz$/, '').endsWith(file));
    return readGoldLabels(benchmark, {
      files: items.filter((path) => !isCompanion(path)),
      companions: items.filter(isCompanion),
      format,
    });
  }
  const cached = await cachedBenchmarkFiles(benchmark, request.cacheFolder);
  return cached ? readGoldLabels(benchmark, cached) : undefined;
}

function nothingUsable({ files, dropped, badRows }: Score): DataError {
  const [first] = badRows;
  return new DataError({
    subject: files.join(', '),
    expected: 'at least one judgment',
    received:
      first === undefined ? 'no rows' : `${byReason(dropped)}; first in line ${first.line}: ${first.detail}`,
    remedy: 'Check the format; `autodidact score --help` names those that can be read.',
  });
}

function* linesOf(scorer: Scorer): Generator<string> {
  for (const item of scorer.scoredItems()) yield `${JSON.stringify(item)}\n`;
}
