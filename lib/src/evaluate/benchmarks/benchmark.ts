// A benchmark: its items, how they are judged, and its published figures.
import type { Row } from '../../datasets/index.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { Outcome } from '../../schema/drop.js';
import type { Figures } from '../../schema/scoring.js';
import type { PairScoring } from './figures.js';
import { pooledSubsets, type Convention, type HumanVotes, type VerdictTable } from '../verdict-table.js';

/** An item with its optional metadata. */
export interface GoldItem extends BenchmarkItem {
  humanVotes?: HumanVotes;
  /** The label by which the file names the better response, where a mapping reads it. */
  label?: string;
}

/** The context of a file of items. */
export interface ItemsPlace {
  /** Path of the file. */
  file: string;
  /** The rows of a companion file by the end of its path, or null if it is missing. */
  companion: (file: string) => AsyncIterable<Row> | null;
}

/** One benchmark. */
export interface Benchmark {
  /** Its name on the command line. */
  name: string;
  title: string;
  /** The paper and the repository of its procedure. */
  source: string;
  /** The data sets with its items, and the files that contain them. */
  itemFiles: readonly { dataset: string; file: RegExp }[];
  /** How its results are split: by slices, or by the finer kinds of error. */
  subsetBy: 'slice' | 'errorKind';
  /** Optional files with more about the items: categories, reference answers; `file` is the end of their path. */
  companions?: readonly { dataset: string; file: string }[];
  /** Items from the rows of one of its files; other rows are dropped with a reason. */
  items(rows: AsyncIterable<Row>, place: ItemsPlace): AsyncGenerator<Outcome<GoldItem>>;
  /** How its publications count verdicts that name no side; absent: unchanged. */
  convention?: Convention;
  /** How its accuracy scores each pair; absent where it publishes none, or one that is no mean over pairs. */
  scoring?: PairScoring;
  /** What its publications give where that is no accuracy over pairs, in a few words. */
  publishes?: string;
  /** The published figures of a judge on one subset, by the convention of the publication. */
  figuresOf(table: VerdictTable): Figures;
  /** The published figures of a judge over all subsets; absent: those of the subsets pooled. */
  summarise?(subsets: ReadonlyMap<string, VerdictTable>): Figures;
  /** Agreement of the human annotators; absent where single labels are not published. */
  goldAgreement?(rows: AsyncIterable<Row>): Promise<Figures>;
}

/** The published figures of a judge over all subsets. */
export function figuresOverAll(benchmark: Benchmark, subsets: ReadonlyMap<string, VerdictTable>): Figures {
  return benchmark.summarise?.(subsets) ?? benchmark.figuresOf(pooledSubsets(subsets));
}
