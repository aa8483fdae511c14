// The review of a run: items that are drawn once and kept, answers that are only added to, and what they say.
import { dirname, join } from 'node:path';
import { ConfigError, DataError } from '../../core/errors.js';
import { exists, makeFolder, namesIn, writeChunksAtomic } from '../../core/files.js';
import { allOf } from '../../core/all-of.js';
import { readJsonl } from '../../core/jsonl.js';
import { shellWord } from '../../core/shell-word.js';
import { printable } from '../../core/text.js';
import {
  AnswerLog,
  drawReviewItems,
  readAnswers,
  reviewNotes,
  reviewResult,
  type ReadAnswers,
  type ReviewNeed,
} from '../../review/index.js';
import type { LostAnswers } from '../../report/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import { iterationManifestSchema, runManifestSchema } from '../../schema/manifest.js';
import {
  reviewItemSchema,
  reviewStageSchema,
  type ReviewItem,
  type ReviewNote,
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
  /**
   * How many items there are to be, 1 or more; fewer where the stage has fewer records. Default: all that were drawn before, and at least
   * as many as the experiment asks for, or 50.
   */
  nItems?: number | undefined;
  /** The held-out pairs by id, where they are at hand; default: read from where the experiment names them. */
  heldOut?: (() => Promise<ReadonlyMap<string, BenchmarkItem>>) | undefined;
}

/** Items where nothing else is said. */
const USUAL_ITEMS = 50;

/** The command that asks people. @param request.nItems absent: the items that there are */
export function reviewCommand({ runFolder, stage, iteration, nItems }: ReviewRequest): string {
  const options = [`--stage ${stage}`, iteration === undefined ? [] : `--iteration ${iteration}`];
  const draw = nItems === undefined ? [] : `--draw ${nItems}`;
  return ['npx autodidact review', shellWord(runFolder), options, draw].flat(2).join(' ');
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
  nItems: nAsked,
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
  const nItems = nAsked ?? Math.max(earlier.length, config.review?.items ?? USUAL_ITEMS);
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
    benchmark:
      request.heldOut ??
      (async () => {
        const manifest = await run.readJson(RUN_FILES.manifest, runManifestSchema);
        return benchmarkOf(run, { config, manifest }, measuredOn);
      }),
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
export interface RunReview extends LostAnswers {
  results: ReviewResult[];
  /** What they remarked. */
  notes: ReviewNote[];
}

/**
 * What people say of a run so far; nothing where nothing was drawn.
 * @param options.need in place of what the experiment needs of the stages that it names
 * @param options.epsilon of the alternative annotator test
 * @throws DataError where a file is damaged, or the folder has no settings
 */
export async function readReview(
  runFolder: string,
  { need, epsilon = 0.2 }: { need?: ReviewNeed | undefined; epsilon?: number } = {},
): Promise<RunReview> {
  const sets = await itemSets(runFolder);
  if (sets.length === 0) return { results: [], notes: [], damagedLines: [], nStray: 0 };
  const { review } = await readRunConfig(new RunFolder(runFolder));
  const { answers, damagedLines } = await readRunAnswers(runFolder);
  const needOf = (stage: ReviewStage) => need ?? (review?.after.includes(stage) ? review.need : undefined);
  const drawn = new Set(sets.flat().map(({ itemId }) => itemId));
  return {
    results: sets.map((items) => reviewResult(items, answers, { need: needOf(items[0].stage), epsilon })),
    notes: sets.flatMap((items) => reviewNotes(items, answers)),
    damagedLines,
    nStray: answers.filter(({ itemId }) => !drawn.has(itemId)).length,
  };
}

/** All items that were drawn, by their ids. @throws DataError where none were */
export async function drawnItems(runFolder: string): Promise<Map<string, ReviewItem>> {
  const items = (await itemSets(runFolder)).flat();
  if (items.length === 0) throw nothingDrawn(runFolder);
  return new Map(items.map((item) => [item.itemId, item]));
}

/** The error for a run that no items were drawn of. */
export function nothingDrawn(runFolder: string): DataError {
  return new DataError({
    subject: join(runFolder, REVIEW_FILES.folder),
    expected: 'items that were drawn for review',
    received: 'none',
    remedy: `Draw some: ${reviewCommand({ runFolder, stage: 'generate' })}`,
  });
}

/** All answers of a run. */
export function readRunAnswers(runFolder: string): Promise<ReadAnswers> {
  return readAnswers(answersFile(runFolder));
}

/** The file of answers of a run, to add to. @throws DataError */
export function openAnswers(runFolder: string): Promise<AnswerLog> {
  return AnswerLog.open(answersFile(runFolder));
}

/** The items of every iteration and stage, in the order of the loop. @throws DataError */
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
  return sets.sort((a, b) => place(a) - place(b));
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
