// Tries the notebooks in a real Jupyter, through its page in a real browser: npm run test:jupyter -- [--pictures <folder>] [--only 03]
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '../../lib/src/core/errors.js';
import { writeNotebook } from '../../lib/src/notebook/index.js';
import { launchBrowser } from '../../scripts/browser.js';
import { inNotebookWorkspace } from '../fixtures/notebook-workspace.js';
import { missingForJupyter, startJupyter } from './jupyter-server.js';
import {
  putNotebook,
  smallNotebook,
  tryInterrupts,
  tryNbconvert,
  tryWhole,
  type Change,
  type Place,
} from './tries.js';

const notebooks = fileURLToPath(new URL('../../notebooks', import.meta.url));

/** The notebooks that are tried, by the beginning of their names, with the settings that are changed first. */
const TRIED: readonly { name: string; changes?: readonly Change[] }[] = [
  { name: '01' },
  { name: '03', changes: [['const N = 15;', 'const N = 1;']] },
  { name: '04' },
  { name: '07' },
];

const { values } = parseArgs({ options: { pictures: { type: 'string' }, only: { type: 'string' } } });

async function main(): Promise<void> {
  const missing = missingForJupyter();
  if (missing !== null) throw new Error(`not tried: ${missing}`);
  if (values.pictures !== undefined) await mkdir(values.pictures, { recursive: true });
  await inNotebookWorkspace(async (workspace) => {
    const server = await startJupyter(workspace);
    const browser = await launchBrowser();
    console.log(server.name);
    try {
      await tryAll({ server, browser, pictures: values.pictures ?? null, timeoutMs: 900_000 });
    } finally {
      await browser.close();
      await server.stop();
    }
  });
}

async function tryAll(place: Place): Promise<void> {
  const files = await readdir(notebooks);
  const isWanted = (name: string): boolean =>
    values.only === undefined || values.only.split(',').includes(name);
  for (const { name, changes } of TRIED.filter((each) => isWanted(each.name))) {
    await reported(`${name}, every cell`, async () => {
      const file = files.find((each) => each.startsWith(`${name}-`));
      if (file === undefined) throw new Error('no such notebook');
      await putNotebook(place.server, join(notebooks, file), changes);
      return tryWhole(file, place);
    });
  }
  const small = 'small.ipynb';
  await writeNotebook(join(place.server.notebooks, small), smallNotebook(120));
  await reported('a cell interrupted, its kernel restarted, and the cell run again', () =>
    tryInterrupts(small, place),
  );
  await reported('nbconvert, small', () => tryNbconvert(small, place));
  const first = files.find((each) => each.startsWith('03-'));
  if (first !== undefined && isWanted('03'))
    await reported(`nbconvert, ${first}`, () => tryNbconvert(first, place));
}

/** Prints how something went; a failure is reported at the end of the process. */
async function reported(what: string, work: () => Promise<string>): Promise<void> {
  const startedMs = performance.now();
  const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(0)} s`;
  try {
    const result = await work();
    console.log(`passed  ${what}: ${result} (${seconds()})`);
  } catch (thrown) {
    console.log(`FAILED  ${what}: ${messageOf(thrown)} (${seconds()})`);
    process.exitCode = 1;
  }
}

main().catch((thrown: unknown) => {
  console.error(messageOf(thrown));
  process.exitCode = 1;
});
