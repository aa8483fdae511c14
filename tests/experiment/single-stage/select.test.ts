import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selectToFile, type SelectedFile } from '../../../lib/src/experiment/index.js';
import { embeddedIn, writeExperiment } from '../../fixtures/small-experiment.js';

describe('the selection by itself', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const select = async (instructions: object): Promise<SelectedFile> =>
    selectToFile({
      configPath: await writeExperiment(folder, { ...embeddedIn(folder), iterations: 1, instructions }),
      outFile: join(folder, 'instructions.jsonl'),
      resultsFolder: join(folder, 'results'),
      completionsFolder: join(folder, 'completions'),
      environment: {},
      signal: new AbortController().signal,
      onEvent: () => undefined,
    });

  it('tells what became of every row of a pool', async () => {
    const texts = ['compute 1 + 2', 'compute 3 + 4', 'Compute 1 + 2', 'write to ann@example.org'];
    await writeFile(
      join(folder, 'pool.jsonl'),
      texts.map((instruction) => JSON.stringify({ instruction })).join('\n'),
    );
    const { selection, record } = await select({
      source: 'pool',
      files: [{ path: join(folder, 'pool.jsonl') }],
      filters: { personalDetails: {} },
      perIteration: 2,
    });
    assert.equal(record.nKept, 2);
    assert.deepEqual(
      [selection?.rows, selection?.taken, selection?.drops],
      [4, 2, { duplicate: 1, 'personal-email': 1 }],
    );
  });

  it('tells nothing of the embedded world, which is no pool', async () => {
    const { selection } = await select({ source: 'embedded', perIteration: 2 });
    assert.equal(selection, null);
  });
});
