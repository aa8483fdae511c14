// A benchmark of the user's own pairs: any columns, named by a mapping.
import { own } from '../../core/own.js';
import { z } from 'zod';
import { nonEmpty, section } from '../../core/config-section.js';
import { DataError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import { orderFigures } from './figures.js';
import { itemOfPair, itemsByRow } from './item-rows.js';
import { UnusableRow } from '../recorded/recorded-format.js';
import type { Benchmark } from './benchmark.js';

const column = nonEmpty.optional();
const values = (byDefault: readonly string[]) =>
  z.array(z.union([z.string(), z.number(), z.boolean()])).default([...byDefault]);

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
    labels: section(
      {
        first: values(['1', 'A', 'A>B', 'first', 'model_a']),
        second: values(['2', 'B', 'B>A', 'second', 'model_b']),
        tie: values(['C', 'tie', 'Tie', 'A=B']),
        threshold: z.number().optional(),
      },
      {
        first: 'Labels that mean that the first response is better.',
        second: 'Labels that mean that the second response is better.',
        tie: 'Labels that mean a tie. What 0 means has to be said: a tie, or the first response.',
        threshold: [
          'Other numbers below it mean the first response, above it the second, and at it a tie. Absent: they mean nothing.',
          1.5,
        ],
      },
    ).prefault({}),
  },
  {
    instruction: 'The instruction.',
    winner: ['The better response. Absent: winner, unless there are labels.', 'chosen'],
    loser: ['The worse response. Absent: loser, unless there are labels.', 'rejected'],
    first: ['The first response; together with second and label.', 'response_a'],
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
    figuresOf: orderFigures,
  };
}

function itemOf(row: Record<string, unknown>, columns: PairColumns): ReturnType<typeof itemOfPair> {
  const text = (name: string): string => {
    const value = own(row, name);
    if (typeof value === 'string') return value;
    throw new UnusableRow('wrong-shape', `column "${name}": expected a text`);
  };
  const optional = (name: string | undefined): string | undefined => {
    const value = name === undefined ? undefined : own(row, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  };
  const instruction = text(columns.instruction);
  const first = text(columns.first ?? columns.winner ?? 'winner');
  const second = text(columns.second ?? columns.loser ?? 'loser');
  const label = columns.label === undefined ? undefined : plainLabel(own(row, columns.label));
  const gold = label === undefined ? goldOfRoles(row) : goldOf(label, columns);
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

/** A label as text, whatever the file's format makes of it: `1`, `1.0` and `"1"` are one label. Absent and null are ''. */
function plainLabel(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return '';
  return String(value)
    .trim()
    .replace(/^([+-]?\d+)\.0+$/, '$1');
}

/**
 * The outcome that a label means.
 * @throws UnusableRow for a label without a meaning; DataError for 0 without one, since the rows with 1 would be read wrongly beside it
 */
function goldOf(said: string, { labels, label: name = 'label' }: PairColumns): 'first' | 'second' | 'tie' {
  for (const gold of ['first', 'second', 'tie'] as const)
    if (labels[gold].some((value) => plainLabel(value) === said)) return gold;
  const { threshold } = labels;
  if (threshold !== undefined && said !== '' && Number.isFinite(Number(said)))
    return Number(said) === threshold ? 'tie' : Number(said) < threshold ? 'first' : 'second';
  if (said === '0') {
    throw new DataError({
      subject: `column "${name}"`,
      expected: 'labels whose meaning is known',
      received: '0, which may mean a tie, the first response, or that the first one is not better',
      remedy:
        'Say it under columns.labels: {"first": [0], "second": [1]}, or {"first": [1], "second": [2], "tie": [0]}.',
    });
  }
  throw new UnusableRow(
    'unknown-label',
    `column "${name}": "${said}"; say what it means under columns.labels (first, second, tie), or of numbers set labels.threshold`,
  );
}
