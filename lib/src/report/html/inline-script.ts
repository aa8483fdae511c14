// Scripts of the build inside pages.
import { createHash } from 'node:crypto';
import { browserFile } from '../../core/browser-file.js';

/** A bundled script, escaped for a script element. @param name e.g. `charts.js` @throws DataError where it has not been built */
export function inlineScript(name: string): string {
  // Escapes closing tags, which would end the element; the escaped JavaScript is equivalent.
  return browserFile(name)
    .replace(/<\/(?=script)/gi, '<\\/')
    .replace(/<!--/g, '<\\!--');
}

/** What a content security policy calls a script or a style sheet: all characters between its tags count. */
export function policySource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
