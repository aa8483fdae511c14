// A judgment token by token, with the probability of each token.
import type { TopLevelSpec } from 'vega-lite';
import { checkNumber, LOG_PROBABILITY } from '../core/statistics/checks.js';
import { withoutControls } from '../core/text.js';
import type { TokenLogprobs } from '../schema/chat.js';
import { CHART_BASE } from './chart-style.js';

/** The writer, and the tokens with their log-probabilities. */
export interface WrittenTokens {
  label: string;
  tokens: readonly TokenLogprobs[];
}

/** Widest token in characters; longer tokens are cut. */
const WIDEST = 9;

/**
 * The specification: one row per text, one cell per token, darker for higher probability.
 * @throws RangeError for a log-probability that is above 0 or not a number
 * @example await showChart(tokenChartSpec([{ label: 'seed', tokens }], { title: 'A judgment' }));
 */
export function tokenChartSpec(texts: readonly WrittenTokens[], { title }: { title: string }): TopLevelSpec {
  const cells = texts.flatMap(({ label, tokens }) =>
    tokens.map(({ text, logprob }, i) => {
      checkNumber(logprob, `tokenChartSpec(tokens[${i}].logprob)`, LOG_PROBABILITY);
      return {
        written: withoutControls(label),
        place: i + 1,
        token: withoutControls(text).trim().slice(0, WIDEST),
        probability: Math.exp(logprob),
      };
    }),
  );
  const nPlaces = Math.max(1, ...cells.map(({ place }) => place));
  const x = {
    field: 'place',
    type: 'ordinal' as const,
    axis: { title: 'token', labelAngle: 0, ticks: false, domain: false },
  };
  const y = {
    field: 'written',
    type: 'nominal' as const,
    sort: texts.map(({ label }) => withoutControls(label)),
    axis: { title: null, ticks: false, domain: false },
  };
  return {
    ...CHART_BASE,
    title: { text: title, subtitle: 'darker: more probable token', anchor: 'start' },
    width: Math.min(560, 52 * nPlaces),
    height: { step: 52 },
    data: { values: cells },
    encoding: { x, y },
    layer: [
      {
        mark: { type: 'rect', stroke: 'white', strokeWidth: 2 },
        encoding: {
          color: {
            field: 'probability',
            type: 'quantitative',
            scale: { domain: [0, 1], range: ['#F2F5F8', '#0072B2'] },
            legend: null,
          },
          tooltip: [
            { field: 'written', type: 'nominal' },
            { field: 'token', type: 'nominal' },
            { field: 'probability', type: 'quantitative', format: '.1%' },
          ],
        },
      },
      { mark: { type: 'text', dy: -7, fontSize: 13, fontWeight: 'bold' }, encoding: inkFor('token') },
      {
        mark: { type: 'text', dy: 10, fontSize: 11 },
        encoding: inkFor('probability', { type: 'quantitative', format: '.0%' }),
      },
    ],
  };
}

/** Text in a colour that is readable on its cell. */
function inkFor(field: string, how: object = { type: 'nominal' }) {
  return {
    text: { field, ...how },
    color: { condition: { test: 'datum.probability > 0.6', value: 'white' }, value: '#222' },
  };
}
