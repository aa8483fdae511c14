// HTML that a cell displayed, reduced to what can neither run nor reach out. sanitize-html keeps a list of what is allowed, so that
// what it does not know is left out; the page's content security policy stands behind it.
import type { IOptions } from 'sanitize-html';
import { isDataPicture } from './pictures.js';

const OPTIONS: IOptions = {
  allowedTags: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'span', 'br', 'hr', 'blockquote', 'pre', 'code'],
    ...[
      'ul',
      'ol',
      'li',
      'dl',
      'dt',
      'dd',
      'b',
      'strong',
      'i',
      'em',
      's',
      'sub',
      'sup',
      'small',
      'mark',
      'kbd',
    ],
    ...['table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'colgroup', 'col'],
    ...['details', 'summary', 'figure', 'figcaption', 'progress', 'a', 'img'],
  ],
  allowedAttributes: {
    '*': ['title'],
    a: ['href', 'rel'],
    img: ['src', 'alt', 'width', 'height'],
    th: ['style', 'colspan', 'rowspan', 'scope'],
    td: ['style', 'colspan', 'rowspan'],
    progress: ['max', 'value'],
  },
  allowedStyles: { '*': { 'text-align': [/^(?:left|right|center)$/], 'white-space': [/^nowrap$/] } },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowedSchemesByTag: { img: ['data'] },
  allowProtocolRelative: false,
  transformTags: {
    a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, rel: 'noopener noreferrer' } }),
  },
  exclusiveFilter: ({ tag, attribs }) => tag === 'img' && !isDataPicture(attribs.src ?? ''),
};

/** A function that makes HTML harmless. */
export async function htmlSanitiser(): Promise<(html: string) => string> {
  const { default: sanitize } = await import('sanitize-html');
  return (html) => sanitize(html, OPTIONS);
}
