import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../lib/src/', import.meta.url));

/** What every file of lib/src imports of lib/src, types included. */
async function importGraph(): Promise<Map<string, string[]>> {
  const graph = new Map<string, string[]>();
  for (const name of await readdir(SOURCES, { recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue;
    const text = await readFile(join(SOURCES, name), 'utf8');
    const imports = [...text.matchAll(/^(?:import|export)\b[^;]*? from '(\.[^']+)\.js';/gm)];
    graph.set(
      name,
      imports.map(
        ([, path]) => `${relative(SOURCES, join(SOURCES, normalize(join(dirname(name), path!))))}.ts`,
      ),
    );
  }
  return graph;
}

/** A path of imports that comes back to where it began, or null. */
function circleIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return null;
    path.push(file);
    for (const imported of graph.get(file) ?? []) {
      const circle = visit(imported);
      if (circle) return circle;
    }
    path.pop();
    finished.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return null;
}

describe('the files of lib/src', () => {
  it('import each other in no circle', async () => {
    const graph = await importGraph();
    assert.ok(graph.size > 300, `only ${graph.size} files were read`);
    assert.deepEqual(circleIn(graph), null);
  });

  it('would be found in a circle', () => {
    assert.deepEqual(circleIn(new Map([['a', ['b']], ['b', ['c']], ['c', ['b']]])), ['b', 'c', 'b']); // prettier-ignore
  });
});
