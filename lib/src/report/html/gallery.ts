// The gallery of a results folder: for each experiment its matrices and a card for each run, newest first.
import type { IterationMetrics } from '../../schema/evaluation.js';
import { count, counted, percentWithInterval, pointsWithInterval, toMinute } from '../format.js';
import type { MatrixReport } from '../../schema/matrix.js';
import { matrixTable } from '../matrix-table.js';
import type { Assessment } from '../../schema/assessment.js';
import { assessmentBadge } from './assessment-html.js';
import { tableHtml } from './document-page.js';
import { html, type Html } from './html.js';
import { page } from './page.js';

/** A run in the gallery. */
export interface GalleryCard {
  experiment: string;
  /** Unique within its experiment. */
  name: string;
  description: string;
  iterations: readonly IterationMetrics[];
  /** Of its last judge. */
  assessment: Assessment;
  /** ISO 8601; null: not finished. */
  finishedAt: string | null;
  /** Its existing files, relative to the gallery. */
  links: readonly { title: string; href: string }[];
}

/** A matrix in the gallery. */
export interface GalleryMatrix {
  report: MatrixReport;
  links: GalleryCard['links'];
}

/** The contents of a results folder. */
export interface GalleryParts {
  cards: readonly GalleryCard[];
  matrices: readonly GalleryMatrix[];
  /** Folders that look like runs but cannot be read, with the reason. */
  unreadable: readonly { folder: string; reason: string }[];
}

/** The gallery as a page without scripts. */
export function galleryHtml({ cards, matrices, unreadable }: GalleryParts): string {
  const byExperiment = groupsOf(cards);
  return page({
    title: 'Results',
    hasCharts: false,
    main: html`<h1>Results</h1>
      <p>${counted(cards.length, 'run')} of ${counted(byExperiment.size, 'experiment')}.</p>
      ${[...byExperiment].map(
        ([experiment, ofExperiment]) =>
          html`<section>
            <h2>${experiment}</h2>
            ${ofExperiment[0]?.description ? html`<p>${ofExperiment[0].description}</p>` : ''}
            ${experimentHtml(
              ofExperiment,
              matrices.filter(({ report }) => report.experiment === experiment),
            )}
          </section>`,
      )}
      ${
        unreadable.length === 0
          ? ''
          : html`<section>
              <h2>Left out</h2>
              <ul>
                ${unreadable.map(({ folder, reason }) => html`<li><code>${folder}</code>: ${reason}</li>`)}
              </ul>
            </section>`
      }`,
  });
}

/** Matrices are shown in place of their single runs. */
function experimentHtml(cards: readonly GalleryCard[], matrices: readonly GalleryMatrix[]): Html {
  const runs = html`<ul class="cards">
    ${cards.map(cardHtml)}
  </ul>`;
  if (matrices.length === 0) return runs;
  return html`${matrices.map(matrixHtml)}
    <details>
      <summary>${counted(cards.length, 'run')}</summary>
      ${runs}
    </details>`;
}

function matrixHtml({ report, links }: GalleryMatrix): Html {
  const { matrixId, arms, seeds } = report;
  return html`<h3>
      ${matrixId} <small>${counted(arms.length, 'arm')} by ${counted(seeds.length, 'seed')}</small>
    </h3>
    ${tableHtml(matrixTable(report), `Arms of ${matrixId}`)}
    <p>${linksHtml(links)}</p>`;
}

function linksHtml(links: GalleryCard['links']): Html[] {
  return links.map(({ title, href }) => html`<a href="${href}">${title}</a> `);
}

function groupsOf(cards: readonly GalleryCard[]): Map<string, GalleryCard[]> {
  const groups = new Map<string, GalleryCard[]>();
  for (const card of cards) groups.set(card.experiment, [...(groups.get(card.experiment) ?? []), card]);
  return groups;
}

function cardHtml({ name, iterations, assessment, finishedAt, links }: GalleryCard): Html {
  const last = iterations.at(-1);
  return html`<li>
    <h3>${name}</h3>
    ${assessmentBadge(assessment)}
    ${last ? html`<p class="figure">${percentWithInterval(last.metrics.accuracy)} %</p>` : ''}
    ${sparkline(iterations)}
    <p>
      ${last?.benchmark === undefined ? '' : `${last.benchmark}: `}${last?.againstSeed ? `${pointsWithInterval(last.againstSeed)} points against its seed, n = ${count(last.againstSeed.n)}` : finishedAt === null ? 'no iteration finished' : 'seed model, not trained'};
      ${finishedAt === null ? 'not finished' : `finished ${toMinute(finishedAt)} UTC`}
    </p>
    <p>${linksHtml(links)}</p>
  </li>`;
}

/** The curve of the accuracy, from 50 to 100 percent unless it falls below. */
function sparkline(iterations: readonly IterationMetrics[]): Html {
  const values = iterations.flatMap(({ metrics }) => metrics.accuracy.value ?? []);
  if (values.length < 2) return html``;
  const lowest = Math.min(0.5, ...values);
  const points = values.map(
    (value, i) =>
      `${((100 * i) / (values.length - 1)).toFixed(1)},${(30 - (28 * (value - lowest)) / (1 - lowest)).toFixed(1)}`,
  );
  return html`<svg viewBox="-2 0 104 32" preserveAspectRatio="none" aria-hidden="true">
    <polyline
      points="${points.join(' ')}"
      fill="none"
      stroke="var(--link)"
      stroke-width="2"
      vector-effect="non-scaling-stroke"
    />
  </svg>`;
}
