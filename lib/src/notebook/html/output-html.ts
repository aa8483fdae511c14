// The outputs of a cell as HTML without scripts.
import { stripVTControlCharacters } from 'node:util';
import type { TopLevelSpec } from 'vega-lite';
import { pageSvgOf, SVG_MIME_TYPE, VEGA_LITE_MIME_TYPE } from '../../chart/index.js';
import { escapeHtml } from '../../core/escape-html.js';
import type { DisplayOutput, Output } from '../notebook-format.js';
import type { RenderMarkdown } from './markdown.js';
import { pictureAddress, pictureElement } from './pictures.js';

const PICTURES = ['image/svg+xml', 'image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** Control characters, except line feeds and tabs, and characters that change the direction of text. */
const CONTROLS = /[^\P{Cc}\n\t]|\p{Bidi_Control}/gu;

/** Turns rich outputs into HTML. */
export interface OutputRenderers {
  markdown: RenderMarkdown;
  sanitise: (html: string) => string;
}

/** The HTML of one output. */
export async function outputHtml(output: Output, renderers: OutputRenderers): Promise<string> {
  switch (output.output_type) {
    case 'stream':
      return `<pre class="${output.name}">${plain(output.text)}</pre>`;
    case 'error': {
      const lines = output.traceback.length > 0 ? output.traceback : [`${output.ename}: ${output.evalue}`];
      return `<pre class="error">${plain(lines.join('\n'))}</pre>`;
    }
    case 'display_data':
    case 'execute_result':
      return await bundleHtml(output, renderers);
  }
}

/** The richest of the types that a page without scripts can show. */
async function bundleHtml(
  { data: bundle, metadata }: Pick<DisplayOutput, 'data' | 'metadata'>,
  { markdown, sanitise }: OutputRenderers,
): Promise<string> {
  const html = bundle['text/html'];
  if (typeof html === 'string') return `<div class="rich">${sanitise(html)}</div>`;
  const text = typeof bundle['text/plain'] === 'string' ? bundle['text/plain'] : '';
  const alt = text.replace(/^\[chart: (.*)\]$/s, '$1') || 'picture';
  const drawing = await drawingOf({ data: bundle, metadata });
  if (drawing !== null) return pictureHtml('image/svg+xml', drawing.svg, { alt, size: drawing }) ?? '';
  for (const mimeType of PICTURES) {
    const picture = pictureHtml(mimeType, bundle[mimeType], { alt, size: metadata[mimeType] });
    if (picture !== null) return picture;
  }
  const source = bundle['text/markdown'];
  if (typeof source === 'string') return `<div class="rich">${markdown(source)}</div>`;
  if (text !== '') return `<pre class="stdout">${plain(text)}</pre>`;
  return `<p class="note">not shown here: ${escapeHtml(Object.keys(bundle).join(', '))}</p>`;
}

/** The drawing of a chart or diagram; null where there is none, or where it cannot be drawn without loading anything. */
async function drawingOf({
  data,
  metadata,
}: Pick<DisplayOutput, 'data' | 'metadata'>): Promise<{ svg: string } | null> {
  const svg = data[SVG_MIME_TYPE];
  if (typeof svg === 'string') return { svg };
  const { still = data[VEGA_LITE_MIME_TYPE] } = (metadata[VEGA_LITE_MIME_TYPE] ?? {}) as { still?: unknown };
  if (typeof still !== 'object' || still === null) return null;
  return pageSvgOf(still as TopLevelSpec).catch(() => null);
}

/** A picture of a known kind; null for other content. On dark pages it stands on white unless it follows the reader's choice itself. */
function pictureHtml(
  mimeType: string,
  content: unknown,
  { alt, size }: { alt: string; size: unknown },
): string | null {
  const address = pictureAddress(mimeType, content);
  if (address === null) return null;
  const isDark = typeof content === 'string' && content.includes('prefers-color-scheme');
  const known = typeof size === 'object' && size !== null ? { size } : {};
  return `<div class="picture${isDark ? ' drawn' : ''}">${pictureElement(address, { alt, ...known })}</div>`;
}

/** Text without colours and other terminal commands. */
function plain(text: string): string {
  return escapeHtml(stripVTControlCharacters(text).replace(CONTROLS, ''));
}
