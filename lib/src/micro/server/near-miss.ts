// Finds what a mistyped name was meant to be.

/** The candidate that differs from `word` by the fewest edits, if by at most two and less than half its length. */
export function nearMiss(word: string, candidates: Iterable<string>): string | null {
  const limit = Math.min(2, Math.floor(word.length / 2));
  let best: string | null = null;
  let bestDistance = limit + 1;
  // Longer names than any real one are no typing errors, and comparing them would cost time.
  if (word.length > 64) return null;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance: insertions, deletions and substitutions of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substituted, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
