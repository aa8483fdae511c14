// Reads items from the rows of a benchmark's file.
import type { Row } from '../../datasets/index.js';
import { dropped, kept, type Outcome } from '../../schema/drop.js';
import { UnusableRow } from '../recorded/recorded-format.js';
import type { GoldItem } from './benchmark.js';

/**
 * Items by a function of one row. A row that cannot be read, or that the function refuses, is dropped with its reason.
 * @param itemOf takes the row and its number from 0; throws UnusableRow
 */
export async function* itemsByRow(
  rows: AsyncIterable<Row>,
  itemOf: (row: Record<string, unknown>, index: number) => GoldItem,
): AsyncGenerator<Outcome<GoldItem>> {
  let index = 0;
  for await (const row of rows) {
    yield outcomeOfRow(row, (fields) => itemOf(fields, index));
    index++;
  }
}

/** What `make` returns for a readable row; a drop with its reason where the row is unreadable or `make` throws UnusableRow. */
export function outcomeOfRow<Made>(row: Row, make: (fields: Record<string, unknown>) => Made): Outcome<Made> {
  return outcomeOf(`line ${row.line}`, () => {
    if (!('row' in row)) throw new UnusableRow('unreadable-row', row.problem);
    return make(row.row);
  });
}

/** What `make` returns; a drop of `subjectId` where it throws UnusableRow. */
export function outcomeOf<Made>(subjectId: string, make: () => Made): Outcome<Made> {
  try {
    return kept(make());
  } catch (thrown) {
    if (thrown instanceof UnusableRow) return dropped(subjectId, thrown.reason, thrown.message);
    throw thrown;
  }
}

/** Turns a labelled pair, as a benchmark lists it, into an item of winner and loser. */
export function itemOfPair(pair: {
  itemId: string;
  instruction: string;
  slice: string;
  errorKind: string;
  first: string;
  second: string;
  gold: 'first' | 'second' | 'tie';
  models?: readonly [string | undefined, string | undefined];
  reference?: string | undefined;
}): GoldItem {
  const { itemId, instruction, slice, errorKind, first, second, gold, models, reference } = pair;
  if (instruction === '') throw new UnusableRow('empty-instruction', itemId);
  const [firstModel, secondModel] = models ?? [];
  const isSwapped = gold === 'second';
  const winnerModel = isSwapped ? secondModel : firstModel;
  const loserModel = isSwapped ? firstModel : secondModel;
  return {
    itemId,
    instruction,
    slice,
    errorKind,
    winner: isSwapped ? second : first,
    loser: isSwapped ? first : second,
    ...(gold === 'tie' ? { goldTie: true as const } : {}),
    ...(isSwapped ? { givenFirst: 'loser' as const } : {}),
    ...(winnerModel === undefined ? {} : { winnerModel }),
    ...(loserModel === undefined ? {} : { loserModel }),
    ...(reference === undefined ? {} : { reference }),
  };
}
