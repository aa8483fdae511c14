// The first lines of a report: inputs that were lost to servers, or because they are longer than the model's window.
import { lostToLength } from '../schema/drop.js';
import type { IterationManifest } from '../schema/manifest.js';
import { count } from './format.js';
import { text, type Block } from './document.js';

/** A paragraph for each stage of an iteration that lost any. */
export function lossesIn(iteration: IterationManifest): Block[] {
  return [...lostToServers(iteration), ...tooLong(iteration)];
}

/** Inputs that servers lost and that were accepted as lost. */
function lostToServers({ iteration, stages }: IterationManifest): Block[] {
  return stages.flatMap(({ stage, nInput, lostToServers = {} }) => {
    const reasons = Object.entries(lostToServers);
    if (reasons.length === 0) return [];
    const nLost = reasons.reduce((sum, [, n]) => sum + n, 0);
    const causes = reasons.map(([reason, n]) => `${reason} ${count(n)}`).join(', ');
    return [
      text`${{ strong: `Lost to servers: ${count(nLost)} of ${count(nInput)} inputs` }} of the stage ${stage} of iteration ${iteration} (${causes}).
        They are missing in the figures, whatever they would have been.`,
    ];
  });
}

/** Inputs that are too long. */
function tooLong({ iteration, stages }: IterationManifest): Block[] {
  return stages.flatMap((record) => {
    const lost = lostToLength(record);
    return lost === null
      ? []
      : [text`${{ strong: `${lost}.` }} Stage ${record.stage} of iteration ${iteration}.`];
  });
}
