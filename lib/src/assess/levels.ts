// The level of a figure: how far it is from where it should be, and whether that can be told from chance.
import { byReason, unscored } from '../report/index.js';
import type { AssessmentCheck, Level } from '../schema/assessment.js';
import type { Estimate } from '../schema/estimate.js';

/** From here on amber and red. */
export interface Limit {
  amber: number;
  red: number;
}

const MOST_MISSING = 0.1;

/** What a level is of. Without counts: what is unscored may be no verdict that is missing, e.g. a tie. */
type Leveled = Pick<Estimate, 'value' | 'low' | 'high'> & Partial<Pick<Estimate, 'n' | 'unscored'>>;

/** What a check finds. */
export type FoundCheck = Omit<AssessmentCheck, 'accepted'>;

/**
 * The level of a difference that should be 0. Red: as large as `red`, and the nearer end of its interval is beyond a third of that. Amber: as
 * large as `amber`, and its interval is without 0. Unknown: not measured, or its interval reaches to twice `red`, so that too few pairs say
 * nothing; or more than a tenth of it is unscored. Otherwise green.
 */
export function levelOf(of: Leveled, { amber, red }: Limit): Level {
  const { value, low, high } = of;
  if (value === null || low === null || high === null) return 'unknown';
  const size = Math.abs(value);
  const [near, far] = value >= 0 ? [low, high] : [-high, -low];
  if (size >= red && near > red / 3) return 'red';
  if (size >= amber && near > 0) return 'amber';
  return isHollow(of) || Math.max(far, -near) >= 2 * red ? 'unknown' : 'green';
}

/** The same of a figure that should be 0.5: its distance from there, doubled, so that it reaches from -1 to 1. */
export function aroundHalf({
  value,
  low,
  high,
}: Pick<Estimate, 'value' | 'low' | 'high'>): Pick<Estimate, 'value' | 'low' | 'high'> {
  const doubled = (share: number | null): number | null => (share === null ? null : 2 * (share - 0.5));
  return { value: doubled(value), low: doubled(low), high: doubled(high) };
}

/** Whether more than a tenth of it is unscored, so that the rest cannot say that nothing is wrong. */
export function isHollow({
  n = 0,
  unscored: nUnscored = 0,
}: Partial<Pick<Estimate, 'n' | 'unscored'>>): boolean {
  return nUnscored > MOST_MISSING * (n + nUnscored);
}

/** What of a figure is missing, to follow its n; empty where nothing is. @param nDropped what could not be asked at all, by reason */
export function missing(
  of: Pick<Estimate, 'unscored' | 'unscoredReasons'>,
  nDropped: Readonly<Record<string, number>> = {},
): string {
  const lost = byReason(nDropped);
  return of.unscored === 0 ? '' : ` (unscored ${unscored(of)}${lost === '' ? '' : `; lost: ${lost}`})`;
}

/** A level that is at most amber. */
export function atMostAmber(level: Level): Level {
  return level === 'red' ? 'amber' : level;
}
