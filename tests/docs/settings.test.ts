import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadExperimentConfig, loadMatrix } from '../../lib/src/experiment/index.js';
import { loadPack } from '../../lib/src/prompt/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { blocksOf, documentPaths } from './documents.js';

/** What a block of settings is: a whole experiment, some sections of one, a matrix, or a prompt pack. */
type Kind = 'experiment' | 'sections' | 'matrix' | 'pack';

function kindOf(settings: Record<string, unknown>): Kind {
  if ('judge' in settings && 'answer' in settings) return 'pack';
  if ('matrix' in settings) return 'matrix';
  return 'name' in settings ? 'experiment' : 'sections';
}

/** An experiment whose sections those of a block replace. */
const AROUND = {
  name: 'around',
  iterations: 1,
  endpoint: { provider: 'openai', baseUrl: 'http://127.0.0.1:8000/v1' },
  model: 'some-model',
  pack: 'general',
  instructions: { source: 'jsonl', path: 'my-instructions.jsonl', perIteration: 100 },
  evaluate: { benchmark: { source: 'jsonl', path: 'my-pairs.jsonl' } },
};

const checks: Record<Kind, (settings: Record<string, unknown>, text: string) => Promise<unknown>> = {
  experiment: (config) => loadExperimentConfig({ config }),
  sections: (config) => loadExperimentConfig({ config: { ...AROUND, ...config } }),
  matrix: (config) => loadMatrix({ config: { ...AROUND, ...config } }),
  pack: (_, text) =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'pack.yaml');
      await writeFile(path, text);
      return loadPack(path);
    }),
};

describe('the settings in README and manual', () => {
  it('are valid by the schema, every YAML block of every page', async () => {
    const seen: Kind[] = [];
    for (const path of await documentPaths()) {
      for (const block of await blocksOf(path, 'yaml')) {
        // A block of comments alone, such as the line that names the schema, sets nothing.
        const settings = (parse(block) ?? {}) as Record<string, unknown>;
        const kind = kindOf(settings);
        seen.push(kind);
        await assert.doesNotReject(checks[kind](settings, block), `${path}:\n${block}`);
      }
    }
    assert.deepEqual([...new Set(seen)].sort(), ['experiment', 'matrix', 'pack', 'sections']);
  });

  it('would not be with an unknown key, inside a section too', async () => {
    await assert.rejects(checks.sections({ filter: { perPairs: 1 } }, ''), /perPairs/);
    await assert.rejects(checks.experiment({ ...AROUND, iteration: 3 }, ''), /iteration/);
    await assert.rejects(checks.matrix({ matrix: { seed: [1] } }, ''), /seed/);
  });
});
