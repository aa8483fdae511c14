import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../../lib/src/core/hash.js';
import { exportSet } from '../../../lib/src/experiment/index.js';
import { modelRegistrySchema } from '../../../lib/src/schema/index.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

/** SHA-256 of every file below a folder. */
async function hashesIn(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return new Set(
    await Promise.all(
      files.map(async ({ parentPath, name }) => sha256(await readFile(join(parentPath, name)))),
    ),
  );
}

describe('an export of a finished run in the openai format', function () {
  this.timeout(180_000);

  it('is the file that was submitted, byte for byte, for supervised training and for DPO', () =>
    inTemporaryFolder(async (folder) => {
      const small = embeddedIn(folder);
      const share = 0.25;
      const { result } = await runIn(
        folder,
        await writeExperiment(folder, {
          ...small,
          iterations: 1,
          generate: { ...small.generate, plant: [{ feature: 'format', texts: ['* {{response}}'] }] },
          judge: { ...small.judge, orders: 'both' },
          finetune: { ...small.finetune, validation: { share }, dpo: { beta: 0.2, epochs: 1 } },
        }),
      );
      const inside = join(result.folder, 'iteration-1');
      const registry = JSON.parse(await readFile(join(result.folder, 'models.json'), 'utf8')) as unknown;
      const { models } = modelRegistrySchema.parse(registry);
      const atServer = await hashesIn(small.endpoint.stateFolder as string);
      for (const [method, inFile, files] of [
        ['supervised', 'training-examples.jsonl', ['training-file.jsonl', 'validation-file.jsonl']],
        ['dpo', 'preference-examples.jsonl', ['preference-file.jsonl', 'preference-validation-file.jsonl']],
      ] as const) {
        const outFolder = join(folder, `export-${method}`);
        await exportSet({
          inFile: join(inside, inFile),
          runFolder: result.folder,
          format: 'openai',
          outFolder,
          name: 'set',
          validation: { share },
          seed: small.seed,
          license: 'other',
          signal: NEVER,
        });
        for (const [i, exportedName] of ['train.jsonl', 'validation.jsonl'].entries()) {
          const exported = await readFile(join(outFolder, exportedName));
          assert.ok(exported.length > 0);
          assert.ok(exported.equals(await readFile(join(inside, files[i] ?? ''))), files[i]);
          assert.ok(atServer.has(sha256(exported)), `the server got ${files[i]}`);
        }
        // The set and the run say what was planted.
        const told = 'format on 100% of the winners and 0% of the losers';
        assert.match(await readFile(join(outFolder, 'README.md'), 'utf8'), new RegExp(`on purpose: ${told}`));
        assert.match(
          await readFile(join(result.folder, 'report.md'), 'utf8'),
          new RegExp(`Planted on purpose.*${told}`),
        );
        const made = models.find((model) => model.method === method);
        assert.equal(made?.trainingFileHash, sha256(await readFile(join(outFolder, 'train.jsonl'))));
      }
    }));
});
