// Judgments side by side: the pair as the judge saw it, and the judges' texts. All text is escaped.
import type { Verdict } from '../../schema/verdict.js';
import { count } from '../format.js';
import {
  asShown,
  type JudgmentOutcome,
  type JudgmentSamples,
  type ShownJudgment,
  type ShownPair,
} from '../judgment-samples.js';
import { html, type Html } from './html.js';

/** Longest text that is shown, in characters, to bound the size of reports. */
const LONGEST_TEXT = 6000;

const TITLES: Readonly<Record<JudgmentOutcome, string>> = {
  right: 'Right',
  wrong: 'Wrong',
  tie: 'Ties',
  unparsed: 'Without a verdict',
};

/** The samples, one group per outcome. */
export function judgmentsHtml({ groups }: JudgmentSamples): Html {
  return html`${groups.map(
    ({ outcome, n, pairs }) =>
      html`<h3>${TITLES[outcome]} <small>${count(pairs.length)} of ${count(n)}</small></h3>
        ${pairs.map(pairHtml)}`,
  )}`;
}

function pairHtml(pair: ShownPair): Html {
  const { slice, errorKind, judgments } = pair;
  const { better, texts } = asShown(pair);
  return html`<article class="pair">
    <p class="about">
      ${slice === errorKind ? slice : `${slice}, ${errorKind}`}; the better response is ${better}
    </p>
    ${texts ? field('Instruction', texts.instruction) : ''}
    ${
      texts
        ? html`<div class="columns">
            ${field('A', texts.a, better === 'A')} ${field('B', texts.b, better === 'B')}
          </div>`
        : html`<p class="about">The texts of this pair are not available.</p>`
    }
    <div class="columns">${judgments.map(judgmentHtml)}</div>
  </article>`;
}

function judgmentHtml({ judge, text, verdict, outcome }: ShownJudgment): Html {
  return html`<div class="judgment ${outcome}">
    <h4>${judge} <span class="verdict">${verdictInWords(verdict)}: ${outcome}</span></h4>
    <pre tabindex="0">${shortened(text)}</pre>
  </div>`;
}

function field(name: string, text: string, isBetter = false): Html {
  return html`<div class="${isBetter ? 'field better' : 'field'}">
    <h4>${name}${isBetter ? ' (better)' : ''}</h4>
    <pre tabindex="0">${text === '' ? '(empty)' : shortened(text)}</pre>
  </div>`;
}

function verdictInWords(verdict: Verdict): string {
  return verdict.kind === 'unparsed' ? `no verdict (${verdict.reason})` : `says ${verdict.kind}`;
}

function shortened(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  return `${text.slice(0, LONGEST_TEXT)}… (${count(text.length - LONGEST_TEXT)} more characters)`;
}
