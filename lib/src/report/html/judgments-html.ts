// Judgments side by side: the pair as the judge saw it, and the judges' texts. All text is escaped.
import type { Verdict } from '../../schema/verdict.js';
import type { CountedJudgments } from '../../schema/judgment-filter.js';
import { heldOut, type FiguresOf } from '../counted-judgments.js';
import { count, counted } from '../format.js';
import {
  asShown,
  type JudgmentOutcome,
  type JudgmentSamples,
  type ShownJudgment,
  type ShownPair,
} from '../judgment-samples.js';
import { figureHtml, type HrefOf } from './figure-html.js';
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
export function judgmentsHtml({ groups, of }: JudgmentSamples, hrefOf?: HrefOf): Html {
  return html`${groups.map(({ outcome, n, pairs }) => {
    const outcomes = { outcome: [outcome === 'unparsed' ? ('unscored' as const) : outcome] };
    const all = of && heldOut(of, outcomes, counted(n, 'judgment'));
    return html`<h3>
        ${TITLES[outcome]} <small>${count(pairs.length)} of ${figureHtml(count(n), all, hrefOf)}</small>
      </h3>
      ${pairs.map((pair) => pairHtml(pair, figureHtml(`pair ${pair.itemId}`, of && ofPair(of, pair), hrefOf)))}`;
  })}`;
}

/** By every judge, in both orders. */
function ofPair({ benchmark }: FiguresOf, { itemId }: ShownPair): CountedJudgments {
  const on = benchmark === undefined ? {} : { benchmark: [benchmark] };
  return {
    filter: { kind: 'held-out', subject: itemId, ...on },
    inWords: 'All held-out judgments of this pair',
  };
}

function pairHtml(pair: ShownPair, name: Html): Html {
  const { slice, errorKind, judgments } = pair;
  const { better, texts } = asShown(pair);
  return html`<article class="pair">
    <p class="about">
      ${slice === errorKind ? slice : `${slice}, ${errorKind}`}; the better response is ${better}; ${name}
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
