// Similarity of two responses: pairs of nearly identical responses teach a judge nothing.
import { z } from 'zod';
import { section } from '../core/config-section.js';

export const nearIdenticalSchema = section(
  {
    measure: z.enum(['edit', 'jaccard']).default('edit'),
    threshold: z.number().gt(0).max(1).default(0.95),
  },
  {
    measure: 'edit: share of words that stay, in order; jaccard: share of runs of three words in both.',
    threshold: 'Pairs at least this similar are dropped; 1 means the same words.',
  },
);
/** When two responses count as nearly identical. */
export type NearIdentical = z.output<typeof nearIdenticalSchema>;

/** Whether the similarity of two texts reaches the threshold; case and white space are ignored. */
export function areNearlyIdentical(a: string, b: string, { measure, threshold }: NearIdentical): boolean {
  const [first, second] = [wordsOf(a), wordsOf(b)];
  return measure === 'edit'
    ? isWithinEdits(first, second, threshold)
    : jaccard(runsOf(first), runsOf(second)) >= threshold;
}

/** Words, and each sign or character of a script without spaces, so that `3 + 4` and `3 - 4` differ. */
function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(WORD) ?? [];
}
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}\p{M}])+|\S/gu;

const RUN_LENGTH = 3;

/** Runs of three words, or the whole of a text that is shorter. */
function runsOf(words: readonly string[]): Set<string> {
  if (words.length < RUN_LENGTH) return new Set([words.join(' ')]);
  return new Set(
    words.slice(RUN_LENGTH - 1).map((_, start) => words.slice(start, start + RUN_LENGTH).join(' ')),
  );
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let nShared = 0;
  for (const run of a) if (b.has(run)) nShared++;
  return nShared / (a.size + b.size - nShared);
}

/**
 * Whether 1 - distance / longer length reaches the threshold, with Levenshtein's distance in words. Only the diagonals that can still
 * reach it are filled in: time is the length times the edits that are allowed.
 */
function isWithinEdits(a: readonly string[], b: readonly string[], threshold: number): boolean {
  const longest = Math.max(a.length, b.length);
  // The tolerance keeps rounding from excluding 0.95 of 20 words.
  const mostEdits = Math.floor((1 - threshold) * longest + 1e-9);
  if (Math.abs(a.length - b.length) > mostEdits) return false;
  let above = Float64Array.from({ length: b.length + 1 }, (_, j) => j);
  let row = new Float64Array(b.length + 1);
  for (let i = 1; i <= a.length; i++) {
    const from = Math.max(1, i - mostEdits);
    const to = Math.min(b.length, i + mostEdits);
    // Only the band is filled in; the next row may read its two neighbours.
    row[from - 1] = from === 1 ? i : Infinity;
    if (to < b.length) row[to + 1] = Infinity;
    let least = from === 1 ? i : Infinity;
    for (let j = from; j <= to; j++) {
      const swap = at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const cost = Math.min(swap, at(above, j) + 1, at(row, j - 1) + 1);
      row[j] = cost;
      least = Math.min(least, cost);
    }
    if (least > mostEdits) return false;
    [above, row] = [row, above];
  }
  return at(above, b.length) <= mostEdits;
}

function at(row: Float64Array, place: number): number {
  return row[place] ?? Infinity;
}
