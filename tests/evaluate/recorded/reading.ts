// Reading one row of recorded judgments, for the tests of this folder.
import assert from 'node:assert/strict';
import {
  RECORDED_FORMATS,
  UnusableRow,
  type KnownItem,
  type ReadGrade,
  type ReadJudgment,
  type Reading,
} from '../../../lib/src/evaluate/index.js';
import { fileJudgeOf } from '../../../lib/src/evaluate/recorded/recorded-format.js';
import type { VerdictRule } from '../../../lib/src/prompt/index.js';

/** What surrounds a row; everything may be left out. */
export interface Around {
  file?: string;
  index?: number;
  judge?: string;
  rule?: VerdictRule;
  items?: KnownItem[];
}

function read(name: string, row: Record<string, unknown>, around: Around): Reading[] {
  const { file = 'folder/judge-1.jsonl', index = 0, judge, rule, items = [] } = around;
  const format = RECORDED_FORMATS.find((candidate) => candidate.name === name);
  assert.ok(format);
  return format.read(row, {
    file,
    fileJudge: fileJudgeOf(file, [file]),
    index,
    judge,
    rule,
    itemOf: (itemId) => items.find((item) => item.itemId === itemId),
  });
}

/** The judgments of a row. */
export function judgmentsOf(name: string, row: Record<string, unknown>, around: Around = {}): ReadJudgment[] {
  return read(name, row, around).filter((reading) => reading.kind === 'judgment');
}

/** The grades of a row. */
export function gradesOf(name: string, row: Record<string, unknown>, around: Around = {}): ReadGrade[] {
  return read(name, row, around).filter((reading) => reading.kind === 'grade');
}

/** Why a row cannot be used. */
export function refusalOf(name: string, row: Record<string, unknown>, around: Around = {}): string {
  try {
    read(name, row, around);
  } catch (thrown) {
    if (thrown instanceof UnusableRow) return thrown.reason;
    throw thrown;
  }
  return 'none';
}

/** Name of the format that a row is told by. */
export function formatOfRow(row: Record<string, unknown>): string | undefined {
  return RECORDED_FORMATS.find((candidate) => candidate.fits(row))?.name;
}
