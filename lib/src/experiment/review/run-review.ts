// The review of a run: items that are drawn once and kept, answers that are only added to, and what they say.
import { basename, dirname, join } from 'node:path';
import { ConfigError, DataError } from '../../core/errors.js';
import { addCount } from '../../core/own.js';
import { exists, makeFolder, namesIn, writeChunksAtomic } from '../../core/files.js';
import { allOf } from '../../core/all-of.js';
import { readJsonl } from '../../core/jsonl.js';
import { printable } from '../../core/text.js';
import { readRows, type RowFormat } from '../../datasets/index.js';
import {
  AnswerLog,
  answersOfRow,
  drawReviewItems,
  readAnswers,
  reviewResult,
  type ReadAnswers,
  type SheetDrop,
} from '../../review/index.js';
import { iterationManifestSchema, runManifestSchema } from '../../schema/manifest.js';
import {
  reviewItemSchema,
  reviewStageSchema,
  type ReviewAnswer,
  type ReviewItem,
  type ReviewResult,
  type ReviewStage,
} from '../../schema/review.js';
import { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { ITERATION_FILES, iterationFolder, REVIEW_FILES, RUN_FILES } from '../layout/run-files.js';
import { benchmarkOf } from '../open/run-benchmark.js';
import { candidatesOf, REVIEWED_FILES } from './candidates.js';

/** What people are asked. */
export interface ReviewRequest {
  /** The folder of the run. */
  runFolder: string;
  stage: ReviewStage;
  /** Default: the last finished one; another one need not be finished, only the stage in it. */
  iteration?: number | undefined;
  /** Which of several benchmarks held-out pairs are of; default: the headline. */
  benchmark?: string | undefined;
  /** How many items there are to be, 1 or more; fewer where the stage has fewer records. */
  nItems: number;
}

/**
 * The items of a stage, in the order in which they are asked. What was drawn before stays as it is; a larger number adds to it. The seed is
 * that of the run.
 * @throws DataError for a folder that is no run, a stage that has no records yet, or one that kept none; ConfigError for another benchmark
 *   than those of the run
 */
export async function reviewItems({
  runFolder,
  stage,
  nItems,
  ...request
}: ReviewRequest): Promise<ReviewItem[]> {
  const iteration = request.iteration ?? (await chosenIterations(runFolder, 'last'))[0].iteration;
  const run = new RunFolder(runFolder);
  const config = await readRunConfig(run);
  const folder = iterationFolder(run, iteration);
  const place = await placeOf(config, folder, { stage, benchmark: request.benchmark });
  const { fileName, measuredOn, benchmark } = place;
  const path = itemsFile(runFolder, { stage, benchmark, iteration });
  const earlier = (await exists(path)) ? await allOf(readJsonl(path, reviewItemSchema)) : [];
  if (earlier.length >= nItems) return earlier.slice(0, nItems);
  if (!(await exists(folder.file(fileName)))) {
    throw new DataError({
      subject: folder.file(fileName),
      expected: `the records of the stage ${stage} in iteration ${iteration}`,
      received: 'no such file',
      remedy: 'Name an iteration that has run it, or let the run go on.',
    });
  }
  const { seed } = config;
  const candidates = candidatesOf(stage, {
    folder,
    fileName,
    seed,
    benchmark: async () =>
      benchmarkOf(config, await run.readJson(RUN_FILES.manifest, runManifestSchema), measuredOn),
  });
  const drawn = await drawReviewItems(candidates, { stage, benchmark, iteration, nItems, seed });
  const known = new Set(earlier.map(({ itemId }) => itemId));
  const items = [...earlier, ...drawn.filter(({ itemId }) => !known.has(itemId))].slice(0, nItems);
  if (items.length === 0) throw nothingToAsk(folder.file(fileName));
  await makeFolder(dirname(path));
  await writeChunksAtomic(
    path,
    items.map((item) => `${JSON.stringify(item)}\n`),
  );
  return items;
}

/**
 * Where the records of a stage are.
 * @returns for held-out pairs also the benchmark that they are of, by its name in the experiment and, of several, in records
 */
async function placeOf(
  config: ExperimentConfig,
  folder: RunFolder,
  { stage, benchmark: asked }: Pick<ReviewRequest, 'stage' | 'benchmark'>,
): Promise<{ fileName: string; measuredOn?: string; benchmark?: string }> {
  if (stage !== 'evaluate') {
    if (asked === undefined) return { fileName: REVIEWED_FILES[stage] };
    throw new ConfigError({
      subject: '--benchmark',
      expected: 'no benchmark, since only held-out pairs are of one (--stage evaluate)',
      received: printable(asked),
      remedy: `Leave it out, or ask about the stage evaluate instead of ${stage}.`,
    });
  }
  const manifest = await folder.readJson(ITERATION_FILES.manifest, iterationManifestSchema);
  const evaluations = evaluationsOf(config);
  const [{ name: first }] = evaluations;
  const headline = evaluations.find(({ isHeadline }) => isHeadline)?.name;
  // Of an iteration that is not finished, the first evaluation alone has a name that is known.
  if (!manifest && (asked ?? headline) !== first)
    throw new DataError({
      subject: folder.path,
      expected: 'a finished iteration, for held-out pairs of another benchmark than the first',
      received: 'one that is not finished',
      remedy: `Let the run go on, or ask about the first: --benchmark ${first}`,
    });
  const named = config.evaluate.benchmarks && first;
  const benchmark = manifest ? (asked ?? manifest.headline) : named;
  const fileName = manifest ? evaluationIn(manifest, asked).fileName : ITERATION_FILES.evaluation;
  return { fileName, measuredOn: benchmark ?? first, ...(benchmark === undefined ? {} : { benchmark }) };
}

function nothingToAsk(subject: string): DataError {
  return new DataError({
    subject,
    expected: 'records that people can be asked about',
    received: 'none',
    remedy:
      'Look at the drops of the stage; pairs that were graded one response at a time have no verdict to ask about.',
  });
}

/** The results of all stages and iterations that people were asked about. */
export interface RunReview {
  results: ReviewResult[];
  /** Lines of the file of answers that are no answers. */
  damagedLines: number[];
}

/**
 * What people say of a run so far.
 * @param options.need the share of approval that is needed; absent: none
 * @param options.epsilon of the alternative annotator test
 * @throws DataError where nothing was drawn yet, or a file is damaged
 */
export async function readReview(
  runFolder: string,
  options: { need?: number | undefined; epsilon?: number } = {},
): Promise<RunReview> {
  const sets = await itemSets(runFolder);
  const { answers, damagedLines } = await readRunAnswers(runFolder);
  return { results: sets.map((items) => reviewResult(items, answers, options)), damagedLines };
}

/** All answers of a run. */
export function readRunAnswers(runFolder: string): Promise<ReadAnswers> {
  return readAnswers(answersFile(runFolder));
}

/** The file of answers of a run, to add to. @throws DataError */
export function openAnswers(runFolder: string): Promise<AnswerLog> {
  return AnswerLog.open(answersFile(runFolder));
}

/** What an import did. */
export interface ImportedAnswers {
  nAnswers: number;
  /** Rows that gave none, by reason. */
  dropped: Partial<Record<SheetDrop, number>>;
}

/**
 * Adds the answers of files that were filled in elsewhere; a file that gives none adds nothing.
 * @param files CSV, JSON or JSON Lines
 * @param options.reviewer whose answers these are, where a row does not say
 * @throws DataError for a file that cannot be read; ConfigError where no row gives an answer
 */
export async function importAnswers(
  runFolder: string,
  files: readonly string[],
  { reviewer, format }: { reviewer?: string | undefined; format?: RowFormat | undefined } = {},
): Promise<ImportedAnswers> {
  const items = new Map((await itemSets(runFolder)).flat().map((item) => [item.itemId, item]));
  const answers: ReviewAnswer[] = [];
  const dropped: Record<string, number> = {};
  for (const file of files) {
    for await (const row of readRows(file, { format })) {
      const read = 'row' in row ? answersOfRow(row.row, { items, reviewer }) : [UNREADABLE];
      for (const one of read) {
        if ('drop' in one) addCount(dropped, one.drop);
        else answers.push(one.answer);
      }
    }
  }
  if (answers.length === 0) {
    throw new ConfigError({
      subject: files.join(', '),
      expected: 'rows with item_id, answer and reviewer',
      received: Object.entries(dropped)
        .map(([reason, n]) => `${reason}: ${n}`)
        .join(', '),
      remedy: 'Fill in the sheet that --export writes; --reviewer names the reviewer of rows that do not.',
    });
  }
  const log = await openAnswers(runFolder);
  try {
    await log.add(...answers);
  } finally {
    await log.close();
  }
  return { nAnswers: answers.length, dropped };
}

const UNREADABLE = { drop: 'unreadable' } as const;

/** The items of every iteration and stage, in the order of the loop. @throws DataError where there are none */
async function itemSets(runFolder: string): Promise<[ReviewItem, ...ReviewItem[]][]> {
  const folder = join(runFolder, REVIEW_FILES.folder);
  const sets: [ReviewItem, ...ReviewItem[]][] = [];
  for (const name of await namesIn(folder)) {
    if (!name.endsWith(REVIEW_FILES.itemsEnd)) continue;
    const [first, ...others] = await allOf(readJsonl(join(folder, name), reviewItemSchema));
    if (first) sets.push([first, ...others]);
  }
  const place = ([{ iteration, stage }]: (typeof sets)[number]): number =>
    iteration * reviewStageSchema.options.length + reviewStageSchema.options.indexOf(stage);
  if (sets.length > 0) return sets.sort((a, b) => place(a) - place(b));
  throw new DataError({
    subject: folder,
    expected: 'items that were drawn for review',
    received: 'none',
    remedy: `Draw some: autodidact review ${basename(runFolder)} --stage generate`,
  });
}

function itemsFile(
  runFolder: string,
  { stage, benchmark, iteration }: { stage: ReviewStage; benchmark?: string | undefined; iteration: number },
): string {
  const name = [iteration, stage, benchmark ?? []].flat().join('-');
  return join(runFolder, REVIEW_FILES.folder, `${name}${REVIEW_FILES.itemsEnd}`);
}

function answersFile(runFolder: string): string {
  return join(runFolder, REVIEW_FILES.folder, REVIEW_FILES.answers);
}
