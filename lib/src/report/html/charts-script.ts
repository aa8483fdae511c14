// The script that makes charts interactive, as it was bundled when the package was built.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataError, messageOf } from '../../core/errors.js';

let loaded: string | undefined;

/** The script, fit for a script element. @throws DataError where it has not been built */
export function chartsScript(): string {
  loaded ??= read();
  return loaded;
}

function read(): string {
  // Beside the compiled package, or as seen from the sources.
  const places = ['../../browser/charts.js', '../../../dist/browser/charts.js'].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  let cause: unknown;
  for (const place of places) {
    try {
      // Nothing in it may end the element; in JavaScript both sides of the slash mean the same.
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
