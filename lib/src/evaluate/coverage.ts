// Which items of a benchmark a judge judged, and which ids it judged that are none.
import type { Coverage } from '../schema/scoring.js';

/** So many ids are named; all are counted. */
export const MOST_NAMED = 10;

interface Place {
  file: string;
  line: number;
}

/** Collects the ids that each judge judged, with the place of the first judgment of each that is not among the items. */
export class CoverageCounter {
  readonly #items: ReadonlyMap<string, unknown>;
  readonly #byJudge = new Map<string, { judged: Set<string>; unknown: Map<string, Place> }>();

  /** @param items by id */
  constructor(items: ReadonlyMap<string, unknown>) {
    this.#items = items;
  }

  add(judge: string, itemId: string, { file, line }: Place): void {
    const seen = this.#byJudge.get(judge) ?? { judged: new Set(), unknown: new Map() };
    this.#byJudge.set(judge, seen);
    if (this.#items.has(itemId)) seen.judged.add(itemId);
    else if (!seen.unknown.has(itemId)) seen.unknown.set(itemId, { file, line });
  }

  /** Judges whose ids are not exactly those of the items. */
  incomplete(): Coverage[] {
    return [...this.#byJudge]
      .map(([judge, { judged, unknown }]) => ({
        judge,
        nItems: this.#items.size,
        nJudged: judged.size,
        notJudged: firstOf(this.#items.keys(), (id) => !judged.has(id)),
        nUnknown: unknown.size,
        unknown: [...unknown].slice(0, MOST_NAMED).map(([itemId, place]) => ({ itemId, ...place })),
      }))
      .filter(({ nItems, nJudged, nUnknown }) => nJudged < nItems || nUnknown > 0);
  }
}

function firstOf(ids: Iterable<string>, isWanted: (id: string) => boolean): string[] {
  const found: string[] = [];
  for (const id of ids) {
    if (!isWanted(id)) continue;
    found.push(id);
    if (found.length === MOST_NAMED) break;
  }
  return found;
}
