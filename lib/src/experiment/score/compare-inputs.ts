// Reads the inputs of `autodidact compare` - runs, scored items, evaluations - as judges, and compares them.
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError, DataError } from '../../core/errors.js';
import { exists, isFolder, readError } from '../../core/files.js';
import { readJsonl } from '../../core/jsonl.js';
import { linesOf } from '../../core/lines.js';
import {
  compareFamily,
  compareWithTrivial,
  judgeNameOf,
  JudgeTables,
  type FamilyOptions,
} from '../../evaluate/index.js';
import type { ComparedJudge, ComparisonReport, TrivialReport } from '../../schema/comparison-report.js';
import { evaluatedItemSchema, iterationMetricsSchema, onBenchmark } from '../../schema/evaluation.js';
import { scoredItemSchema } from '../../schema/recorded-judgment.js';
import { RunFolder } from '../../store/index.js';
import { scoredBy, type JudgeOfBenchmark } from './compare-by.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { chosenIterations, type FinishedIteration } from '../layout/finished-iterations.js';
import { RUN_FILES } from '../layout/run-files.js';

/** Records between two checks of the signal. */
const RECORDS_PER_CHECK = 1024;

/** Options of work that can be aborted. */
interface Interruptible {
  signal?: AbortSignal | undefined;
}

interface LoadOptions extends Interruptible {
  /**
   * Subsets of the scored items among the inputs: if they split a benchmark by kinds of error, as RewardBench's subsets do, the
   * items of runs are split the same way.
   */
  subsets: ReadonlySet<string>;
  subsetOf?: CompareInputsOptions['subsetOf'];
  benchmark?: string | undefined;
}

/** A judge with its verdicts. */
export interface LoadedJudge extends JudgeOfBenchmark, Omit<ComparedJudge, 'nItems'> {
  /** Equal for equal inputs: the file of its verdicts and, if that holds several judges, which one. */
  identity: string;
  /** Beside the trivial judges, as its run recorded it; absent: to be computed. */
  trivial?: TrivialReport | undefined;
}

/** How judges are compared. */
export interface CompareInputsOptions extends FamilyOptions {
  /** `published`: by the accuracy that the benchmark of the inputs publishes; the name of a benchmark: by its; absent: a tie is half right. */
  by?: string | undefined;
  /** Names of the judges in their order, all different, instead of those of their inputs. */
  names?: readonly string[] | undefined;
  /**
   * The subset of an item by its id, e.g. a kind of error or a class of length, instead of its slice. Without an effect on `overall`; ids must
   * be unique in the benchmark.
   */
  subsetOf?: ((itemId: string) => string) | undefined;
  /** Which of several benchmarks of the runs; absent: their headlines. */
  benchmark?: string | undefined;
}

/**
 * Reads the inputs and compares the judges in them.
 * @param inputs run folders (the last finished iteration; `folder@2` is iteration 2, `folder@all` is every iteration as a judge of
 * its own), files of scored items (JSON Lines; of one judge or several), or `evaluation.jsonl` of a run's iteration
 * @throws ConfigError for fewer than two judges, the same one twice, an unknown baseline, more or fewer names than judges, or a benchmark
 * that publishes no accuracy of pairs
 * @throws DataError for an input that cannot be read, an item with two gold labels, or no items shared; the signal's reason when aborted
 * @example const found = await compareInputs([`${run.folder}@0`, `${run.folder}@2`], { seed: 1, names: ['seed', 'last'] });
 */
export async function compareInputs(
  inputs: readonly string[],
  options: CompareInputsOptions,
): Promise<ComparisonReport> {
  const loaded = renamed(await loadJudges(inputs, options), options.names);
  const { judges, ...rule } =
    options.by === undefined ? { judges: loaded } : await scoredBy(loaded, options.by, options.benchmark);
  const family = await compareFamily(judges, options);
  return {
    judges: judges.map(({ tables, name, source, model, iteration, measuredOn, nDropped }) => ({
      name,
      source,
      ...(model === undefined ? {} : { model }),
      ...(iteration === undefined ? {} : { iteration }),
      ...(measuredOn === undefined ? {} : { measuredOn }),
      nItems: tables.nItems,
      nDropped,
    })),
    ...rule,
    ...family,
    trivial: loaded.map(trivialOf).filter(({ comparisons }) => comparisons.length > 0),
  };
}

