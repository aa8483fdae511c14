// HTML templates: inserted values are escaped as text, their control characters as signs, unless they are HTML already.
import { escapeHtml } from '../../core/escape-html.js';
import { visibleText } from '../../core/text.js';

/** A complete piece of HTML. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }

  toString(): string {
    return this.markup;
  }
}

/** A value in a template. */
export type HtmlValue = Html | string | number | readonly HtmlValue[];

/**
 * A piece of HTML. Inserted text is escaped for contents and for attributes in double quotes.
 *
 * @example
 * html`<p title="${'a "b"'}">${'<script>'}</p>` // <p title="a &quot;b&quot;">&lt;script&gt;</p>
 */
export function html(strings: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(
    strings.map((string, i) => string + (i < values.length ? markupOf(values[i] ?? '') : '')).join(''),
  );
}

/** Markup made by this program, such as the SVG of a chart. Never use it for external text. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

/**
 * JSON for a script element of type application/json: it cannot end the element.
 * @see https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
 */
export function jsonForScript(value: unknown): Html {
  return new Html(JSON.stringify(value).replace(/</g, '\\u003c'));
}

function markupOf(value: HtmlValue): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'string') return escapeHtml(visibleText(value));
  return typeof value === 'number' ? String(value) : value.map(markupOf).join('');
}
