// Verdict tables, rows and outcomes in a few letters, for the tests of this folder.
import type { Row } from '../../lib/src/datasets/index.js';
import { VerdictTable, type TableItem } from '../../lib/src/evaluate/index.js';
import type { Gold, Outcome, Shown, Verdict } from '../../lib/src/schema/index.js';

const KINDS: Record<string, Verdict['kind']> = { A: 'A', B: 'B', C: 'tie', '-': 'unparsed' };

/** An item and what was said of it: letters A, B, C (a tie) and - (no verdict), one per sample. */
export interface Judged extends Partial<Omit<TableItem, 'itemId' | 'gold'>> {
  gold: Gold | null;
  given?: string;
  swapped?: string;
}

/** A table by item id: `{ x: { gold: 'first', given: 'AAB', swapped: 'B' } }`. */
export function tableFrom(items: Record<string, Judged>): VerdictTable {
  const table = new VerdictTable();
  for (const [itemId, { given = '', swapped = '', ...item }] of Object.entries(items)) {
    table.addItem({ itemId, ...item });
    const add = (shown: Shown, letters: string): void => {
      for (const letter of letters) table.addVerdicts(itemId, shown, { kind: KINDS[letter]! });
    };
    add('given', given);
    add('swapped', swapped);
  }
  return table;
}

/** Rows of a file; a string is a row that cannot be read, and says why. */
export async function* rowsOf(...rows: (Record<string, unknown> | string)[]): AsyncGenerator<Row> {
  let line = 0;
  for (const row of rows) {
    line++;
    yield await Promise.resolve(typeof row === 'string' ? { problem: row, line } : { row, line });
  }
}

/** What was kept, and `subject: reason` of what was dropped. */
export async function sorted<Kept>(
  outcomes: AsyncIterable<Outcome<Kept>>,
): Promise<{ kept: Kept[]; dropped: string[] }> {
  const kept: Kept[] = [];
  const dropped: string[] = [];
  for await (const outcome of outcomes) {
    if (outcome.kind === 'kept') kept.push(outcome.record);
    else dropped.push(`${outcome.drop.subjectId}: ${outcome.drop.reason}`);
  }
  return { kept, dropped };
}

/** `value n unscored` of an estimate, the value rounded to six digits. */
export function brief(
  estimate: { value: number | null; n: number; unscored: number } | undefined,
): [value: number | null, n: number, unscored: number] | undefined {
  if (estimate === undefined) return undefined;
  const { value, n, unscored } = estimate;
  return [value === null ? null : Number(value.toFixed(6)), n, unscored];
}
