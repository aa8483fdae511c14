// The tables of votes on pairs of systems.
import type { RaterAgreement, Rating, WinRate } from '../schema/pair-votes.js';
import { count, NO_VALUE, percent, percentWithInterval, unscored } from './format.js';
import { makeTable, type Table } from './tables.js';

/** Win rates by raters and pair of systems. */
export function winRateTable(rates: readonly WinRate[]): Table {
  return makeTable(rates, [
    ['raters', ({ raters }) => raters],
    ['system', ({ system }) => system],
    ['against', ({ opponent }) => opponent],
    ['win rate % [95%]', ({ winRate }) => percentWithInterval(winRate)],
    [
      'standard error',
      ({ standardError }) => (standardError === null ? NO_VALUE : (100 * standardError).toFixed(2)),
    ],
    ['discrete %', ({ discreteWinRate }) => percent(discreteWinRate.value)],
    ...(rates.some(({ weightedWinRate }) => weightedWinRate) ? [WEIGHTED] : []),
    ['n', ({ winRate }) => count(winRate.n)],
    ['unscored', ({ winRate }) => unscored(winRate)],
  ]);
}

const WEIGHTED: readonly [string, (rate: WinRate) => string] = [
  'as Arena-Hard weighs % [95%]',
  ({ weightedWinRate }) => (weightedWinRate ? percentWithInterval(weightedWinRate) : NO_VALUE),
];

/** Bradley-Terry ratings by raters, the best first. */
export function ratingTable(ratings: readonly Rating[]): Table {
  const whole = (value: number | null): string => (value === null ? NO_VALUE : value.toFixed(0));
  return makeTable(ratings, [
    ['raters', ({ raters }) => raters],
    ['system', ({ system }) => system],
    [
      'rating [95%]',
      ({ rating: { value, low, high } }) =>
        low === null ? whole(value) : `${whole(value)} [${whole(low)}, ${whole(high)}]`,
    ],
    ['n', ({ rating }) => count(rating.n)],
    ['unscored', ({ rating }) => unscored(rating)],
  ]);
}

function withAndWithout(withTies: number | null, without: number | null): string {
  const [a, b] = [withTies, without].map((value) => value?.toFixed(3) ?? NO_VALUE);
  return a === b ? `${a}` : `${a} (${b})`;
}

/** Agreement of raters, with ties and without. */
export function raterAgreementTable(agreements: readonly RaterAgreement[]): Table {
  return makeTable(agreements, [
    ['raters', ({ raters }) => raters],
    ['with', ({ raters, others }) => (raters === others ? 'each other' : others)],
    ['subset', ({ subset }) => subset],
    ['equal % [95%]', ({ agreement }) => percentWithInterval(agreement)],
    ['n', ({ agreement }) => count(agreement.n)],
    ['without ties % [95%]', ({ withoutTies }) => percentWithInterval(withoutTies)],
    ['n without', ({ withoutTies }) => count(withoutTies.n)],
    ['kappa (without ties)', ({ kappa, kappaWithoutTies }) => withAndWithout(kappa, kappaWithoutTies)],
    ['alpha (without ties)', ({ alpha, alphaWithoutTies }) => withAndWithout(alpha, alphaWithoutTies)],
  ]);
}
