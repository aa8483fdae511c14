// A notebook as one page without scripts and external files, readable on a phone, in dark mode and on paper.
import type { Cell, Notebook } from '../notebook-format.js';
import { escapeHtml } from '../../core/escape-html.js';
import { highlighter, type Highlight } from './highlight.js';
import { markdownRenderer } from './markdown.js';
import { outputHtml, type OutputRenderers } from './output-html.js';
import { htmlSanitiser } from './sanitise.js';
import { PAGE_STYLE } from './page-style.js';

/** A second barrier: nothing may run or be loaded but the page's own style. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/**
 * Renders a notebook as a self-contained page. Its texts are not trusted: HTML in Markdown is escaped, displayed HTML is sanitised,
 * pictures (SVG too) are image elements, charts load nothing and no code is generated from them, terminal colours are removed, and the
 * page's content security policy forbids scripts and the network.
 * @param title of the page, for a notebook without a heading
 */
export async function renderNotebook(notebook: Notebook, { title }: { title: string }): Promise<string> {
  const highlight = highlighter();
  const renderers = { markdown: await markdownRenderer(highlight), sanitise: await htmlSanitiser() };
  const cells = await Promise.all(notebook.cells.map((cell) => cellHtml(cell, highlight, renderers)));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(headingOf(notebook) ?? title)}</title>
<style>
${PAGE_STYLE}</style>
</head>
<body>
<main>
${cells.filter((cell) => cell !== '').join('\n')}
</main>
</body>
</html>
`;
}

async function cellHtml(cell: Cell, highlight: Highlight, renderers: OutputRenderers): Promise<string> {
  if (cell.source.trim() === '') return '';
  switch (cell.cell_type) {
    case 'markdown':
      return `<section class="text">\n${renderers.markdown(cell.source, cell.attachments ?? {})}</section>`;
    case 'raw':
      return `<section class="raw"><pre>${escapeHtml(cell.source)}</pre></section>`;
    case 'code': {
      const code = highlight(cell.source, 'typescript') ?? escapeHtml(cell.source);
      const label = cell.execution_count === null ? '' : ` aria-label="cell ${cell.execution_count}"`;
      return [
        `<section class="code"${label}>`,
        `<pre class="source"><code>${code}</code></pre>`,
        ...(await Promise.all(cell.outputs.map((output) => outputHtml(output, renderers)))),
        '</section>',
      ].join('\n');
    }
  }
}

/** The first heading of the first level. */
function headingOf({ cells }: Notebook): string | null {
  for (const cell of cells) {
    const heading = cell.cell_type === 'markdown' ? /^# +(.+)$/m.exec(cell.source)?.[1] : undefined;
    if (heading !== undefined) return heading.replace(/[*_`]/g, '').trim();
  }
  return null;
}
