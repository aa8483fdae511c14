// What the trivial judges see of each pair: one value of each response, of which the larger one wins.
import type { Gold } from '../schema/recorded-judgment.js';
import type { ShortcutValues } from '../schema/shortcuts.js';
import { crossValidatedBag, type BagPair } from './bag-of-words.js';
import { SurfaceReader, type Surface } from './surface.js';

/** The seed of the folds; one for all, so that figures of two runs on the same items are the same. */
const SEED = 1;

/** A pair as its benchmark lists it. */
export interface ShortcutPair {
  pairId: string;
  instruction: string;
  first: string;
  second: string;
  gold: Gold | null;
  /** Pairs of one cluster are never split over training and test. */
  cluster: string;
}

/** Takes pairs one by one, without keeping their texts. */
export class ShortcutReader {
  readonly #reader = new SurfaceReader();
  readonly #values = new Map<string, ShortcutValues>();
  readonly #bag: BagPair[] = [];

  /** Takes a pair; a second one of the same id is passed over. */
  add({ pairId, instruction, first, second, gold, cluster }: ShortcutPair): void {
    if (this.#values.has(pairId)) return;
    const [one, two] = this.#reader.read(instruction, [first, second]);
    if (!one || !two) return;
    this.#values.set(pairId, {
      longer: [one.surface.characters, two.surface.characters],
      markdown: [markdownOf(one.surface), markdownOf(two.surface)],
      overlap: [one.surface.instructionCovered, two.surface.instructionCovered],
    });
    this.#bag.push({
      onlyFirst: this.#reader.without(one.words, two.words),
      onlySecond: this.#reader.without(two.words, one.words),
      better: gold === 'tie' ? null : gold,
      cluster,
    });
  }

  /** The values of all pairs by their ids. */
  values(): Map<string, ShortcutValues> {
    const scores = crossValidatedBag(this.#bag, { nWords: this.#reader.nNumbers, seed: SEED });
    [...this.#values.values()].forEach((values, i) => {
      const [first, second] = scores?.[i] ?? [];
      if (first !== undefined && second !== undefined) values.bagOfWords = [first, second];
    });
    return this.#values;
  }
}

/** List items, headings, code blocks and bold passages together. */
function markdownOf({ listItems, headings, codeBlocks, bold }: Surface): number {
  return listItems + headings + codeBlocks + bold;
}
