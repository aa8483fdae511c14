// A sample of a stage's inputs.

/** Most inputs of a stage that a plan examines; the rest is assumed to be like them. */
export const MOST_PROBED = 600;
/** The same for each of the many runs of a listing that have not begun. */
export const MOST_PROBED_OF_MANY = 150;

/** Evenly spaced items, so that the sample reflects changes along the list, such as how much of it is done. */
export function evenSample<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}
