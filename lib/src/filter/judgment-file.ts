// Draws judgments from a file. A file of this project has an index, so that only the kept texts are read; any other file is read once, from
// start to end.
import { isUtf8 } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { byteLinesOf, readRange } from '../core/byte-lines.js';
import { DataError } from '../core/errors.js';
import { readError } from '../core/files.js';
import { parseJsonLine } from '../core/jsonl.js';
import { kept, type Outcome } from '../schema/drop.js';
import { verdictWordOf, type IndexedJudgment } from '../schema/judgment-index.js';
import { judgedPairSchema, judgmentSchema, type JudgedPair, type Judgment } from '../schema/judgment.js';
import type { Draw } from './draw-judgments.js';
import { drawFromPairs, type DrawTask } from './draw-from-pairs.js';
import { readJudgmentIndex } from './judgment-index.js';

/** The open file, and its path for errors. */
interface JudgmentsFile {
  path: string;
  file: FileHandle;
}

/**
 * Draws from a JSON Lines file of judged pairs, in its order.
 * @throws DataError naming file and line when the file is missing or a line is no judged pair in UTF-8
 */
export async function* drawFromFile(path: string, task: DrawTask): AsyncGenerator<Outcome<Draw<Judgment>>> {
  const file = await openJudgments(path);
  try {
    const index = await readJudgmentIndex({ path, file });
    if (index === null) yield* drawFromPairs(judgedPairsIn({ path, file }), task);
    else yield* withTexts(drawFromPairs(index, task), { path, file });
  } finally {
    await file.close();
  }
}

async function* withTexts(
  outcomes: AsyncIterable<Outcome<Draw<IndexedJudgment>>>,
  source: JudgmentsFile,
): AsyncGenerator<Outcome<Draw<Judgment>>> {
  for await (const outcome of outcomes) {
    if (outcome.kind === 'dropped') yield outcome;
    else {
      const judgments = outcome.record.judgments.map((indexed) => readJudgment(indexed, source));
      yield kept({ ...outcome.record, judgments });
    }
  }
}

async function openJudgments(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (thrown) {
    throw readError(path, thrown);
  }
  throw readError(path, new Error('not a file'));
}

async function* judgedPairsIn({ path, file }: JudgmentsFile): AsyncGenerator<JudgedPair> {
  let nLines = 0;
  try {
    for await (const { bytes } of byteLinesOf(file)) {
      const where = `${path}:${++nLines}`;
      // Decoded leniently, the replacement characters would be trained on.
      if (!isUtf8(bytes)) throw notUtf8(where);
      const line = bytes.toString('utf8').replace(/\r$/, '');
      if (line.trim() !== '') yield parseJsonLine(line, judgedPairSchema, where);
    }
  } catch (thrown) {
    throw readError(path, thrown);
  }
}

function readJudgment(indexed: IndexedJudgment, { path, file }: JudgmentsFile): Judgment {
  const where = `${path}, from byte ${indexed.start}`;
  let bytes: Buffer;
  try {
    bytes = readRange(file, indexed);
  } catch (thrown) {
    throw readError(path, thrown);
  }
  const judgment = parseJsonLine(bytes.toString('utf8'), judgmentSchema, where);
  const { pairId, order, sampleIndex, verdict } = indexed;
  const isIt =
    judgment.pairId === pairId &&
    judgment.order === order &&
    judgment.sampleIndex === sampleIndex &&
    verdictWordOf(judgment.verdict) === verdictWordOf(verdict);
  if (isIt) return judgment;
  throw new DataError({
    subject: where,
    expected: 'the judgment that the index has there',
    received: 'another one',
    remedy: 'The file was changed while it was read: run the same command again.',
  });
}

function notUtf8(where: string): DataError {
  return new DataError({
    subject: where,
    expected: 'a record in UTF-8',
    received: 'invalid UTF-8',
    remedy: 'Fix or remove that line.',
  });
}
