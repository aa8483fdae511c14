// Which inputs of a stage a plan looks at, when there are many.

/** Inputs of a stage that are looked at, at most; the rest is taken to be like them. */
export const MOST_PROBED = 600;

/** Every so manieth item, so that what changes along a list, such as how much of it is done, shows in the sample in its share. */
export function evenSample<Item>(items: readonly Item[], most: number = MOST_PROBED): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]).filter(
    (item) => item !== undefined,
  );
}
