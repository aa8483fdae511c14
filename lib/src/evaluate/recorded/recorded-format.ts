// Formats of recorded judgments: what a row contains, how a file's format is detected, and the judge that a file's name gives.
import { basename, resolve } from 'node:path';
import type { z } from 'zod';
import { schemaProblems } from '../../core/jsonl.js';
import type { VerdictRule } from '../../prompt/index.js';
import type { RecordedVerdict, Shown } from '../../schema/recorded-judgment.js';
import type { Verdict } from '../../schema/verdict.js';
import type { Convention, TableItem } from '../verdict-table.js';

/** One judgment of a pair, parsed again from its text. */
export interface ReadJudgment {
  kind: 'judgment';
  judge: string;
  subset: string;
  item: TableItem;
  /** The id of the benchmark's item, where it is listed the other way round under another id. */
  knownAs?: string;
  shown: Shown;
  /** The rule by which the text was read. */
  rule: string;
  verdict: Verdict;
  /** The text from which the verdict was read; absent where the row holds none. */
  text?: string;
  /** How the publication counts verdicts that name no side; the same for a judge and subset. */
  convention?: Convention;
  /** The recorded verdict, if any; it is compared with the verdict by that convention. */
  recorded?: RecordedVerdict | undefined;
  /** An intermediate judgment: it is compared with its recorded verdict but not scored. */
  isIntermediate?: true;
}

/** One grade of an answer. */
export interface ReadGrade {
  kind: 'grade';
  judge: string;
  /** The model whose answer was graded. */
  model: string;
  turn: number;
  itemId: string;
  rule: string;
  /** 1 to 10; null where the text has none. */
  grade: number | null;
  recorded?: number | null | undefined;
}

/** The contents of a row. */
export type Reading = ReadJudgment | ReadGrade;

/** The context of a row. */
export interface RowContext {
  /** Path of the file. */
  file: string;
  /** Number of the row in the file, from 0, bad rows included. */
  index: number;
  /** The judge from the file's name, where neither the row nor the command names one. */
  fileJudge: string;
  /** The judge, where the command names it. */
  judge: string | undefined;
  /** The rule, where the command names one; absent: the format's own. */
  rule: VerdictRule | undefined;
  /** The benchmark's items by id, if they were read. */
  itemOf: (itemId: string) => KnownItem | undefined;
}

/** A benchmark item without its texts. */
export interface KnownItem extends TableItem {
  subset: string;
}

/** A format of recorded judgments. */
export interface RecordedFormat {
  name: string;
  /** Whether a row has this format; called with the first rows of a file. */
  fits(row: Record<string, unknown>): boolean;
  /** @throws UnusableRow */
  read(row: Record<string, unknown>, context: RowContext): Reading[];
}

/** A row that cannot be counted; it is dropped with its reason. */
export class UnusableRow extends Error {
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(detail);
    this.name = 'UnusableRow';
    this.reason = reason;
  }
}

/** Parses a row by its schema. @throws UnusableRow */
export function parseRow<Schema extends z.ZodType>(schema: Schema, row: unknown): z.output<Schema> {
  const result = schema.safeParse(row);
  if (result.success) return result.data;
  throw new UnusableRow('wrong-shape', schemaProblems(result.error));
}

/** The verdict of two scores: the higher one is better. */
export function verdictOfScores([first, second]: readonly [number, number]): Verdict {
  return { kind: first === second ? 'tie' : first > second ? 'A' : 'B' };
}

/** The judge of a file: the file's name, for a run's evaluation the run and iteration; the whole path where the name is not unique. */
export function fileJudgeOf(file: string, files: readonly string[]): string {
  const name = judgeNameOf(file);
  return files.some((other) => other !== file && judgeNameOf(other) === name) ? file : name;
}

/** `run@2` for the evaluation of a run's second iteration, else the file's name without its endings. */
export function judgeNameOf(file: string): string {
  const ofRun = /([^/\\]+)[/\\]iteration-(\d+)[/\\]evaluation\.jsonl$/.exec(resolve(file));
  if (ofRun) return `${ofRun[1]}@${ofRun[2]}`;
  return basename(file).replace(/\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/, '');
}
