// Highlights code, with the core of highlight.js and the three grammars that notebooks need; its output is escaped.
import { createRequire } from 'node:module';

/** Turns code into HTML; null for an unknown language. */
export type Highlight = (code: string, language: string) => string | null;

/** The part of the library that is used. Its own types would add those of a browser to the whole project. */
interface HighlightLibrary {
  registerLanguage(name: string, grammar: unknown): void;
  getLanguage(name: string): unknown;
  highlight(code: string, options: { language: string; ignoreIllegals: boolean }): { value: string };
}

/** A highlighter of TypeScript, JSON and shell commands. */
export function highlighter(): Highlight {
  const load = createRequire(import.meta.url);
  const library = load('highlight.js/lib/core') as HighlightLibrary;
  for (const language of ['typescript', 'json', 'bash']) {
    library.registerLanguage(language, load(`highlight.js/lib/languages/${language}`));
  }
  return (code, language) =>
    library.getLanguage(language) === undefined
      ? null
      : library.highlight(code, { language, ignoreIllegals: true }).value;
}
