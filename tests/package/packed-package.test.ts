import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { installPacked, readPackageJson } from './packed-package.js';
import { exampleProgram, PUBLIC_NAMES, publicNames } from './public-face.js';

const run = promisify(execFile);

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: ['node'],
};

const nodeNext: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

describe('the packed package', function () {
  this.timeout(120_000);

  let folder: string;
  let files: string[];
  let subpaths: string[];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-packed-'));
    files = await installPacked(folder);
    const { exports } = await readPackageJson();
    subpaths = Object.keys(exports)
      .filter((key) => key !== './package.json')
      .map((key) => `autodidact${key.slice(1)}`);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Runs a program in the folder. @returns what it prints */
  async function outputOf(name: string, text: string): Promise<string> {
    await writeFile(join(folder, name), text);
    return (await run(process.execPath, ['--no-warnings', name], { cwd: folder })).stdout.trim();
  }

  /** What the TypeScript compiler reports on programs in the folder. */
  async function complaints(
    programs: Record<string, string>,
    options: ts.CompilerOptions,
  ): Promise<string[]> {
    const paths: string[] = [];
    for (const [name, text] of Object.entries(programs)) {
      paths.push(join(folder, name));
      await writeFile(join(folder, name), text);
    }
    const program = ts.createProgram(paths, {
      ...compilerOptions,
      ...options,
      typeRoots: [join(folder, 'node_modules/@types')],
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  it('holds a README, a license, the compiled code with its types, and the assets; no sources and no tests', () => {
    for (const path of ['README.md', 'LICENSE', 'bin/autodidact.js', 'dist/index.js', 'dist/index.d.ts'])
      assert.ok(files.includes(path), path);
    assert.ok(files.some((path) => path.startsWith('assets/micro-seed/')));
    assert.ok(files.some((path) => path.endsWith('.wasm')));
    assert.deepEqual(
      files.filter((path) => /^(src|tests|node_modules)\//.test(path)),
      [],
    );
  });

  it('names files that exist for every subpath', async () => {
    const { exports, typesVersions } = await readPackageJson();
    for (const [key, target] of Object.entries(exports)) {
      if (typeof target === 'string') continue;
      assert.ok(files.includes(target.types.slice(2)), target.types);
      assert.ok(files.includes(target.default.slice(2)), target.default);
      // Notebooks resolve by the rules of Node 10, which know `typesVersions` alone.
      if (key !== '.') assert.deepEqual([`./${typesVersions['*'][key.slice(2)]?.[0]}`], [target.types]);
    }
  });

  /** Uses two names, and lists the subpaths that export nothing. */
  const use = `
    const empty = Object.keys(rooms).filter((name) => Object.keys(rooms[name]).length === 0);
    const { judge } = await loadPack('general');
    console.log(JSON.stringify([wilsonInterval(0.8, 100).low.toFixed(3), typeof judge.render, empty]));`;
  // Wilson's interval of 80 in 100, lower end: (0.8 + z²/200 - z √(0.8 · 0.2 / 100 + z²/40000)) / (1 + z²/100), z = 1.96.
  const printed = '["0.711","function",[]]';

  it('works from an ES module, every subpath included', async () => {
    const imports = subpaths.map((name, i) => `import * as room${i} from '${name}';`).join('\n');
    const rooms = `const rooms = { ${subpaths.map((name, i) => `'${name}': room${i}`).join(', ')} };`;
    const names = `import { loadPack } from 'autodidact'; import { wilsonInterval } from 'autodidact/statistics';`;
    assert.equal(await outputOf('use.mjs', [imports, names, rooms, use].join('\n')), printed);
  });

  it('works from CommonJS, every subpath included', async () => {
    const rooms = `const rooms = { ${subpaths.map((name) => `'${name}': require('${name}')`).join(', ')} };`;
    const names = `const { loadPack } = require('autodidact'); const { wilsonInterval } = require('autodidact/statistics');`;
    const text = [names, rooms, `(async () => {${use}})();`].join('\n');
    assert.equal(await outputOf('use.cjs', text), printed);
  });

  it('starts its command', async () => {
    const cli = join(folder, 'node_modules/autodidact/bin/autodidact.js');
    const { stdout } = await run(process.execPath, [cli, '--version'], { cwd: folder });
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  /** A program that fails to compile unless the types of every subpath are found and are none of `any`. */
  function typedProgram(): string {
    const imports = subpaths.map((name, i) => `import * as room${i} from '${name}';`).join('\n');
    return `${imports}
      import { percent, type Judgment } from 'autodidact';
      import { wilsonInterval } from 'autodidact/statistics';
      type IsAny<T> = 0 extends 1 & T ? true : false;
      export const known: false[] = [${subpaths.map((_, i) => `false as IsAny<typeof room${i}>`).join(', ')}];
      export const low: number | null = wilsonInterval(0.8, 100).low;
      export const text: string = percent(low);
      export const order = (judgment: Judgment): 'winner-first' | 'loser-first' => judgment.order;
      // @ts-expect-error a share is no text
      percent('0.8');`;
  }

  it('has types under node16 for ES modules', async () => {
    const options = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
    assert.deepEqual(await complaints({ 'node16.mts': typedProgram() }, options), []);
  });

  it('has types under nodenext, for ES modules and CommonJS', async () => {
    const programs = { 'nodenext.mts': typedProgram(), 'nodenext.cts': typedProgram() };
    assert.deepEqual(await complaints(programs, nodeNext), []);
  });

  it('has types under bundler', async () => {
    const options = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
    assert.deepEqual(await complaints({ 'bundled.ts': typedProgram() }, options), []);
  });

  it('exports the names that a notebook needs, at most 60, each described and with an example that compiles', async () => {
    const index = join(folder, 'node_modules/autodidact/dist/index.d.ts');
    const found = publicNames(index, { ...compilerOptions, ...nodeNext });
    assert.deepEqual(found.map(({ name }) => name).sort(), [...PUBLIC_NAMES].sort());
    assert.ok(found.length <= 60, `${found.length} names`);
    assert.deepEqual(
      found.filter(({ description, examples }) => description === '' || examples.length === 0),
      [],
    );
    const programs = found.map(
      ({ name, examples }) => [`example-${name}.mts`, exampleProgram(examples)] as const,
    );
    assert.deepEqual(await complaints(Object.fromEntries(programs), nodeNext), []);
  });
});
