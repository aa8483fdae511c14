// One pass over a part of a judgments file: every line is parsed and checked, and of what is drawn only the place in the file is kept.
import { isAscii, isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { linesOfPart, type ByteLine, type ByteRange } from '../core/byte-lines.js';
import { type Outcome } from '../schema/drop.js';
import { judgedPairSchema, type JudgedPair, type Judgment } from '../schema/judgment.js';
import type { Draw } from './draw-judgments.js';
import { drawFrom, type DrawTask } from './draw-task.js';
import { isPlainlyJudgedPair } from './judged-pair-check.js';

/** Where a judgment stands in its file. */
export interface LocatedJudgment extends ByteRange {
  /** Its place among the judgments of its line, where the range is of that line; absent where it is of the judgment alone. */
  place?: number;
}

/** What was drawn, without any text. */
export interface LocatedDraw extends Pick<Draw, 'pairId' | 'verdict'> {
  judgments: LocatedJudgment[];
}

/** What a part of the file holds. */
export interface PartScan {
  /** Lines that begin in the part, blank ones included; up to the damaged one, if any. */
  nLines: number;
  outcomes: Outcome<LocatedDraw>[];
  /** The first line that is no judged pair, at which the scan ended. */
  damage: ByteRange | null;
}

/** Ids, order and index of a judgment fit in. */
const SEARCHED_BYTES = 96;

/** Scans the lines that begin in a part of the file. @throws the system's error when it cannot be read */
export async function scanPart(
  file: FileHandle,
  part: { start: number; end: number },
  task: DrawTask,
): Promise<PartScan> {
  const outcomes: Outcome<LocatedDraw>[] = [];
  let nLines = 0;
  for await (const line of linesOfPart(file, part)) {
    nLines++;
    const encoding = scanningEncoding(line.bytes);
    const judgedPair = isUtf8(line.bytes) ? judgedPairOf(line.bytes.toString(encoding)) : null;
    if (judgedPair === null) {
      if (line.bytes.toString('utf8').trim() === '') continue;
      return { nLines, outcomes, damage: { start: line.start, length: line.length } };
    }
    const named = encoding === 'latin1' ? withDecodedIds(judgedPair) : judgedPair;
    for (const outcome of drawFrom(named, task)) {
      outcomes.push(
        outcome.kind === 'kept'
          ? { kind: 'kept', record: located(outcome.record, judgedPair, { ...line, encoding }) }
          : outcome,
      );
    }
  }
  return { nLines, outcomes, damage: null };
}

/** A line as a judged pair, or null. */
export function judgedPairOf(text: string): JudgedPair | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isPlainlyJudgedPair(value) ? value : (judgedPairSchema.safeParse(value).data ?? null);
}

/**
 * Most texts are not kept, so that their signs do not matter, only that the line is whole. Taken for Latin-1, a line that is not ASCII is parsed faster,
 * and its strings are its bytes one to one, as long as none of them is written as `\u` and a number.
 */
function scanningEncoding(bytes: Buffer): 'latin1' | 'utf8' {
  return isAscii(bytes) || bytes.includes('\\u') ? 'utf8' : 'latin1';
}

/** Random numbers are drawn by the ids as they are; the texts stay as they were scanned. */
function withDecodedIds({ pairId, judgments }: JudgedPair): JudgedPair {
  const decode = (judgment: Judgment): Judgment => ({ ...judgment, pairId: decoded(judgment.pairId) });
  const isDecoded = (id: string): boolean => decoded(id) === id;
  const isDone = isDecoded(pairId) && judgments.every((judgment) => isDecoded(judgment.pairId));
  return isDone ? { pairId, judgments } : { pairId: decoded(pairId), judgments: judgments.map(decode) };
}

function decoded(bytes: string): string {
  return /[\x80-\xff]/.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

type ScannedLine = ByteLine & { encoding: 'latin1' | 'utf8' };

function located(
  { pairId, verdict, places }: Draw,
  { judgments }: JudgedPair,
  line: ScannedLine,
): LocatedDraw {
  return { pairId, verdict, judgments: places.map((place) => locate(judgments, place, line)) };
}

/**
 * A line that this project wrote holds each judgment just as `JSON.stringify` gives it, so that its bytes can be found; wherever they
 * are found, they are that judgment. In a line that somebody else wrote it is found again by its place.
 */
function locate(judgments: readonly Judgment[], place: number, line: ScannedLine): LocatedJudgment {
  const bytes = Buffer.from(JSON.stringify(judgments[place]), line.encoding);
  // A short beginning is searched for: searching for long ones is slow.
  const beginning = bytes.subarray(0, SEARCHED_BYTES);
  for (let at = line.bytes.indexOf(beginning); at >= 0; at = line.bytes.indexOf(beginning, at + 1)) {
    const isAll = line.bytes.subarray(at, at + bytes.length).equals(bytes);
    if (isAll) return { start: line.start + at, length: bytes.length };
  }
  return { start: line.start, length: line.length, place };
}
