// A figure of a page, as a link where its reader can look at what it counts.
import type { CountedJudgments } from '../../schema/judgment-filter.js';
import { html, type Html } from './html.js';

/** Where a reader finds the judgments that a figure counts. */
export type HrefOf = (counted: CountedJudgments) => string;

/** @param hrefOf absent: there is nothing to look at, so it is no link */
export function figureHtml(
  shown: string,
  counted: CountedJudgments | null | undefined,
  hrefOf: HrefOf | undefined,
): Html {
  if (!counted || !hrefOf) return html`${shown}`;
  return html`<a class="figure" href="${hrefOf(counted)}" title="${counted.inWords}">${shown}</a>`;
}
