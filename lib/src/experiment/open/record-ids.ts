// Ids derived from content, so that the same record has the same id in every run.
import { contentHash } from '../../core/hash.js';

/** The id of a benchmark item. */
export function itemIdOf(instruction: string, winner: string, loser: string): string {
  return `item-${contentHash([instruction, winner, loser]).slice(0, 16)}`;
}
