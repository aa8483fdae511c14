// Removes from displayed HTML whatever could run code or load files. sanitize-html keeps a list of what is allowed; the page's content
// security policy is a second barrier.
import type { IOptions } from 'sanitize-html';
import { isDataPicture } from './pictures.js';

const OPTIONS: IOptions = {
  allowedTags:
    `h1 h2 h3 h4 h5 h6 p div span br hr blockquote pre code ul ol li dl dt dd b strong i em s sub sup small mark kbd
    table caption thead tbody tfoot tr th td colgroup col details summary figure figcaption progress a img`.split(
      /\s+/,
    ),
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

/** A function that removes from HTML all that is not allowed. */
export async function htmlSanitiser(): Promise<(html: string) => string> {
  const { default: sanitize } = await import('sanitize-html');
  return (html) => sanitize(html, OPTIONS);
}
