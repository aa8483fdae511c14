// Scoring of recorded judgments: every text is parsed again by a named rule, counted, and compared with its recorded verdict.
import { groupBy } from '../core/group-by.js';
import { readRows, type RowFormat } from '../datasets/index.js';
import type { VerdictRule } from '../prompt/index.js';
import type { Differing, ResultSet, Score, VerdictMetrics } from '../schema/scoring.js';
import type { ScoredItem, Shown } from '../schema/recorded-judgment.js';
import type { TrivialReport } from '../schema/comparison-report.js';
import type { ShortcutValues } from '../schema/shortcuts.js';
import type { Verdict } from '../schema/verdict.js';
import { BadRowList } from './bad-row-list.js';
import type { GoldLabels } from './benchmark-items.js';
import { CoverageCounter, MOST_NAMED } from './coverage.js';
import { figuresOverAll, type Benchmark } from './benchmarks/index.js';
import { GradeTable } from './grade-table.js';
import { verdictMetrics } from './metrics.js';
import {
  formatNamed,
  RECORDED_FORMATS,
  unknownFormat,
  type KnownItem,
  type ReadJudgment,
} from './recorded/index.js';
import { fileJudgeOf, UnusableRow } from './recorded/recorded-format.js';
import { compareWithTrivial, reversed } from './trivial-judges.js';
import { WeightedVerdicts } from './weighted-verdicts.js';
import { UnreadTexts } from './unread-texts.js';
import { nVotes } from './votes.js';
import {
  byConvention,
  countedAs,
  pooledSubsets,
  SHOWN,
  VerdictTable,
  type Convention,
  type TableItem,
} from './verdict-table.js';

/** At most this many differing judgments are listed; all are counted. */
const MOST_LISTED = 1000;

/** Options of scoring. */
export interface ScoreOptions {
  benchmark: Benchmark;
  /** Files of recorded judgments. */
  files: readonly string[];
  /** Format of their rows; absent: detected for each file from the first row that has one. */
  format?: string | undefined;
  /** File format; absent: detected from the names. */
  fileFormat?: RowFormat | undefined;
  /** The rule by which texts are parsed; absent: the format's own. */
  rule?: VerdictRule | undefined;
  /** Name of the judge; absent: from the rows or the file's name. */
  judge?: string | undefined;
  /** The benchmark's gold labels; needed where rows have no gold label. */
  gold?: GoldLabels | undefined;
  signal?: AbortSignal | undefined;
}

/** A judge's verdicts on one subset. */
interface SetTables {
  judge: string;
  subset: string;
  rules: Map<string, number>;
  table: VerdictTable;
  convention: Convention;
}

/** Counts recorded judgments; memory grows with the number of items, not with the texts. */
export class Scorer {
  readonly #options: ScoreOptions;
  readonly #sets = new Map<string, SetTables>();
  readonly #grades = new GradeTable();
  readonly #unread = new UnreadTexts();
  readonly #weighted = new WeightedVerdicts();
  readonly #coverage: CoverageCounter | null;
  readonly #bad = new BadRowList();
  /** Benchmark items by the ids under which they are listed the other way round. */
  readonly #reversed = new Map<string, string>();
  readonly #differing: Differing[] = [];
  #nJudgments = 0;
  #nReparsed = 0;
  #nDiffering = 0;

  constructor(options: ScoreOptions) {
    this.#options = options;
    this.#coverage = options.gold ? new CoverageCounter(options.gold.items) : null;
  }

