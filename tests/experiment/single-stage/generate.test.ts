import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateToFile, type SingleStageResult } from '../../../lib/src/experiment/index.js';
import { embeddedIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const ASKED = 'why does bread dough rise faster in a warm kitchen';

describe('pairs for the instructions of a file', () => {
  it('are refused for those that a benchmark holds, before anything is asked', () =>
    inTemporaryFolder(async (folder) => {
      const write = (name: string, rows: object[]): Promise<void> =>
        writeFile(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const pair = { winner: 'far', loser: 'near' };
      await write('mine.jsonl', [{ instructionId: 'mine-1', text: ASKED, slice: 'cooking' }]);
      const others = ['name four tools that every careful gardener owns', 'sort seven numbers for me'];
      await write(
        'pool.jsonl',
        others.map((instruction) => ({ instruction })),
      );
      await write('other.jsonl', [{ ...pair, instruction: 'which river flows through Prague today' }]);
      await write('same.jsonl', [{ ...pair, instruction: ASKED }]);
      const generate = async (first: string, second: string, action: string): Promise<SingleStageResult> => {
        const benchmarks = [first, second].map((path, i) => ({
          name: ['first', 'second'][i],
          benchmark: { source: 'jsonl', path },
        }));
        const config = {
          ...embeddedIn(folder),
          iterations: 1,
          instructions: { source: 'jsonl', path: 'pool.jsonl', perIteration: 2 },
          evaluate: { benchmarks },
          overlap: { trainingFields: ['instruction'], action },
        };
        return generateToFile({
          configPath: await writeExperiment(folder, config),
          inFile: join(folder, 'mine.jsonl'),
          outFile: join(folder, 'pairs.jsonl'),
          resultsFolder: join(folder, 'results'),
          completionsFolder: join(folder, 'completions'),
          environment: {},
          signal: new AbortController().signal,
          onEvent: () => undefined,
        });
      };
      const ofFirst = /overlap of .*mine\.jsonl and benchmark: .* 1 of 1 items.*the instruction of mine-1/;
      await assert.rejects(generate('same.jsonl', 'other.jsonl', 'stop'), ofFirst);
      await assert.rejects(generate('same.jsonl', 'other.jsonl', 'drop'), ofFirst);
      await assert.rejects(generate('other.jsonl', 'same.jsonl', 'drop'), /overlap of training and second: /);
      // What is only reported goes on to the model, which does not know these words.
      await assert.rejects(generate('same.jsonl', 'other.jsonl', 'report'), /only words of its vocabulary/);
    }));
});
