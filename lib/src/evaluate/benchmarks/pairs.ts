// A benchmark of the user's own pairs: any columns, named by a mapping, also by paths into nested fields.
import type { z } from 'zod';
import { nonEmpty, section } from '../../core/config-section.js';
import { fieldReader } from '../../core/field-reader.js';
import { contentHash } from '../../core/hash.js';
import { textsOfPair, type Cell } from './conversation.js';
import { orderFigures } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';
import { goldLabelsSchema, goldOfLabel, plainLabel } from '../gold-label.js';
import type { Benchmark } from './benchmark.js';

const column = nonEmpty.optional();
export const pairColumnsSchema = section(
  {
    instruction: nonEmpty.default('instruction'),
    winner: column,
    loser: column,
    first: column,
    second: column,
    label: column,
    itemId: column,
    slice: column,
    errorKind: column,
    winnerModel: column,
    loserModel: column,
    reference: column,
    cluster: column,
    labels: goldLabelsSchema.prefault({}),
  },
  {
    instruction: [
      'The instruction: a text, or messages. Absent: in the messages of the responses.',
      'prompt.0.content',
    ],
    winner: ['The better response, a text or messages. Absent: winner, unless there are labels.', 'chosen'],
    loser: ['The worse response. Absent: loser, unless there are labels.', 'rejected'],
    first: ['The first response; together with second and label.', 'responses[0].text'],
    second: ['The second response.', 'response_b'],
    label: ['Which response is better.', 'preference'],
    itemId: ['Name of the item. Absent: itemId, otherwise a hash of instruction and responses.', 'id'],
    slice: ['The subset. Absent: slice, otherwise "all".', 'domain'],
    errorKind: ['What is wrong with the loser. Absent: errorKind, otherwise the slice.', 'flaw'],
    winnerModel: ['Model of the winner, or of the first response. Absent: winnerModel.', 'model_a'],
    loserModel: ['Model of the loser, or of the second response. Absent: loserModel.', 'model_b'],
    reference: ['A reference answer. Absent: reference.', 'gold_answer'],
    cluster: [
      'What items share that are not independent, such as a question. Absent: cluster, otherwise the instruction.',
      'question_id',
    ],
    labels: 'What the label column holds for each outcome.',
  },
).superRefine(({ winner, loser, first, second, label }, context) => {
  const byLabel = first !== undefined && second !== undefined && label !== undefined;
  const byRole = first === undefined && second === undefined && label === undefined;
  if (!byLabel && !byRole)
    context.addIssue({ code: 'custom', message: 'expected first, second and label together' });
  if (!byRole && (winner !== undefined || loser !== undefined))
    context.addIssue({
      code: 'custom',
      message: 'expected winner and loser, or first, second and label, not both',
    });
});
/** Which column holds what. */
export type PairColumns = z.output<typeof pairColumnsSchema>;

/** A benchmark of the user's own pairs. @param columns absent: the columns of this project's benchmark items */
export function pairsBenchmark(columns: PairColumns = pairColumnsSchema.parse({})): Benchmark {
  return {
    name: 'pairs',
    title: 'pairs',
    source: "the user's own file",
    itemFiles: [],
    subsetBy: 'slice',
    items: (rows) => itemsByRow(rows, (row) => itemOf(row, columns)),
    figuresOf: (table) => orderFigures(table),
  };
}

function itemOf(row: Record<string, unknown>, columns: PairColumns): ReturnType<typeof itemOfPair> {
  const cell = (column: string): Cell => ({ column, value: fieldReader(column)(row) });
  const optional = (name: string | undefined): string | undefined => {
    const value = name === undefined ? undefined : cell(name).value;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const { instruction, first, second } = textsOfPair(cell(columns.instruction), [
    cell(columns.first ?? columns.winner ?? 'winner'),
    cell(columns.second ?? columns.loser ?? 'loser'),
  ]);
  const label = columns.label === undefined ? undefined : plainLabel(cell(columns.label).value);
  const gold =
    label === undefined
      ? goldOfRoles(row)
      : goldOfLabel(label, { labels: columns.labels, column: columns.label ?? '' });
  // The loser may be listed first.
  const isReversed = columns.label === undefined && gold === 'second';
  const slice = optional(columns.slice ?? 'slice') ?? 'all';
  const models = {
    winner: optional(columns.winnerModel ?? 'winnerModel'),
    loser: optional(columns.loserModel ?? 'loserModel'),
  };
  const item = itemOfPair({
    itemId: optional(columns.itemId ?? 'itemId') ?? contentHash([instruction, first, second]).slice(0, 16),
    instruction,
    slice,
    errorKind: optional(columns.errorKind ?? 'errorKind') ?? slice,
    first: isReversed ? second : first,
    second: isReversed ? first : second,
    gold,
    models: gold === 'second' ? [models.loser, models.winner] : [models.winner, models.loser],
    reference: optional(columns.reference ?? 'reference'),
  });
  const cluster = optional(columns.cluster ?? 'cluster');
  return { ...item, ...(cluster ? { cluster } : {}), ...(label === undefined ? {} : { label }) };
}

/** The winner is listed first unless the row says otherwise, as this project's benchmark items can. */
function goldOfRoles({ goldTie, givenFirst }: Record<string, unknown>): 'first' | 'second' | 'tie' {
  if (goldTie === true) return 'tie';
  return givenFirst === 'loser' ? 'second' : 'first';
}
