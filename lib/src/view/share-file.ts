// A view as one file that asks no network: the page itself, and what it had been told.
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { browserFile } from '../core/browser-file.js';
import { inlineScript, jsonForScript, policySource, STYLES } from '../report/index.js';
import type { SharedView } from './view-records.js';

/** The largest file, in bytes. */
export const MOST_BYTES = 5_000_000;

/** Keys of what models and people said, and of what is filtered by: shown as it is. All else may name files of this machine. */
const VERBATIM = new Set([
  ...['instruction', 'responses', 'thinking', 'judgment', 'prompt', 'reasoning', 'note'],
  ...['subject', 'slice', 'errorKind', 'facets'],
]);

/**
 * A value without what is only of this machine: the words of `secrets`, and absolute paths, of which the last name stays.
 * @param secrets folders and other words, as they are written
 */
export function withoutPlaces(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') {
    const shown = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), value);
    return shown.replace(/(?<![\w.:/\\-])(?:[A-Za-z]:|…)?(?:[\\/][^\s\\/:,;'"()<>|]+)+(?=[\\/])[\\/]/g, '…/');
  }
  if (Array.isArray(value)) return value.map((each) => withoutPlaces(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      VERBATIM.has(key) ? each : withoutPlaces(each, secrets),
    ]),
  );
}

/** The folders that error messages mostly name, longest first. */
export function foldersOf(resultsFolder: string): string[] {
  const folders = [resolve(resultsFolder), dirname(resolve(resultsFolder)), process.cwd(), homedir()];
  return folders.filter((each) => each.length > 1).sort((a, b) => b.length - a.length);
}

/** What room there is in a file for answers and judgments. @param most bytes of the whole file */
export function roomIn(most: number): { takes: (value: unknown) => boolean } {
  // What is known at the end only, the counts and the place, is short.
  let left = most - Buffer.byteLength(fileOf('')) - 30_000;
  return {
    takes(value) {
      const size = sizeOf(value);
      if (size > left) return false;
      left -= size;
      return true;
    },
  };
}

/** The file. @throws DataError where the page has not been built */
export function shareFile(view: SharedView): string {
  return fileOf(jsonForScript(view).markup);
}

/** Bytes in the file, with a comma. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(jsonForScript(value).markup) + 1;
}

/** Not a template with line ends of its own: the hashes cover every character between the tags. */
function fileOf(json: string): string {
  const script = inlineScript('view.js');
  const styles = `${STYLES}${browserFile('view.css')}`;
  const policy = `default-src 'none'; script-src ${policySource(script)}; style-src ${policySource(styles)}; img-src data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Autodidact: a shared view</title>
<link rel="icon" href="data:,">
<style>${styles}</style>
</head>
<body><div id="app"><main><h1>Autodidact</h1><p>This file is shown by its own script.</p></main></div>
<script type="application/json" id="shared">${json}</script>
<script>${script}</script></body>
</html>
`;
}
