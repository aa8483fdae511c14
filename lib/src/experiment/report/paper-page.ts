// The page of the paper: its figures beside those of a folder of results.
import { exists } from '../../core/files.js';
import {
  comparedAs,
  fillingCommand,
  keyOf,
  LATER_FIGURES,
  PAPER_TABLES,
  PUBLISHED_FIGURES,
} from '../../report/index.js';
import { paperExperimentSchema, type PaperCell, type PaperPage } from '../../schema/paper.js';
import type { PublishedFigure } from '../../schema/reproduction.js';
import { runFoldersIn } from '../layout/run-files.js';
import { openTwin, paperExperiments, type ExperimentSearch } from './paper-experiments.js';
import { figuresOfRecorded, figuresOfRuns, type FoundFigure } from './paper-figures.js';

/** What stands beside the paper. */
export interface PaperPageOptions extends Omit<ExperimentSearch, 'root' | 'withPrices'> {
  /** The folder that `experiments/` is in; default: the working folder. */
  root?: string;
  /** Folders of runs; absent: all in the folder of results. */
  runs?: readonly string[];
  /** Recorded results, as {@link figuresOfRecorded} takes them. */
  recorded?: readonly string[];
  /** Whether experiments that are not finished are planned; default: true. */
  withPrices?: boolean;
}

/**
 * Every published figure with its support, ours where a run or a recorded result has it, and the command for the rest. A folder of results
 * that is not there counts as an empty one. Of several runs with a figure, the one that finished last is taken.
 * @throws ConfigError, DataError; the signal's reason when aborted
 */
export async function makePaperPage({
  root = '.',
  runs,
  recorded = [],
  withPrices = true,
  ...places
}: PaperPageOptions): Promise<PaperPage> {
  const { resultsFolder } = places;
  const all = (await exists(resultsFolder)) ? await runFoldersIn(resultsFolder) : [];
  const ofRuns = await figuresOfRuns(runs ?? all);
  const ofRecorded: FoundFigure[] = [];
  const unplaced: PaperPage['unplaced'] = [];
  for (const given of recorded) {
    const found = await figuresOfRecorded(given);
    ofRecorded.push(...found.figures);
    unplaced.push(...found.unplaced);
  }
  const experiments = await paperExperiments({ ...places, root, withPrices });
  const tables: PaperPage['tables'] = [];
  for (const table of PAPER_TABLES) {
    const { name, title, note, twin } = table;
    const found = experiments.get(twin.file);
    const twinOf = found && (await openTwin(table, found));
    const cells: PaperCell[] = [];
    for (const published of PUBLISHED_FIGURES.filter((figure) => table.holds(figure))) {
      cells.push({
        published,
        isScaleAssumed: comparedAs(published).isScaleAssumed,
        ours: [...firstOf(ofRuns.figures, published), ...firstOf(ofRecorded, published)],
        twin: (await twinOf?.(published)) ?? null,
        command: fillingCommand(table, published),
      });
    }
    const files = [...table.experiments, twin].map(({ file }) => file);
    tables.push({ name, title, note, cells, experiments: files });
  }
  return {
    resultsFolder,
    tables,
    experiments: [...experiments.values()].map((found) => paperExperimentSchema.strip().parse(found)),
    later: [...LATER_FIGURES],
    unplaced,
    unreadable: ofRuns.unreadable,
  };
}

/** The figures of the first source that has one: one, or several that count in other ways. */
function firstOf(figures: readonly FoundFigure[], published: PublishedFigure): PaperCell['ours'] {
  const key = keyOf(comparedAs(published).key);
  const fitting = figures.filter((figure) => keyOf(figure) === key);
  const taken = fitting.find(({ estimate }) => estimate.value !== null) ?? fitting[0];
  const ofSource = fitting.filter(({ from }) => from === taken?.from);
  const distinct = ofSource.filter(({ note }, i) => ofSource.findIndex((other) => other.note === note) === i);
  return distinct.map(({ estimate, from, note }) => {
    const minus = (share: number | null): number | null =>
      share === null ? null : share - published.value / 100;
    const { value, low, high } = estimate;
    const difference = { value: minus(value), low: minus(low), high: minus(high) };
    return note === undefined
      ? { estimate, from, difference: value === null ? null : difference }
      : { estimate, from, note, difference: null };
  });
}
