// Suggests known names for a misspelt one.

/** Longer words are not compared: they are hardly typing errors, and comparing takes time. */
const LONGEST_WORD = 64;

/** The known names nearest to a word, at most two edits or a third of its letters away. Case, hyphens and underscores do not count. */
export function nearestNames(word: string, known: Iterable<string>): string[] {
  if (word.length > LONGEST_WORD) return [];
  const letters = plain(word);
  const most = Math.min(letters.length - 1, Math.max(2, Math.floor(letters.length / 3)));
  const near = [...known].map((name) => ({ name, distance: editDistance(letters, plain(name)) }));
  const least = Math.min(most, ...near.map(({ distance }) => distance));
  return near.filter(({ distance }) => distance === least).map(({ name }) => name);
}

/** `; did you mean "samples"?` for an error message, or nothing where no name is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const names = nearestNames(word, known).map((name) => `"${name}"`);
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
}

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '');
}

/** Edits from one word to another: insert, delete or replace a letter, or swap two neighbours. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1, isSwap ? at(i - 2, j - 2) + 1 : Infinity),
      );
    }
  }
  return at(a.length, b.length);
}
