import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../notebooks');
/** Above this size, GitHub and readers of diffs grow slow. */
const MOST_BYTES = 600_000;

describe('the notebooks of the workspace', () => {
  it('stay small enough to be read on the web', () => {
    const sizes = readdirSync(folder)
      .filter((name) => name.endsWith('.ipynb'))
      .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
    assert.ok(sizes.length > 0);
    assert.deepEqual(
      sizes.filter(({ bytes }) => bytes > MOST_BYTES),
      [],
    );
  });
});
