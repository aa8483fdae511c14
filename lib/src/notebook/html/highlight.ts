// Code in colours, by highlight.js' core and the three grammars that notebooks need; it escapes what it is given.
import { createRequire } from 'node:module';

/** Turns code into HTML; null when the language is none of those known. */
export type Highlight = (code: string, language: string) => string | null;

/** What is used of the library. Its own types bring those of a browser with them, into the whole project. */
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
