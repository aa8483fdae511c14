// The first lines of a report: inputs that were lost to servers, or because they are longer than the model's window.
import { lostToLength, lostToServers } from '../schema/drop.js';
import { stageName, type IterationManifest } from '../schema/manifest.js';
import { text, type Block } from './document.js';

/** A paragraph for each stage of an iteration that lost any, and each cause. */
export function lossesIn({ iteration, stages }: IterationManifest): Block[] {
  return stages.flatMap((record) =>
    [lostToServers(record), lostToLength(record)].flatMap((lost) =>
      lost === null
        ? []
        : [text`${{ strong: `${lost}.` }} Stage ${stageName(record)} of iteration ${iteration}.`],
    ),
  );
}
