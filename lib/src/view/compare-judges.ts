// Two judges on the same items: figures by the code of `autodidact compare`, and a page of the items themselves.
import { z } from 'zod';
import { AutodidactError, ConfigError, DataError } from '../core/errors.js';
import { loadJudges, type LoadedJudge } from '../experiment/index.js';
import { compareFamily, VerdictTable } from '../evaluate/index.js';
import { ComparedItems, type JudgedItems } from './compared-items.js';
import {
  BETTER,
  STANDINGS,
  type CompareFilter,
  type ComparedJudges,
  type ComparedSide,
} from './compare-records.js';
import { pageBoundsShape, type PageBounds } from './judgment-filter.js';
import type { OpenRuns } from './open-runs.js';
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

/** The seed and, by default, the resamples of `autodidact compare`, so that both print the same figures. */
const SEED = 1;

/** Comparisons that are kept in memory: the columns of the last ones. */
const MOST_KEPT = 4;

/** A judge as it is asked for, and its run. */
interface Chosen {
  place: z.output<typeof judgeSchema>;
  viewed: ViewedRun;
}

/** A judge with its verdicts. */
interface Side {
  viewed: ViewedRun;
  loaded: LoadedJudge;
  /** The number of its evaluation among the sources of the catalogue. */
  source: number;
  about: ComparedSide;
}

/** What was read of two judges. */
interface Comparison {
  a: ViewedRun;
  b: ViewedRun;
  about: Omit<ComparedJudges, 'counts' | 'items' | 'total' | 'isWhole'>;
  items: ComparedItems;
}

/** Compares judges of the runs of a view, and keeps what it read of the last ones. */
export class Comparisons {
  readonly #runs: OpenRuns;
  readonly #kept = new Map<string, { of: readonly ViewedRun[]; made: Promise<Comparison> }>();

  constructor(runs: OpenRuns) {
    this.#runs = runs;
  }