  /**
   * Reads all files.
   * @throws DataError for a file that cannot be read or whose format is not known
   */
  async readFiles(): Promise<void> {
    for (const file of this.#options.files) await this.#readFile(file);
  }

  async #readFile(file: string): Promise<void> {
    const { fileFormat, signal, judge, rule, gold } = this.#options;
    let format = this.#options.format === undefined ? null : formatNamed(this.#options.format);
    const fileJudge = fileJudgeOf(file, this.#options.files);
    const itemOf = (itemId: string): KnownItem | undefined => gold?.items.get(itemId);
    let index = -1;
    let firstOfNone: { line: number; columns: string } | null = null;
    for await (const row of readRows(file, fileFormat === undefined ? {} : { format: fileFormat })) {
      index++;
      if (index % 1024 === 0) signal?.throwIfAborted();
      const place = { file, line: row.line };
      if (!('row' in row)) {
        this.#bad.add({ ...place, reason: 'unreadable-row', detail: row.problem });
        continue;
      }
      format ??= RECORDED_FORMATS.find((candidate) => candidate.fits(row.row)) ?? null;
      if (format === null) {
        const columns = Object.keys(row.row).join(', ');
        firstOfNone ??= { line: row.line, columns };
        this.#bad.add({ ...place, reason: 'no-known-format', detail: columns });
        continue;
      }
      try {
        for (const reading of format.read(row.row, { file, fileJudge, index, judge, rule, itemOf })) {
          if (reading.kind === 'grade') this.#addGrade(reading, place);
          else this.#addJudgment(reading, place);
        }
      } catch (thrown) {
        if (!(thrown instanceof UnusableRow)) throw thrown;
        this.#bad.add({ ...place, reason: thrown.reason, detail: thrown.message });
      }
    }
    if (format === null && firstOfNone !== null) throw unknownFormat(file, firstOfNone);
  }

  #addJudgment(judgment: ReadJudgment, place: Place): void {
    const { judge, subset, item, shown, rule, verdict, recorded, convention, isIntermediate } = judgment;
    if (!isIntermediate) {
      const set = this.#setOf(judge, {
        subset,
        convention: convention ?? this.#options.benchmark.convention ?? {},
      });
      // The table throws before it counts, so that a dropped row is not counted.
      addTo(set.table, item, { shown, verdict });
      set.rules.set(rule, (set.rules.get(rule) ?? 0) + 1);
      this.#weighted.add(judgment);
    }
    if (judgment.knownAs !== undefined && judgment.knownAs !== item.itemId)
      this.#reversed.set(item.itemId, judgment.knownAs);
    this.#unread.add(judgment);
    this.#coverage?.add(judge, judgment.knownAs ?? item.itemId, place);
    this.#nJudgments++;
    if (recorded === undefined) return;
    this.#nReparsed++;
    const parsed = countedAs(verdict.kind, convention ?? {});
    if (recorded !== parsed) this.#differs({ ...place, judge, itemId: item.itemId, shown, recorded, parsed });
  }

  #addGrade(grade: Parameters<GradeTable['add']>[0], place: Place): void {
    this.#nJudgments++;
    this.#grades.add(grade);
    const { judge, itemId, model, recorded, grade: value } = grade;
    if (recorded === undefined) return;
    this.#nReparsed++;
    if (recorded !== value) {
      const said = (number: number | null): string => (number === null ? 'unparsed' : String(number));
      this.#differs({
        ...place,
        judge,
        itemId: `${itemId}/${model}`,
        shown: 'given',
        recorded: said(recorded),
        parsed: said(value),
      });
    }
  }

  #differs(differing: Differing): void {
    this.#nDiffering++;
    if (this.#differing.length < MOST_LISTED) this.#differing.push(differing);
  }

  #setOf(judge: string, { subset, convention }: { subset: string; convention: Convention }): SetTables {
    const key = `${judge}\u0000${subset}`;
    const known = this.#sets.get(key);
    if (known) return known;
    const made = { judge, subset, convention, rules: new Map<string, number>(), table: new VerdictTable() };
    this.#sets.set(key, made);
    return made;
  }

  /** The whole report; sets are sorted by judge and subset. */
  result(): Score {
    const { benchmark, files, gold } = this.#options;
    const unread = this.#unread.judges();
    const isBlank = (name: string): boolean =>
      unread.some(({ judge, nTexts, nUnread }) => judge === name && nUnread === nTexts);
    const sets = this.#sorted().map((set) => ({
      ...set,
      published: byConvention(set.table, set.convention),
    }));
    const metricsOf = (table: VerdictTable, judge: string): VerdictMetrics =>
      verdictMetrics(table, { judge, withoutGold: gold && 'unknown-id' });
    return {
      benchmark: benchmark.name,
      files: [...files],
      nJudgments: this.#nJudgments,
      nReparsed: this.#nReparsed,
      nDiffering: this.#nDiffering,
      differing: this.#differing,
      nWithoutGold: sets.reduce((n, { table }) => n + nWithoutGold(table), 0),
      goldAgreement: gold?.agreement ?? {},
      labels: gold?.labels ?? [],
      sets: sets.map(({ judge, subset, rules, table, published }): ResultSet => ({
        judge,
        subset,
        rules: Object.fromEntries(rules),
        metrics: metricsOf(table, judge),
        // Where nothing was read, counting that as wrong would make a figure of nothing.
        published: isBlank(judge) ? {} : benchmark.figuresOf(published),
      })),
      grades: this.#grades.sets(),
      judges: [...groupBy(sets, ({ judge }) => judge)].map(([judge, ofJudge]) => {
        const tablesBySubset = (key: 'table' | 'published') =>
          new Map(ofJudge.map((set) => [set.subset, set[key]]));
        return {
          judge,
          figures: isBlank(judge) ? {} : figuresOverAll(benchmark, tablesBySubset('published')),
          ...(ofJudge.length > 1 && { metrics: metricsOf(pooledSubsets(tablesBySubset('table')), judge) }),
        };
      }),
      trivial: this.#trivial(),
      coverage: this.#coverage?.incomplete() ?? [],
      unread,
      weighted: this.#weighted.judges(),
      dropped: this.#bad.dropped,
      droppedItems: gold?.dropped ?? {},
      itemProblems: gold?.problems ?? [],
      repeated: sets.flatMap(repeatedIn),
      badRows: this.#bad.badRows,
    };
  }

  /** Every judge that has an accuracy, beside the trivial ones. */
  #trivial(): TrivialReport[] {
    return [...groupBy(this.#sorted(), ({ judge }) => judge)].flatMap(([judge, sets]) => {
      const report = compareWithTrivial(
        judge,
        sets.map(({ table }) => ({ table, valuesOf: (itemId) => this.#shortcutsOf(itemId) })),
      );
      return report.comparisons.length === 0 ? [] : [report];
    });
  }

  /** What trivial judges see of an item as it is listed here. */
  #shortcutsOf(itemId: string): ShortcutValues | undefined {
    const original = this.#reversed.get(itemId);
    const values = this.#options.gold?.shortcuts?.get(original ?? itemId);
    return original === undefined ? values : values && reversed(values);
  }

  /** The counted verdicts of every judge and subset. */
  tables(): { judge: string; subset: string; table: VerdictTable }[] {
    return this.#sorted();
  }

  /** Every item with its counts, for later comparisons. */
  *scoredItems(): Generator<ScoredItem> {
    for (const { judge, subset, table } of this.tables()) {
      for (const [itemId, index] of table.items()) {
        const shortcuts = this.#shortcutsOf(itemId);
        const cluster = table.clusterOf(index);
        yield {
          judge,
          benchmark: this.#options.benchmark.name,
          subset,
          itemId,
          gold: table.goldOf(index),
          ...(cluster === undefined ? {} : { cluster }),
          given: table.votesOf(index, 'given'),
          swapped: table.votesOf(index, 'swapped'),
          ...(shortcuts ? { shortcuts } : {}),
        };
      }
    }
  }

  #sorted(): SetTables[] {
    const keyOf = ({ judge, subset }: SetTables): string => `${judge}\u0000${subset}`;
    return [...this.#sets.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}

interface Place {
  file: string;
  line: number;
}

/** Items of a set with several verdicts in one order, where most have one: then they are hardly meant as samples. */
function repeatedIn({ judge, subset, table }: SetTables): Score['repeated'] {
  const itemIds = [...table.items()]
    .filter(([, index]) => SHOWN.some((shown) => nVotes(table.votesOf(index, shown)) > 1))
    .map(([itemId]) => itemId);
  const n = itemIds.length;
  return n === 0 || 2 * n > table.nItems ? [] : [{ judge, subset, n, itemIds: itemIds.slice(0, MOST_NAMED) }];
}

function nWithoutGold(table: VerdictTable): number {
  let n = 0;
  for (const [, index] of table.items()) if (table.goldOf(index) === null) n++;
  return n;
}

/** @throws UnusableRow for a contradicting gold label, or more verdicts than the table holds */
function addTo(
  table: VerdictTable,
  item: TableItem,
  { shown, verdict }: { shown: Shown; verdict: Verdict },
): void {
  if (!table.addItem(item))
    throw new UnusableRow('gold-differs', `${item.itemId}: its gold label differs from an earlier row`);
  try {
    table.addVerdicts(item.itemId, shown, verdict);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new UnusableRow('too-many-verdicts', thrown.message);
  }
}
