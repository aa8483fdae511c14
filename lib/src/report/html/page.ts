// The frame of a page: its styles, and a content security policy that allows only the page's own script and no requests.
import { html, trusted, type Html } from './html.js';
import { inlineScript, policySource } from './inline-script.js';
import { STYLES } from './styles.js';

/** The content of a page. */
export interface PageParts {
  title: string;
  main: Html;
  /** Whether to include the script that draws charts. */
  hasCharts: boolean;
}

/**
 * A whole page in one file.
 * @throws DataError where the chart script has not been built
 */
export function page({ title, main, hasCharts }: PageParts): string {
  const script = hasCharts ? inlineScript('charts.js') : '';
  // Only a script with this hash runs, so text on the page cannot run even if it were not escaped.
  const scriptSource = hasCharts ? policySource(script) : "'none'";
  const policy = `default-src 'none'; script-src ${scriptSource}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <style>
          ${trusted(STYLES)}
        </style>
      </head>
      <body>
        <main>${main}</main>
        ${hasCharts ? scriptElement(script) : ''}
      </body>
    </html> `.markup;
}

/** Not a template, since the hash covers every character between the tags. */
function scriptElement(script: string): Html {
  return trusted(`<script>${script}</script>`);
}
