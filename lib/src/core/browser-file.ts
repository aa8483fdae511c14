// Files that the build makes for browsers.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DataError, messageOf } from './errors.js';

const loaded = new Map<string, string>();

/** A file of dist/browser, as text; read once. @param name e.g. `charts.js` @throws DataError where it has not been built */
export function browserFile(name: string): string {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  // In the compiled package, or relative to the sources.
  const places = [`../browser/${name}`, `../../dist/browser/${name}`].map((place) =>
    fileURLToPath(new URL(place, import.meta.url)),
  );
  let cause: unknown;
  for (const place of places) {
    try {
      const text = readFileSync(place, 'utf8');
      loaded.set(name, text);
      return text;
    } catch (thrown) {
      cause = thrown;
    }
  }
  throw new DataError({
    subject: places[0] ?? name,
    expected: `the file ${name} of the package`,
    received: messageOf(cause),
    remedy: 'Build it: npm run build',
    cause,
  });
}