  /**
   * A page of the items of two judges, with their figures.
   * @param body of a request
   * @throws ZodError for another body; ConfigError for a judge that is not there, or one judge twice
   * @throws DataError for judges that share no item
   */
  async answer(body: unknown, signal: AbortSignal): Promise<ComparedJudges> {
    const { a, b, filter, ...bounds } = querySchema.parse(body);
    const of = [await this.#runs.open(a.run), await this.#runs.open(b.run)] as const;
    const key = JSON.stringify([a, b]);
    const known = this.#kept.get(key);
    const isFresh = known?.of.every((viewed, i) => viewed === of[i]) === true;
    const made = isFresh
      ? known.made
      : comparisonOf({ place: a, viewed: of[0] }, { place: b, viewed: of[1] });
    this.#kept.delete(key);
    this.#kept.set(key, { of, made });
    made.catch(() => this.#kept.delete(key));
    for (const oldest of [...this.#kept.keys()].slice(0, -MOST_KEPT)) this.#kept.delete(oldest);
    return pageOf(await made, filter, { ...bounds, signal });
  }
}

async function pageOf(
  { a, b, about, items }: Comparison,
  { text, ...filter }: CompareFilter,
  bounds: PageBounds & { signal: AbortSignal },
): Promise<ComparedJudges> {
  const { items: passing, counts } = items.filtered(filter);
  const isSaid = async (item: number): Promise<boolean> => {
    const said = items.at(item);
    for (const { row } of said.a) if (await a.includesText(row, text ?? '')) return true;
    for (const { row } of said.b) if (await b.includesText(row, text ?? '')) return true;
    return false;
  };
  const { shown, ...found } = await searchedPage(passing, bounds, text ? isSaid : null);
  return { ...about, counts, ...found, items: shown.map((item) => items.at(item)) };
}

async function comparisonOf(...[a, b]: [Chosen, Chosen]): Promise<Comparison> {
  const sides = [await sideOf(a), await sideOf(b)] as const;
  const [first, second] = sides;
  if (first.loaded.identity === second.loaded.identity)
    throw new ConfigError({
      subject: 'compare',
      expected: 'two judges',
      received: `${first.about.run}, iteration ${first.about.iteration}, twice`,
      remedy: 'Choose another run or iteration for one of them.',
    });
  const { otherTexts, ...texts } = await compareTexts(...sides);
  const [judgedA, judgedB] = sides.map((side) => ({
    catalogue: side.viewed.catalogue,
    source: side.source,
    tables: side.loaded.tables.mapped((table) => without(table, otherTexts)),
  })) as [JudgedItems, JudgedItems];
  const names = sides.map(({ about: { run, iteration, benchmark } }) =>
    [`${run}@${iteration}`, ...(benchmark === null ? [] : [benchmark])].join(' on '),
  );
  const { overall, bySubset } = await compareFamily(
    [judgedA, judgedB].map(({ tables }, i) => ({ name: names[i] ?? '', tables })),
    { seed: SEED },
  );
  const [all] = overall;
  if (!all) throw new RangeError('expected one comparison of two judges');
  const items = new ComparedItems(judgedA, judgedB, otherTexts);
  return {
    a: first.viewed,
    b: second.viewed,
    about: {
      a: first.about,
      b: second.about,
      overall: all,
      bySlice: bySubset,
      texts,
      slices: bySubset.flatMap(({ subset }) => subset ?? []),
      errorKinds: items.errorKinds,
      nAll: items.size,
    },
    items,
  };
}

async function sideOf({ place: { run, iteration, benchmark }, viewed }: Chosen): Promise<Side> {
  const [loaded] = await loadJudges([`${viewed.path}@${iteration}`], { benchmark });
  const { sources } = viewed.catalogue;
  const evaluations = sources.filter((each) => each.kind === 'held-out' && each.iteration === iteration);
  const evaluation = evaluations.find((each) => each.benchmark === loaded?.measuredOn);
  if (!loaded || !evaluation)
    throw new DataError({
      subject: `${run}, iteration ${iteration}`,
      expected: 'an evaluation',
      received: 'none',
      remedy: 'Choose another iteration.',
    });
  return {
    viewed,
    loaded,
    source: sources.indexOf(evaluation),
    about: {
      run,
      iteration,
      model: loaded.model ?? '',
      benchmark: loaded.measuredOn ?? null,
      benchmarks: evaluations.flatMap((each) => each.benchmark ?? []),
      nItems: loaded.tables.nItems,
      nDropped: loaded.nDropped,
    },
  };
}

/** The ids of items whose texts differ, where the benchmarks of both runs are at hand. */
async function compareTexts(
  a: Side,
  b: Side,
): Promise<ComparedJudges['texts'] & { otherTexts: ReadonlySet<string> }> {
  const otherTexts = new Set<string>();
  const keys = [a, b].map((side) => side.viewed.reader.pairsKeyOf(sourceOf(side)));
  const areOfOneRun = a.viewed === b.viewed && a.about.benchmark === b.about.benchmark;
  if (areOfOneRun || (keys[0] != null && keys[0] === keys[1]))
    return { areCompared: true, problem: null, otherTexts };
  try {
    const [pairsOfA, pairsOfB] = [
      await a.viewed.reader.pairsOf(sourceOf(a)),
      await b.viewed.reader.pairsOf(sourceOf(b)),
    ];
    for (const [id, pair] of pairsOfA) {
      const other = pairsOfB.get(id);
      if (other && TEXTS.some((text) => pair[text] !== other[text])) otherTexts.add(id);
    }
    return { areCompared: true, problem: null, otherTexts };
  } catch (thrown) {
    if (!(thrown instanceof AutodidactError)) throw thrown;
    return { areCompared: false, problem: thrown.message, otherTexts };
  }
}

const TEXTS = ['instruction', 'winner', 'loser'] as const;

function sourceOf({ viewed, source }: Side): JudgmentSource {
  return viewed.catalogue.sources[source] as JudgmentSource;
}

/** The same table without some items. */
function without(table: VerdictTable, itemIds: ReadonlySet<string>): VerdictTable {
  if (itemIds.size === 0) return table;
  const others = new VerdictTable();
  for (const [itemId, index] of table.items()) {
    if (itemIds.has(itemId)) continue;
    others.addItem(table.item(itemId, index));
    others.addVerdictsOf(itemId, table, index);
  }
  return others;
}
