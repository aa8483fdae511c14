// Answers that were given elsewhere, added to those of a run.
import { ConfigError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { readRows, type RowFormat } from '../../datasets/index.js';
import { BadRowList } from '../../evaluate/bad-row-list.js';
import { answersOfRow, type SheetRow } from '../../review/index.js';
import type { ReviewAnswer } from '../../schema/review.js';
import type { BadRow } from '../../schema/scoring.js';
import { drawnItems, openAnswers, readRunAnswers } from './run-review.js';

/** What an import did. */
export interface ImportedAnswers {
  /** Added. */
  nAnswers: number;
  /** Not added: the run has the same answer of the same reviewer, so that a correction of later stands. */
  nKnown: number;
  /** Rows that gave none, by reason, and the first ones of each. */
  dropped: Readonly<Record<string, number>>;
  badRows: readonly BadRow[];
}

/**
 * Adds the answers of files that were filled in elsewhere; a file that gives none adds nothing, and one that was added before only what is
 * new in it.
 * @param files CSV, JSON or JSON Lines
 * @param options.reviewer whose answers these are, where a row does not say
 * @throws DataError for a file that cannot be read; ConfigError where no row gives an answer
 */
export async function importAnswers(
  runFolder: string,
  files: readonly string[],
  { reviewer, format }: { reviewer?: string | undefined; format?: RowFormat | undefined } = {},
): Promise<ImportedAnswers> {
  const items = await drawnItems(runFolder);
  const answers: ReviewAnswer[] = [];
  const bad = new BadRowList();
  for (const file of files) {
    for await (const row of readRows(file, { format })) {
      const { line } = row;
      const read: SheetRow[] =
        'row' in row
          ? answersOfRow(row.row, { items, reviewer })
          : [{ drop: 'unreadable', detail: row.problem }];
      for (const one of read) {
        if ('answer' in one) answers.push(one.answer);
        else bad.add({ file, line, reason: one.drop, detail: one.detail });
      }
    }
  }
  const { dropped, badRows } = bad;
  if (answers.length === 0) {
    const reasons = Object.entries(dropped).map(([reason, n]) => {
      const first = badRows.find((row) => row.reason === reason);
      return `${reason} ${n}${first ? ` (${first.file}:${first.line} ${first.detail})` : ''}`;
    });
    throw new ConfigError({
      subject: files.join(', '),
      expected: 'rows with item_id, answer and reviewer',
      received: reasons.length === 0 ? 'no rows' : printable(reasons.join('; '), Number.POSITIVE_INFINITY),
      remedy: 'Fill in the sheet that --export writes; --reviewer names the reviewer of rows that do not.',
    });
  }
  const known = new Set((await readRunAnswers(runFolder)).answers.map(contentOf));
  const added = answers.filter((answer) => !known.has(contentOf(answer)));
  const log = await openAnswers(runFolder);
  try {
    await log.add(...added);
  } finally {
    await log.close();
  }
  return { nAnswers: added.length, nKnown: answers.length - added.length, dropped, badRows };
}

function contentOf({ itemId, reviewer, answer, note, at }: ReviewAnswer): string {
  return JSON.stringify([itemId, reviewer, answer, note, at]);
}
