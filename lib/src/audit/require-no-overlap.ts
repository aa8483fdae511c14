// Ends a run whose training texts overlap with its benchmark.
import { DataError } from '../core/errors.js';
import type { Overlap, OverlapReport } from '../schema/overlap.js';

/** Number of overlaps that a message names. */
const MOST_NAMED = 5;

/** The parts of the error that depend on the audited texts. */
export interface OverlapConsequence {
  subject: string;
  /** How to fix an overlap. */
  remedy: string;
}

const OF_INSTRUCTIONS: OverlapConsequence = {
  subject: 'overlap of training and benchmark',
  remedy:
    'Set overlap.action to drop, which leaves those instructions out, or list the overlap with its reason under overlap.waive, if it does no harm.',
};

/**
 * @param consequence absent: of the instructions of a pool
 * Nothing is thrown with `overlap.action: report`.
 * @throws DataError with the places of the first overlaps that no waiver covers
 */
export function requireNoOverlap(
  { overlappingItems, nNotWaived, items, settings }: OverlapReport,
  { subject, remedy }: OverlapConsequence = OF_INSTRUCTIONS,
): void {
  if (nNotWaived === 0 || settings.action === 'report') return;
  const open = overlappingItems.filter(({ waivedBecause }) => waivedBecause === undefined);
  const named = open
    .slice(0, MOST_NAMED)
    .map(({ itemId, subset, strongest }) => `${itemId} (${subset}): ${described(strongest)}`);
  if (open.length > named.length) named.push(`and ${open.length - named.length} more`);
  const nItems = Object.values(items).reduce((sum, { n }) => sum + n, 0);
  throw new DataError({
    subject,
    expected: 'no benchmark item that overlaps with training texts',
    received: `${nNotWaived} of ${nItems} items: ${named.join('; ')}`,
    remedy,
  });
}

const WORDS = {
  'same-text': 'the same text as',
  'near-duplicate': 'nearly the same as',
  'shared-run': 'a run of words shared with',
} as const;

function described({ kind, training: { id, field, source } }: Overlap): string {
  const place = source ? `${source.file}:${source.line}` : id;
  return `${WORDS[kind]} the ${field} of ${place}`;
}
