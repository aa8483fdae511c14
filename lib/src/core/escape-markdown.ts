// Text as Markdown.
import { withoutControls } from './text.js';

/** Signs of markup, HTML, links and cells of tables; an underscore inside a word is none. */
const MARKUP = /[\\`*<>[\]|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=[#\w]+;)|:(?=\/\/)/gu;
/** Signs that make a heading or a list at the start of a line. */
const AT_START = /^(?:#|[-+](?= ))/;

/** The text as plain text of one line, without markup, HTML or links (CommonMark 0.31, 2.4 Backslash escapes). */
export function escapeMarkdown(text: string): string {
  const line = withoutControls(text).replace(/\s+/g, ' ').trim();
  return line
    .replace(MARKUP, (sign) => `\\${sign}`)
    .replace(AT_START, (sign) => `\\${sign}`)
    .replace(/^(\d+)([.)] )/, '$1\\$2');
}
