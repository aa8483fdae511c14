// A report document as one self-contained HTML page.
import type { TopLevelSpec } from 'vega-lite';
import { drawableSpec } from '../../chart/drawable-spec.js';
import { svgOf } from '../../chart/svg.js';
import { chartsOf, type Block, type ReportDocument, type Section, type Span } from '../document.js';
import type { Table } from '../tables.js';
import { assessmentHtml } from './assessment-html.js';
import { figureHtml, type HrefOf } from './figure-html.js';
import { html, jsonForScript, trusted, type Html } from './html.js';
import { judgmentsHtml } from './judgments-html.js';
import { page } from './page.js';

/** What a page has where its reader has more than the page. */
export interface PageOptions {
  /** Makes figures links; absent: none is. */
  hrefOf?: HrefOf | undefined;
  /** Links above everything. */
  bar?: readonly { title: string; href: string }[];
}

/**
 * Renders a document. The page needs no network: an inline script draws its charts, and without scripts the same charts are shown as SVG.
 */
export async function documentToHtml(
  document: ReportDocument,
  { hrefOf, bar = [] }: PageOptions = {},
): Promise<string> {
  const drawings = new Map<string, string>();
  for (const { id, spec, still = spec } of chartsOf(document)) drawings.set(id, await svgOf(onPage(still)));
  const blocks = (each: readonly Block[]): Html[] =>
    each.map((block) => blockHtml(block, { drawings, hrefOf }));
  const { title, lead, sections } = document;
  const { opened = sections.slice(0, 1).map((section) => section.title) } = document;
  const anchored = withAnchors(sections);
  return page({
    title,
    hasCharts: drawings.size > 0,
    main: html`${bar.length > 0 ? barHtml(bar) : ''}
      <header>
        <h1>${title}</h1>
        ${blocks(lead)}
      </header>
      ${contents(anchored)}
      ${anchored.map(({ anchor, section }) =>
        // The anchor is inside what is folded, so that a link to it opens the section, in a browser without scripts too.
        foldable(
          html`<summary><h2>${section.title}</h2></summary>
            <div id="${anchor}">${blocks(section.blocks)}</div>`,
          opened.includes(section.title),
        ),
      )}`,
  });
}

function barHtml(links: NonNullable<PageOptions['bar']>): Html {
  return html`<nav class="bar" aria-label="Pages">
    ${links.map(({ title, href }) => html`<a href="${href}">${title}</a> `)}
  </nav>`;
}

/** Cells with more characters than this wrap. */
const WIDE_CELL = 40;

/** Charts have a transparent background. */
function onPage(spec: TopLevelSpec): TopLevelSpec {
  return { ...drawableSpec(spec), background: 'transparent' };
}

/** A table of figures; wide tables scroll horizontally. */
export function tableHtml({ header, rows, counted }: Table, caption: string, hrefOf?: HrefOf): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <thead>
        <tr>
          ${header.map((title) => html`<th scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first = '', ...others], row) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${others.map((cell, i) => {
                const shown = figureHtml(cell, counted?.[row]?.[i + 1], hrefOf);
                return cell.length > WIDE_CELL
                  ? html`<td class="wide">${shown}</td>`
                  : html`<td>${shown}</td>`;
              })}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function contents(sections: readonly AnchoredSection[]): Html {
  return html`<nav aria-label="Contents">
    <ol>
      ${sections.map(({ anchor, section }) => html`<li><a href="#${anchor}">${section.title}</a></li>`)}
    </ol>
  </nav>`;
}

function foldable(inside: Html, isOpen: boolean): Html {
  return isOpen
    ? html`<details class="section" open>${inside}</details>`
    : html`<details class="section">${inside}</details>`;
}

interface AnchoredSection {
  /** Unique in the document. */
  anchor: string;
  section: Section;
}

function withAnchors(sections: readonly Section[]): AnchoredSection[] {
  const taken = new Set<string>();
  return sections.map((section) => {
    const name = section.title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    // A title may have no letter of these, or those of another.
    let anchor = name === '' ? 'section' : name;
    while (taken.has(anchor)) anchor += '-2';
    taken.add(anchor);
    return { anchor, section };
  });
}

/** What blocks are rendered with. */
interface Rendering {
  /** By the id of the chart. */
  drawings: ReadonlyMap<string, string>;
  hrefOf: HrefOf | undefined;
}

function blockHtml(block: Block, rendering: Rendering): Html {
  const { drawings, hrefOf } = rendering;
  const inline = (spans: readonly Span[]): Html[] => spansHtml(spans, hrefOf);
  switch (block.kind) {
    case 'text':
      return html`<p>${inline(block.spans)}</p>`;
    case 'list': {
      const items = block.items.map((item) => html`<li>${inline(item)}</li>`);
      return block.ordered
        ? html`<ol start="0">
            ${items}
          </ol>`
        : html`<ul>
            ${items}
          </ul>`;
    }
    case 'facts':
      return html`<dl>
        ${block.facts.map(
          ({ term, fact }) =>
            html`<div>
              <dt>${term}</dt>
              <dd>${inline(fact)}</dd>
            </div>`,
        )}
      </dl>`;
    case 'table':
      return tableHtml(block.table, `Table: ${block.table.header.join(', ')}`, hrefOf);
    case 'chart': {
      const { id, alt, spec } = block.chart;
      return html`<figure class="chart" id="chart-${id}">
        <div class="drawing" role="img" aria-label="${alt}">
          <div aria-hidden="true">${trusted(drawings.get(id) ?? '')}</div>
        </div>
        <script type="application/json">
          ${jsonForScript(onPage(spec))}
        </script>
        <figcaption>${alt}</figcaption>
      </figure>`;
    }
    case 'code':
      return html`<pre tabindex="0"><code>${block.text}</code></pre>`;
    case 'judgments':
      return judgmentsHtml(block.samples, hrefOf);
    case 'assessment':
      return assessmentHtml(block.assessment);
    case 'folded':
      return html`<details>
        <summary>${block.summary}</summary>
        ${block.blocks.map((inner) => blockHtml(inner, rendering))}
      </details>`;
  }
}

function spansHtml(spans: readonly Span[], hrefOf: HrefOf | undefined): Html[] {
  return spans.map((span) => {
    if (typeof span === 'string') return html`${span}`;
    if ('figure' in span) return figureHtml(span.figure, span.counted, hrefOf);
    if ('strong' in span) return html`<strong>${figureHtml(span.strong, span.counted, hrefOf)}</strong>`;
    return 'em' in span ? html`<em>${span.em}</em>` : html`<code>${span.code}</code>`;
  });
}
