// The part of a trained model's name that says what it is of.

/** Providers allow so many characters. */
const LONGEST = 18;

/**
 * The end of the experiment's name, from the beginning of a word if it has several, and the iteration, such as `shortcuts-1` of
 * `planted-shortcuts`.
 */
export function suffixOf(name: string, iteration: number): string {
  const cut = cutSuffixOf(name, iteration);
  const isBroken = !`-${name}-${iteration}`.endsWith(`-${cut}`);
  return isBroken ? cut.replace(/^[^-]*-+(?=[^-]+-)/, '') : cut;
}

/** The same wherever it is cut, as keys of jobs have it. */
export function cutSuffixOf(name: string, iteration: number): string {
  return `${name}-${iteration}`.slice(-LONGEST).replace(/^-+/, '');
}
