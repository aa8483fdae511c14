// The index of a judgments file: the verdict and byte range of each judgment, so that the filter reads only the texts that it keeps.
import { z } from 'zod';
import type { JudgedPair, Judgment } from './judgment.js';
import type { Order, Verdict } from './verdict.js';

/** Orders and verdicts are a letter each: words would take longer to parse than the rest of the index. */
const ORDERS_BY_LETTER = new Map<string, Order>([
  ['w', 'winner-first'],
  ['l', 'loser-first'],
]);
const VERDICTS_BY_LETTER = new Map<string, Verdict>([
  ['A', { kind: 'A' }],
  ['B', { kind: 'B' }],
  ['t', { kind: 'tie' }],
  ['n', { kind: 'unparsed', reason: 'no-marker' }],
  ['b', { kind: 'unparsed', reason: 'both-markers' }],
  ['c', { kind: 'unparsed', reason: 'truncated' }],
  ['e', { kind: 'unparsed', reason: 'no-completion' }],
]);

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
/** Not validated further: the hash in the footer ensures that the rows are as written. */
const numbers = z.array(z.number());

/** One line of the index for each line of the judgments file: columns with one entry for each judgment, in the order of that line. */
export const judgmentIndexRowSchema = z.strictObject({
  /** Of the pair and of all its judgments. */
  pairId: z.string().min(1),
  /** The byte at which the first judgment starts; one comma separates judgments. */
  start: z.number(),
  /** w: winner first; l: loser first. */
  orders: z.string(),
  sampleIndexes: numbers,
  /** A, B; t: tie; without a verdict: n: no marker, b: both markers, c: cut off, e: no completion. */
  verdicts: z.string(),
  /** Bytes of each judgment, as JSON. */
  lengths: numbers,
  /** Positions of the judgments whose text is empty; absent: none. */
  emptyTexts: numbers.optional(),
});

/** The last line of the index: the file that it describes. */
export const judgmentIndexFooterSchema = z.strictObject({
  version: z.literal(1),
  /** SHA-256 of all lines of the index before this one. */
  rowsHash: sha256Schema,
  /** The judgments file that the rows describe. */
  file: z.strictObject({
    bytes: z.int().min(0),
    hash: sha256Schema,
    /** The file's change time (ctime) in nanoseconds since 1970. */
    changedNs: z.string().regex(/^\d+$/),
  }),
});

type JudgmentIndexRow = z.infer<typeof judgmentIndexRowSchema>;

/** A judgment without its text, and the byte range of its JSON in the judgments file. */
export interface IndexedJudgment extends Omit<Judgment, 'text'> {
  /** In bytes. */
  start: number;
  /** In bytes. */
  length: number;
  /** Present where the text is empty. */
  text?: '';
}

/** The path of a judgments file's index: `judgments.index.jsonl` for `judgments.jsonl`. */
export function judgmentIndexPath(judgmentsPath: string): string {
  return judgmentsPath.replace(/(\.jsonl)?$/, '.index.jsonl');
}

/** A verdict as one word: its kind or, of a judgment without one, the reason. */
export function verdictWordOf(verdict: Verdict): string {
  return verdict.kind === 'unparsed' ? verdict.reason : verdict.kind;
}

const LETTERS_BY_VERDICT = new Map(
  [...VERDICTS_BY_LETTER].map(([letter, verdict]) => [verdictWordOf(verdict), letter]),
);

/**
 * The row of a pair, all of whose judgments have its id.
 * @param place.start the byte at which its first judgment starts
 * @param place.lengths bytes of its judgments
 */
export function judgmentIndexRow(
  { pairId, judgments }: JudgedPair,
  place: { start: number; lengths: number[] },
): JudgmentIndexRow {
  const emptyTexts = judgments.flatMap(({ text }, i) => (text === '' ? [i] : []));
  return {
    pairId,
    ...place,
    orders: judgments.map(({ order }) => (order === 'winner-first' ? 'w' : 'l')).join(''),
    sampleIndexes: judgments.map(({ sampleIndex }) => sampleIndex),
    verdicts: judgments.map(({ verdict }) => letterOf(verdict)).join(''),
    ...(emptyTexts.length > 0 ? { emptyTexts } : {}),
  };
}

/** @throws RangeError for a verdict without a letter, which would shift all later ones of its row */
function letterOf(verdict: Verdict): string {
  const letter = LETTERS_BY_VERDICT.get(verdictWordOf(verdict));
  if (letter === undefined) throw new RangeError(`no letter for the verdict ${verdictWordOf(verdict)}`);
  return letter;
}

/** The judgments of a row, in order. @throws RangeError when its columns differ in length, or a letter is unknown */
export function judgmentsOfRow(row: JudgmentIndexRow): IndexedJudgment[] {
  let { start } = row;
  return row.lengths.map((length, i) => {
    const order = ORDERS_BY_LETTER.get(row.orders.charAt(i));
    const verdict = VERDICTS_BY_LETTER.get(row.verdicts.charAt(i));
    const sampleIndex = row.sampleIndexes[i];
    if (order === undefined || verdict === undefined || sampleIndex === undefined)
      throw new RangeError(`judgment ${i} of ${row.pairId} is incomplete in the index`);
    const judgment = { pairId: row.pairId, order, sampleIndex, verdict, start, length };
    start += length + 1;
    return row.emptyTexts?.includes(i) === true ? { ...judgment, text: '' } : judgment;
  });
}
