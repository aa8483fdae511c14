// A text as the set of its word sequences ("shingles", Broder 1997), each as a 32-bit hash. Words are those of core/shingles.ts:
// independent of the Unicode form, without symbols such as emoji.
import { foldCase, hashShingles, hashWords } from '../../core/shingles.js';

/**
 * The distinct shingles of a text, in ascending order. A text of fewer words than a shingle is one shingle, and so is one without words,
 * of its characters.
 * @param nWords words of a shingle, 1 or more
 */
export function shingleSet(text: string, nWords: number): Uint32Array {
  const words = hashWords(text);
  if (words.length === 0) return Uint32Array.of(hashOfCharacters(foldCase(text)));
  // One half of each 64-bit hash is enough, since candidates are compared by many hashes.
  const sorted = hashShingles(words, Math.min(nWords, words.length)).high.sort();
  let nDistinct = 0;
  for (const hash of sorted)
    if (nDistinct === 0 || hash !== sorted[nDistinct - 1]) sorted[nDistinct++] = hash;
  return sorted.subarray(0, nDistinct);
}

/** FNV-1a over UTF-16 code units (Fowler, Noll and Vo). */
function hashOfCharacters(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
