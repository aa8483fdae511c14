// Every file of a finished run changed, cut or removed: the run notices, and does again what is damaged.
import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeReport } from '../../../lib/src/experiment/index.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** Changes the digit or letter in the middle of a file into another one. */
async function change(path: string): Promise<void> {
  const bytes = await readFile(path);
  let at = bytes.length >> 1;
  while (!/[0-8a-y]/i.test(String.fromCharCode(bytes[at] ?? 0))) at++;
  bytes[at] = (bytes[at] ?? 0) + 1;
  await writeFile(path, bytes);
}

async function cut(path: string): Promise<void> {
  await truncate(path, (await readFile(path)).length >> 1);
}

const DAMAGES = { change, cut, remove: (path: string): Promise<void> => rm(path) };

/** Of a run's folder, the files that say what came out. Logs, the status and the ledger of spending are about attempts. */
const RESULTS = /^(?!status\.json$|log\.jsonl$|spending\.jsonl$|config\.json$)/;

/** Each file in each way; otherwise each in one way, by turns. */
const isThorough = process.env.AUTODIDACT_THOROUGH !== undefined;

describe('a finished run with a damaged file', function () {
  this.timeout(300_000);

  it('is done again as far as it is damaged, and comes out the same', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1 });
      const { result } = await runIn(folder, path);
      const whole = join(folder, 'whole');
      await cp(result.folder, whole, { recursive: true });
      const figures = await readFile(join(whole, 'metrics.json'), 'utf8');
      const all = await readdir(whole, { recursive: true, withFileTypes: true });
      const files = all
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(whole.length + 1))
        .sort();
      const kinds = Object.entries(DAMAGES);
      for (const [i, file] of files.filter((name) => RESULTS.test(name)).entries()) {
        for (const [what, damage] of isThorough ? kinds : kinds.slice(i % 3, (i % 3) + 1)) {
          const damaged = join(result.folder, file);
          // An empty file has nothing to change or cut.
          if (what !== 'remove' && (await readFile(damaged)).length < 2) continue;
          await damage(damaged);
          const told = `${what} ${file}`;
          const { events } = await runIn(folder, path);
          assert.equal(await readFile(join(result.folder, 'metrics.json'), 'utf8'), figures, told);
          for (const each of events)
            if (each.kind === 'stage-finished' && !each.wasDone)
              assert.equal(each.record.usage.requests, 0, told);
          const report = makeReport([result.folder]);
          // The list of all models is not the run's alone, so that it is not made again.
          if (file === 'models.json' && what !== 'remove')
            await assert.rejects(report, /models\.json: expected/);
          else await report;
          await rm(result.folder, { recursive: true });
          await cp(whole, result.folder, { recursive: true });
        }
      }
    }));
});
