// Two judges on the same items: figures by the code of `autodidact compare`, and a page of the items themselves.
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { AutodidactError, ConfigError, DataError } from '../core/errors.js';
import { readError } from '../core/files.js';
import { chosenIterations, evaluationIn } from '../experiment/index.js';
import { ComparedItems, type JudgedItems } from './compared-items.js';
import {
  BETTER,
  STANDINGS,
  type CompareFilter,
  type ComparedFigures,
  type ComparedJudges,
  type ComparedSide,
} from './compare-records.js';
import { pageBoundsShape, type PageBounds } from './judgment-filter.js';
import type { OpenRuns } from './open-runs.js';
import { pairedFigures, type FiguresTask } from './paired-figures.js';
import { searchedPage } from './search-texts.js';
import type { JudgmentSource } from './view-records.js';
import type { ViewedRun } from './viewed-run.js';

const judgeSchema = z.strictObject({
  run: z.string().min(1),
  iteration: z.int().min(0),
  /** Of several benchmarks; absent: the headline. */
  benchmark: z.string().min(1).optional(),
});

const querySchema = z.strictObject({
  a: judgeSchema,
  b: judgeSchema,
  filter: z
    .strictObject({
      slice: z.string().optional(),
      errorKind: z.string().optional(),
      who: z.enum([...BETTER, ...STANDINGS]).optional(),
      text: z.string().optional(),
    })
    .default({}),
  ...pageBoundsShape,
});

const judgesSchema = querySchema.pick({ a: true, b: true });

/** Comparisons that are kept in memory: the columns and the figures of the last ones. */
const MOST_KEPT = 4;

/** A judge as it is asked for, and its run. */
interface Chosen {
  place: z.output<typeof judgeSchema>;
  viewed: ViewedRun;
}

/** A judge and its evaluation. */
interface Side {
  viewed: ViewedRun;
  evaluation: JudgmentSource;
  about: Omit<ComparedSide, 'nItems'>;
}

/** What was read of two judges. */
interface Comparison {
  sides: readonly [Side, Side];
  about: Omit<ComparedJudges, 'counts' | 'items' | 'total' | 'isWhole'>;
  items: ComparedItems;
  otherTexts: ReadonlySet<string>;
}

/** Compares judges of the runs of a view, and keeps what it read of the last ones. */
export class Comparisons {
  readonly #runs: OpenRuns;
  readonly #compared = new Map<string, Promise<Comparison>>();
  readonly #figures = new Map<string, Promise<ComparedFigures>>();
  #lastFigures: Promise<unknown> = Promise.resolve();

  constructor(runs: OpenRuns) {
    this.#runs = runs;
  }

  /**
   * A page of the items of two judges.
   * @param body of a request
   * @throws ZodError for another body; ConfigError for a judge that is not there, or one judge twice
   */
  async answer(body: unknown, signal: AbortSignal): Promise<ComparedJudges> {
    const { a, b, filter, ...bounds } = querySchema.parse(body);
    return pageOf(await this.#comparison(a, b), filter, { ...bounds, signal });
  }

  /**
   * The figures of two judges; computed anew only where an evaluation was written anew, one comparison after the other.
   * @throws as {@link answer}; DataError for judges that share no item
   */
  async figures(body: unknown): Promise<ComparedFigures> {
    const { a, b } = judgesSchema.parse(body);
    const { sides, otherTexts } = await this.#comparison(a, b);
    const task: FiguresTask = {
      judges: sides.map(({ viewed, about: { run, iteration, benchmark } }) => ({
        input: `${viewed.path}@${iteration}`,
        benchmark: benchmark ?? undefined,
        name: [`${run}@${iteration}`, ...(benchmark === null ? [] : [benchmark])].join(' on '),
      })),
      without: [...otherTexts],
    };
    const files = await Promise.all(
      sides.map(async ({ evaluation: { path } }) => ({ path, ...(await sizeAndTime(path)) })),
    );
    return kept(this.#figures, JSON.stringify([task, files]), () => {
      const nBytes = files.reduce((sum, { size }) => sum + size, 0);
      const figures = this.#lastFigures.then(() => pairedFigures(task, nBytes));
      this.#lastFigures = figures.catch(() => undefined);
      return figures;
    });
  }

  async #comparison(a: Chosen['place'], b: Chosen['place']): Promise<Comparison> {
    const of = [await this.#runs.open(a.run), await this.#runs.open(b.run)] as const;
    return kept(this.#compared, JSON.stringify([a, b, of.map(({ stamp }) => stamp)]), () =>
      comparisonOf({ place: a, viewed: of[0] }, { place: b, viewed: of[1] }),
    );
  }
}

/** By which a file that was written anew is known. @throws DataError */
async function sizeAndTime(path: string): Promise<{ size: number; mtimeMs: number }> {
  const { size, mtimeMs } = await stat(path).catch((thrown: unknown) => {
    throw readError(path, thrown);
  });
  return { size, mtimeMs };
}

