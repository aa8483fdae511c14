// Markdown as HTML, with markdown-it: it follows CommonMark, escapes HTML in the text and refuses links that run code, so its output
// needs no sanitising.
import { own } from '../../core/own.js';
import type { MimeBundle } from '../notebook-format.js';
import { escapeHtml } from '../../core/escape-html.js';
import { isDataPicture, pictureAddress, pictureElement } from './pictures.js';

/** Turns Markdown into HTML. `attachments` holds the pictures of the cell by name. */
export type RenderMarkdown = (markdown: string, attachments?: Readonly<Record<string, MimeBundle>>) => string;

/** What rendering knows of the cell. */
interface Environment {
  attachments?: Readonly<Record<string, MimeBundle>> | undefined;
}

/** @param highlight turns code of a language into HTML; null where it does not know the language */
export async function markdownRenderer(
  highlight: (code: string, language: string) => string | null,
): Promise<RenderMarkdown> {
  const { default: MarkdownIt } = await import('markdown-it');
  const renderer = new MarkdownIt({
    html: false,
    linkify: false,
    highlight: (code, language) => highlight(code, language) ?? '',
  });
  renderer.renderer.rules.link_open = (...[tokens, i, options, , self]) => {
    tokens[i]?.attrSet('rel', 'noopener noreferrer');
    return self.renderToken(tokens, i, options);
  };
  renderer.renderer.rules.image = (...[tokens, i, , env]) => {
    const token = tokens[i];
    const source = String(token?.attrGet('src') ?? '');
    const alt = token?.content ?? '';
    const address = isDataPicture(source) ? source : attached(source, env as Environment);
    // The page loads nothing: a picture from elsewhere becomes a link.
    if (address !== null) return pictureElement(address, { alt });
    return `<a href="${escapeHtml(source)}" rel="noopener noreferrer">${escapeHtml(alt || source)}</a>`;
  };
  return (markdown, attachments) => renderer.render(markdown, { attachments } satisfies Environment);
}

function attached(source: string, { attachments }: Environment): string | null {
  if (!source.startsWith('attachment:')) return null;
  const bundle = own(attachments ?? {}, decodeURIComponent(source.slice('attachment:'.length))) ?? {};
  for (const [mimeType, content] of Object.entries(bundle)) {
    const address = pictureAddress(mimeType, content);
    if (address !== null) return address;
  }
  return null;
}
