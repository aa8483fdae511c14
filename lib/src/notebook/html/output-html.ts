// The outputs of a cell as HTML without scripts.
import { stripVTControlCharacters } from 'node:util';
import type { MimeBundle, Output } from '../notebook-format.js';
import { escapeHtml } from '../../core/escape-html.js';
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
export function outputHtml(output: Output, renderers: OutputRenderers): string {
  switch (output.output_type) {
    case 'stream':
      return `<pre class="${output.name}">${plain(output.text)}</pre>`;
    case 'error': {
      const lines = output.traceback.length > 0 ? output.traceback : [`${output.ename}: ${output.evalue}`];
      return `<pre class="error">${plain(lines.join('\n'))}</pre>`;
    }
    case 'display_data':
    case 'execute_result':
      return bundleHtml(output.data, output.metadata, renderers);
  }
}

/** The richest of the types that a page without scripts can show. */
function bundleHtml(
  bundle: MimeBundle,
  metadata: Readonly<Record<string, unknown>>,
  { markdown, sanitise }: OutputRenderers,
): string {
  const html = bundle['text/html'];
  if (typeof html === 'string') return `<div class="rich">${sanitise(html)}</div>`;
  const text = typeof bundle['text/plain'] === 'string' ? bundle['text/plain'] : '';
  for (const mimeType of PICTURES) {
    const address = pictureAddress(mimeType, bundle[mimeType]);
    if (address === null) continue;
    const size = metadata[mimeType];
    const alt = text.replace(/^\[chart: (.*)\]$/s, '$1') || 'picture';
    return `<div class="picture">${pictureElement(address, {
      alt,
      ...(typeof size === 'object' && size !== null ? { size } : {}),
    })}</div>`;
  }
  const source = bundle['text/markdown'];
  if (typeof source === 'string') return `<div class="rich">${markdown(source)}</div>`;
  if (text !== '') return `<pre class="stdout">${plain(text)}</pre>`;
  return `<p class="note">not shown here: ${escapeHtml(Object.keys(bundle).join(', '))}</p>`;
}

/** Text without colours and other terminal commands. */
function plain(text: string): string {
  return escapeHtml(stripVTControlCharacters(text).replace(CONTROLS, ''));
}
