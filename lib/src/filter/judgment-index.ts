// Reads the index of a judgments file that the judge stage wrote, if it belongs to exactly this file.
import { readFile, stat, type FileHandle } from 'node:fs/promises';
import { fileHash, sha256 } from '../core/hash.js';
import { parseJson, parseJsonLine } from '../core/jsonl.js';
import {
  judgmentIndexFooterSchema,
  judgmentIndexPath,
  judgmentIndexRowSchema,
  judgmentsOfRow,
  type IndexedJudgment,
} from '../schema/judgment-index.js';

/** A pair and its judgments as the index has them. */
export interface IndexedPair {
  pairId: string;
  judgments: IndexedJudgment[];
}

const NEWLINE = 0x0a;

/**
 * The pairs of a judgments file in its order, or null where it has no index, a damaged one, or one of another content.
 * @param judgments the open file and its path
 */
export async function readJudgmentIndex(judgments: {
  path: string;
  file: FileHandle;
}): Promise<Generator<IndexedPair> | null> {
  const path = judgmentIndexPath(judgments.path);
  // Without an index the judgments themselves are read, so an index that cannot be read only costs time.
  const bytes = await readFile(path).catch(() => null);
  if (bytes === null) return null;
  const endOfRows = bytes.lastIndexOf(NEWLINE, -2) + 1;
  const footer = parseJson(bytes.toString('utf8', endOfRows), judgmentIndexFooterSchema);
  const rows = bytes.subarray(0, endOfRows);
  if (!footer.ok || sha256(rows) !== footer.value.rowsHash) return null;
  const isSame = await isFile(footer.value.file, { ...judgments, indexPath: path }).catch(() => false);
  return isSame ? pairsOf(rows, path) : null;
}

/**
 * Whether the file is the one that was indexed. The hash decides; it is not computed where the file system has no change of the file
 * since then. Change times are as coarse as the clock of the file system: one that is not before that of the index may hide a change.
 */
async function isFile(
  { bytes, hash, changedNs }: { bytes: number; hash: string; changedNs: string },
  { path, file, indexPath }: { path: string; file: FileHandle; indexPath: string },
): Promise<boolean> {
  const { size, ctimeNs } = await file.stat({ bigint: true });
  if (size !== BigInt(bytes)) return false;
  const index = await stat(indexPath, { bigint: true });
  if (String(ctimeNs) === changedNs && index.ctimeNs > ctimeNs) return true;
  return (await fileHash(path)) === hash;
}

function* pairsOf(rows: Buffer, path: string): Generator<IndexedPair> {
  let nRows = 0;
  for (let start = 0; start < rows.length;) {
    const end = rows.indexOf(NEWLINE, start);
    const row = parseJsonLine(
      rows.toString('utf8', start, end),
      judgmentIndexRowSchema,
      `${path}:${++nRows}`,
    );
    yield { pairId: row.pairId, judgments: judgmentsOfRow(row) };
    start = end + 1;
  }
}
