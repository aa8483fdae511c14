// What a column says of two responses: which values mean that the first or the second one is better, or a tie.
import { z } from 'zod';
import { section } from '../core/config-section.js';
import { DataError } from '../core/errors.js';
import { likelyGold, type Gold } from '../schema/recorded-judgment.js';
import { UnusableRow } from './recorded/recorded-format.js';

const values = (byDefault: readonly string[]) =>
  z.array(z.union([z.string(), z.number(), z.boolean()])).default([...byDefault]);

export const goldLabelsSchema = section(
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
);
/** Values of a column by what they mean. */
export type GoldLabelValues = z.output<typeof goldLabelsSchema>;

/** A label as text, whatever the file's format makes of it: `1`, `1.0` and `"1"` are one label. Absent and null are ''. */
export function plainLabel(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return '';
  return String(value)
    .trim()
    .replace(/^([+-]?\d+)\.0+$/, '$1');
}

/**
 * The outcome that a label means; a value in other letters, `a` or `TRUE`, counts where none is written as the label is.
 * @param said as {@link plainLabel} gives it
 * @throws UnusableRow for no label, or one without a meaning; DataError for 0 without one, since the rows with 1 would be read wrongly beside it
 */
export function goldOfLabel(
  said: string,
  { labels, column }: { labels: GoldLabelValues; column: string },
): Gold {
  const outcomes = ['first', 'second', 'tie'] as const;
  const fold = (value: unknown): string => plainLabel(value).toLowerCase();
  const meant =
    outcomes.find((gold) => labels[gold].some((value) => plainLabel(value) === said)) ??
    outcomes.find((gold) => labels[gold].some((value) => fold(value) === fold(said)));
  if (meant !== undefined) return meant;
  if (said === '') throw new UnusableRow('no-label', `column "${column}": expected a label, received none`);
  const { threshold } = labels;
  if (threshold !== undefined && Number.isFinite(Number(said)))
    return Number(said) === threshold ? 'tie' : Number(said) < threshold ? 'first' : 'second';
  if (said === '0') {
    throw new DataError({
      subject: `column "${column}"`,
      expected: 'labels whose meaning is known',
      received: '0, which may mean a tie, the first response, or that the first one is not better',
      remedy:
        'Say it under columns.labels: {"first": [0], "second": [1]}, or {"first": [1], "second": [2], "tie": [0]}.',
    });
  }
  const likely = likelyGold(said);
  const advice =
    likely === null
      ? '(first, second, tie), or of numbers set labels.threshold'
      : `(first, second, tie), perhaps {"${likely}": [${JSON.stringify(said)}]}`;
  throw new UnusableRow(
    'unknown-label',
    `column "${column}": "${said}"; say what it means under columns.labels ${advice}`,
  );
}
