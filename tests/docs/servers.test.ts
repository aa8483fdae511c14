import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './documents.js';

/** The tests that a page names in the last cell of its tables, as `suite: title`. */
const testsNamedIn = (page: string): string[] =>
  [...page.matchAll(/^\|.*\| *`([^`|]+: [^`|]+)` *\|$/gm)].map(([, name]) => name ?? '');

/** The tests of a file, as `suite: title`, by the innermost suite. */
function testsIn(source: string): string[] {
  let suite = '';
  return [...source.matchAll(/^ *(describe|it)\('([^']+)'/gm)].flatMap(([, kind, title = '']) => {
    if (kind === 'it') return [`${suite}: ${title}`];
    suite = title;
    return [];
  });
}

describe('docs/servers.md', () => {
  it('names a test for every row, each of which exists, and every test of the servers is named', async () => {
    const page = await readFile(join(ROOT, 'docs/servers.md'), 'utf8');
    const files = ['own-servers', 'hosted-servers'].map((name) =>
      join(ROOT, `tests/servers/${name}.test.ts`),
    );
    const texts = await Promise.all(files.map((path) => readFile(path, 'utf8')));
    const tests = texts.flatMap(testsIn);
    const named = testsNamedIn(page);
    const rows = [...page.matchAll(/^\|(?! *what is special)(?! *-).*\|$/gm)];
    assert.equal(named.length, rows.length);
    assert.deepEqual([...new Set(named)].sort(), tests.sort());
  });
});
