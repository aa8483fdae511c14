// Makes vendor/tfjs-node: what danfojs-node needs of TensorFlow.js, in one file and without its native library.
// npx tsx scripts/bundle-tfjs.ts; the pinned versions below give the committed file again.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The packages that the bundle holds; their own dependencies follow. */
const PACKAGES = {
  '@tensorflow/tfjs-core': '3.21.0',
  '@tensorflow/tfjs-backend-cpu': '3.21.0',
  seedrandom: '3.0.5',
} as const;
/** Packages that end up in the bundle, for the notice. */
const BUNDLED = [...Object.keys(PACKAGES), 'long'];

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, '..', 'vendor', 'tfjs-node');
const workplace = await mkdtemp(join(tmpdir(), 'autodidact-tfjs-'));
try {
  await writeFile(join(workplace, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }));
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: workplace,
    stdio: 'inherit',
  });
  await build({
    stdin: {
      contents: await readFile(join(target, 'entry.cjs'), 'utf8'),
      resolveDir: workplace,
      sourcefile: 'entry.cjs',
    },
    outfile: join(target, 'index.cjs'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'none',
    // danfojs-node brings it; TensorFlow.js asks for it only when it fetches models, which nothing here does.
    external: ['node-fetch'],
  });
  await writeFile(join(target, 'NOTICE'), await noticeOf(workplace));
} finally {
  await rm(workplace, { recursive: true, force: true });
}

/** Names, versions and licences of what was bundled. */
async function noticeOf(folder: string): Promise<string> {
  const lines = ['index.cjs is made by scripts/bundle-tfjs.ts from entry.cjs and these packages:', ''];
  for (const name of BUNDLED) {
    const manifest: unknown = JSON.parse(
      await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8'),
    );
    const { version, license } = manifest as { version: string; license: string };
    lines.push(`- ${name} ${version} (${license})`);
  }
  lines.push(
    '',
    'TensorFlow.js: Copyright Google LLC. long.js: Copyright Daniel Wirtz. Both under the Apache License, Version 2.0:',
    'see LICENSE. seedrandom: Copyright David Bau, under the MIT License:',
    '',
  );
  const readme = await readFile(join(folder, 'node_modules/seedrandom/README.md'), 'utf8');
  lines.push(readme.slice(readme.indexOf('Copyright 20')).trim());
  return `${lines.join('\n')}\n`;
}
