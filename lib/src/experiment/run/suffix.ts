// The part of a trained model's name that says what it is of.

/** Providers allow 18 characters; the end is kept, since it contains the iteration. @param name of the experiment */
export function suffixOf(name: string, iteration: number): string {
  return `${name}-${iteration}`.slice(-18).replace(/^-+/, '');
}