/** What is kept under a key, or made now; only the last few are kept, and no failure. */
function kept<Value>(
  values: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const made = values.get(key) ?? make();
  values.delete(key);
  values.set(key, made);
  made.catch(() => values.delete(key));
  for (const oldest of [...values.keys()].slice(0, -MOST_KEPT)) values.delete(oldest);
  return made;
}

async function pageOf(
  { sides: [a, b], about, items }: Comparison,
  { text, ...filter }: CompareFilter,
  bounds: PageBounds & { signal: AbortSignal },
): Promise<ComparedJudges> {
  const { items: passing, counts } = items.filtered(filter);
  const isSaid = async (item: number): Promise<boolean> => {
    const said = items.at(item);
    for (const { row } of said.a) if (await a.viewed.includesText(row, text ?? '')) return true;
    for (const { row } of said.b) if (await b.viewed.includesText(row, text ?? '')) return true;
    return false;
  };
  const { shown, ...found } = await searchedPage(passing, bounds, text ? isSaid : null);
  return { ...about, counts, ...found, items: shown.map((item) => items.at(item)) };
}

async function comparisonOf(...[a, b]: [Chosen, Chosen]): Promise<Comparison> {
  const sides = [await sideOf(a), await sideOf(b)] as const;
  const [first, second] = sides;
  if (first.evaluation.path === second.evaluation.path)
    throw new ConfigError({
      subject: 'compare',
      expected: 'two judges',
      received: `${first.about.run}, iteration ${first.about.iteration}, twice`,
      remedy: 'Choose another run or iteration for one of them.',
    });
  const { otherTexts, ...texts } = await compareTexts(...sides);
  const judged = ({ viewed: { catalogue }, evaluation }: Side): JudgedItems => ({
    catalogue,
    source: catalogue.sources.indexOf(evaluation),
  });
  const items = await ComparedItems.matched([judged(first), judged(second)], otherTexts);
  const [nOfA, nOfB] = items.nShown;
  const about = {
    a: { ...first.about, nItems: nOfA },
    b: { ...second.about, nItems: nOfB },
    texts,
    slices: items.slices,
    errorKinds: items.errorKinds,
    nAll: items.size,
    nJudgments: items.nJudgments,
  };
  return { sides, about, items, otherTexts };
}

async function sideOf({ place: { run, iteration, benchmark }, viewed }: Chosen): Promise<Side> {
  const [{ manifest }] = await chosenIterations(viewed.path, String(iteration));
  const { record } = evaluationIn(manifest, benchmark, viewed.path);
  const evaluations = viewed.catalogue.sources.filter(
    (each) => each.kind === 'held-out' && each.iteration === iteration,
  );
  const evaluation = evaluations.find((each) => each.benchmark === record?.benchmark);
  if (!evaluation)
    throw new DataError({
      subject: `${run}, iteration ${iteration}`,
      expected: 'an evaluation',
      received: 'none',
      remedy: 'Choose another iteration.',
    });
  return {
    viewed,
    evaluation,
    about: {
      run,
      iteration,
      model: manifest.resultModel,
      benchmark: evaluation.benchmark ?? null,
      benchmarks: evaluations.flatMap((each) => each.benchmark ?? []),
      nDropped: record ? record.nInput - record.nKept : null,
    },
  };
}

/** The ids of items whose texts differ, where the benchmarks of both runs are at hand. */
async function compareTexts(
  a: Side,
  b: Side,
): Promise<ComparedJudges['texts'] & { otherTexts: ReadonlySet<string> }> {
  const otherTexts = new Set<string>();
  const keys = await Promise.all([a, b].map((side) => side.viewed.reader.pairsKeyOf(side.evaluation)));
  const areOfOneRun = a.viewed === b.viewed && a.about.benchmark === b.about.benchmark;
  if (areOfOneRun || keys[0] === keys[1]) return { areCompared: true, problem: null, otherTexts };
  try {
    const [pairsOfA, pairsOfB] = [
      await a.viewed.reader.pairsOf(a.evaluation),
      await b.viewed.reader.pairsOf(b.evaluation),
    ];
    let nCompared = 0;
    for (const [id, pair] of pairsOfA) {
      if (nCompared++ % TEXTS_A_TURN === 0) await setImmediate();
      const other = pairsOfB.get(id);
      if (other && TEXTS.some((text) => pair[text] !== other[text])) otherTexts.add(id);
    }
    return { areCompared: true, problem: null, otherTexts };
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    return { areCompared: false, problem: thrown.message, otherTexts };
  }
}

/** Pairs whose texts are compared before others have a turn. */
const TEXTS_A_TURN = 4096;

const TEXTS = ['instruction', 'winner', 'loser'] as const;
