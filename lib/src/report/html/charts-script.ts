// The bundled script that makes charts interactive.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataError, messageOf } from '../../core/errors.js';

let loaded: string | undefined;

/** The script, escaped for a script element. @throws DataError where it has not been built */
export function chartsScript(): string {
  loaded ??= read();
  return loaded;
}

function read(): string {
  // In the compiled package, or relative to the sources.
  const places = ['../../browser/charts.js', '../../../dist/browser/charts.js'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  let cause: unknown;
  for (const place of places) {
    try {
      // Escapes closing tags, which would end the element; the escaped JavaScript is equivalent.
      return readFileSync(place, 'utf8')
        .replace(/<\/(?=script)/gi, '<\\/')
        .replace(/<!--/g, '<\\!--');
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw new DataError({
    subject: places[0] ?? 'charts.js',
    expected: 'the chart script of the package',
    received: messageOf(cause),
    remedy: 'Build it: npm run build',
    cause,
  });
}