/** A judge beside the trivial ones, on all items that it judged. */
function trivialOf({ name, tables, trivial }: LoadedJudge): TrivialReport {
  if (trivial)
    return {
      judge: name,
      comparisons: trivial.comparisons.map((comparison) => ({ ...comparison, judge: name })),
    };
  return compareWithTrivial(
    name,
    [...tables.bySubset].map(([subset, table]) => ({
      table,
      valuesOf: (itemId) => tables.shortcutsOf(subset, itemId),
    })),
  );
}

function renamed(judges: LoadedJudge[], names: readonly string[] | undefined): LoadedJudge[] {
  if (names === undefined) return judges;
  if (names.length === judges.length)
    return judges.map((judge, i) => ({ ...judge, name: names[i] ?? judge.name }));
  throw new ConfigError({
    subject: 'compare',
    expected: `a name for each judge: ${judges.map(({ name }) => name).join(', ')}`,
    received: names.join(', '),
    remedy: 'Give as many names as there are judges, or none.',
  });
}

/**
 * The judges of the inputs, in their order. Names that several inputs use are followed by the input.
 * @throws ConfigError for the same judge twice; DataError as {@link compareInputs}
 */
export async function loadJudges(
  inputs: readonly string[],
  options: Omit<LoadOptions, 'subsets'> = {},
): Promise<LoadedJudge[]> {
  const judges: LoadedJudge[] = [];
  const subsets = await scoredSubsets(inputs);
  for (const input of inputs) judges.push(...(await loadInput(input, { ...options, subsets })));
  const again = judges.find(({ identity }, i) => judges.findIndex((j) => j.identity === identity) !== i);
  if (again) {
    throw new ConfigError({
      subject: 'compare',
      expected: 'every judge once',
      received: `${again.name} of ${again.source} twice`,
      remedy: 'Name each input once.',
    });
  }
  const nWithName = (name: string): number => judges.filter((judge) => judge.name === name).length;
  return judges.map((judge) =>
    nWithName(judge.name) === 1 ? judge : { ...judge, name: `${judge.name} (${judge.source})` },
  );
}

async function loadInput(input: string, options: LoadOptions): Promise<LoadedJudge[]> {
  // An existing path that contains an @ is taken literally.
  const chosen = (await exists(input)) ? null : /^(?<path>.+)@(?<which>all|\d+)$/.exec(input)?.groups;
  const path = chosen?.path ?? input;
  if (await isFolder(path)) {
    const judges: LoadedJudge[] = [];
    for (const finished of await chosenIterations(path, chosen?.which ?? 'last'))
      judges.push(await loadIteration(finished, options));
    return judges;
  }
  if (!chosen) return loadFile(path, options);
  throw new DataError({
    subject: input,
    expected: 'the folder of a run before the @',
    received: 'a file',
    remedy: "Name the run's folder, or the file without the @ and what follows.",
  });
}

/** The subsets in the files of scored items among the inputs. */
async function scoredSubsets(inputs: readonly string[]): Promise<Set<string>> {
  const files: string[] = [];
  for (const input of inputs) {
    const isFile = (await exists(input)) && !(await isFolder(input));
    if (isFile && 'given' in (await firstRecord(input))) files.push(input);
  }
  const subsets = new Set<string>();
  // They matter only if a run is among the inputs.
  if (files.length === inputs.length) return subsets;
  for (const file of files) {
    for await (const { subset } of readJsonl(file, scoredItemSchema)) subsets.add(subset);
  }
  return subsets;
}

