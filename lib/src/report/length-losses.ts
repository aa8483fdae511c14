// The first lines of a report about inputs that were lost because they are longer than the model's window.
import { lostToLength } from '../schema/drop.js';
import type { IterationManifest } from '../schema/manifest.js';
import { text, type Block } from './document.js';

/** A paragraph for each stage of an iteration that lost any. */
export function lengthLossesIn({ iteration, stages }: IterationManifest): Block[] {
  return stages.flatMap((record) => {
    const lost = lostToLength(record);
    return lost === null
      ? []
      : [text`${{ strong: `${lost}.` }} Stage ${record.stage} of iteration ${iteration}.`];
  });
}
