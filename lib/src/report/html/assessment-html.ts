// Whether a judge can be trusted, as a box of a page.
import type { Assessment, AssessmentCheck } from '../../schema/assessment.js';
import {
  acceptedInWords,
  ASSESSMENT_TITLE,
  assessmentAnswer,
  assessmentParts,
  levelWord,
} from '../assessment-box.js';
import { html, type Html } from './html.js';

/** The whole box. */
export function assessmentHtml(assessment: Assessment): Html {
  const { telling, rest } = assessmentParts(assessment);
  return html`<section class="assessment ${assessment.level}" aria-label="${ASSESSMENT_TITLE}">
    <p class="answer"><strong>${ASSESSMENT_TITLE}</strong> ${assessmentAnswer(assessment)}</p>
    ${
      telling.length === 0
        ? ''
        : html`<ul>
            ${telling.map(checkHtml)}
          </ul>`
    }
    ${rest.map((sentence) => html`<p class="about">${sentence}</p>`)}
  </section>`;
}

function checkHtml(check: AssessmentCheck): Html {
  const accepted = acceptedInWords(check);
  return html`<li class="${check.level}">
    <strong>${levelWord(check.level)} ${check.id}</strong>: ${check.found}
    ${accepted === null ? '' : html`<br />${accepted}`}
    ${check.remedy === null ? '' : html`<br /><small>What to do: ${check.remedy}</small>`}
  </li>`;
}

/** One line, for a card. */
export function assessmentBadge(assessment: Assessment): Html {
  const [worst] = assessmentParts(assessment).telling;
  return html`<p class="badge ${assessment.level}">
    <strong>${levelWord(assessment.level)}</strong>${worst ? html`: ${worst.found}` : ''}
  </p>`;
}