async function loadIteration(
  { runPath, iteration, folder, manifest }: FinishedIteration,
  options: LoadOptions,
): Promise<LoadedJudge> {
  const metrics = z.array(iterationMetricsSchema);
  const all = await new RunFolder(runPath).readIntact(RUN_FILES.metrics, metrics, () => undefined);
  const measured = (all ?? []).filter((each) => each.iteration === iteration);
  const [figures] = options.benchmark === undefined ? measured : onBenchmark(measured, options.benchmark);
  const { record, fileName } = evaluationIn(manifest, options.benchmark, runPath);
  const evaluationFile = folder.file(fileName);
  return {
    name: `${basename(resolve(runPath))}@${iteration}`,
    source: `${runPath}@${iteration}`,
    identity: resolve(evaluationFile),
    model: manifest.resultModel,
    iteration,
    measuredOn: record?.benchmark,
    runPath,
    tables: await readEvaluation(evaluationFile, options),
    nDropped: record ? record.nInput - record.nKept : null,
    trivial: figures?.trivial,
  };
}

/** Scored items or an evaluation, detected from the first record. */
async function loadFile(path: string, options: LoadOptions): Promise<LoadedJudge[]> {
  const first = await firstRecord(path);
  if ('orders' in first) {
    const name = judgeNameOf(path);
    const tables = await readEvaluation(path, options);
    return [{ name, source: path, identity: resolve(path), tables, nDropped: null }];
  }
  if (!('given' in first && 'swapped' in first)) throw unknownRecords(path, 'records of another shape');
  const byName = new Map<string, JudgeTables>();
  await eachRecord({ path, schema: scoredItemSchema, signal: options.signal }, ({ judge, ...item }) => {
    const tables = byName.get(judge) ?? new JudgeTables();
    byName.set(judge, tables);
    tables.addScored({ ...item, subset: options.subsetOf?.(item.itemId) ?? item.subset });
  });
  const benchmark = typeof first.benchmark === 'string' ? first.benchmark : undefined;
  return [...byName].map(([name, tables]) => {
    const identity = `${resolve(path)}\u0000${name}`;
    return { name, source: path, identity, benchmark, tables, nDropped: null };
  });
}

async function readEvaluation(
  path: string,
  { subsets, subsetOf, signal }: LoadOptions,
): Promise<JudgeTables> {
  const tables = new JudgeTables();
  await eachRecord({ path, schema: evaluatedItemSchema, signal }, (item) => {
    const own = subsets.has(item.errorKind) ? item.errorKind : item.slice;
    tables.addEvaluated(item, subsetOf?.(item.itemId) ?? own);
  });
  return tables;
}

async function eachRecord<Schema extends z.ZodType>(
  { path, schema, signal }: { path: string; schema: Schema } & Interruptible,
  take: (record: z.output<Schema>) => void,
): Promise<void> {
  let nRead = 0;
  for await (const record of readJsonl(path, schema)) {
    if (nRead++ % RECORDS_PER_CHECK === 0) signal?.throwIfAborted();
    try {
      take(record);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      throw new DataError({
        subject: path,
        expected: 'counts of verdicts that fit a table',
        received: thrown.message,
        remedy: 'Fix that item.',
        cause: thrown,
      });
    }
  }
}

async function firstRecord(path: string): Promise<Record<string, unknown>> {
  try {
    for await (const line of linesOf(path)) {
      if (line.trim() === '') continue;
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) return { ...value };
      break;
    }
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw unknownRecords(path, 'a first line that is not JSON');
    throw readError(path, thrown);
  }
  throw unknownRecords(path, 'none');
}

function unknownRecords(path: string, received: string): DataError {
  return new DataError({
    subject: path,
    expected: 'scored items, or the evaluation of a run, as JSON Lines',
    received,
    remedy:
      'Make scored items of recorded judgments with: autodidact score <benchmark> --judgments <file> --save <file>',
  });
}
