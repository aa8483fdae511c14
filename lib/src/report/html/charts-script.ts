// The bundled script that makes charts interactive.
import { browserFile } from '../../core/browser-file.js';

/** The script, escaped for a script element. @throws DataError where it has not been built */
export function chartsScript(): string {
  // Escapes closing tags, which would end the element; the escaped JavaScript is equivalent.
  return browserFile('charts.js')
    .replace(/<\/(?=script)/gi, '<\\/')
    .replace(/<!--/g, '<\\!--');
}
