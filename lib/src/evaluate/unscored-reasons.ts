// Why observations of an estimate have no score.
import type { Estimate } from '../schema/estimate.js';

/** An estimate with the reasons of what is unscored in it, if anything is. @param reasons one reason for all, or counts by reason */
export function because(estimate: Estimate, reasons: string | Readonly<Record<string, number>>): Estimate {
  const { unscored } = estimate;
  if (unscored === 0) return estimate;
  return {
    ...estimate,
    unscoredReasons: typeof reasons === 'string' ? { [reasons]: unscored } : { ...reasons },
  };
}
