import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readMatrix, runHere, runMatrixHere } from '../../../lib/src/experiment/index.js';
import { printedBy } from '../../fixtures/printed-by.js';
import { embeddedIn } from '../../fixtures/small-experiment.js';
import { smallMatrix } from '../../fixtures/small-matrix.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

describe('a run for a cell', function () {
  this.timeout(120_000);

  it('tells at its end what the last judge came to, and is read when it is asked for again', () =>
    inTemporaryFolder(async (folder) => {
      const places = {
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
      };
      const source = { config: smallMatrix(folder, {}), baseFolder: folder };
      const options = { ...places, overrides: ['matrix='], title: 'small' };
      const folders: string[] = [];
      const run = async (): Promise<void> => {
        const result = await runHere(source, options);
        folders.push(result.folder);
        assert.equal(result.iterations.length, 2);
      };
      const first = lastLine(await printedBy(run));
      assert.match(
        first,
        /^small: iteration 1: .* % of \d+ verdicts right, ties counted half, unscored \d+$/,
      );
      assert.equal(lastLine(await printedBy(run)), first);
      assert.equal(folders[0], folders[1]);
    }));

  it('tells why it stopped, and throws it', () =>
    inTemporaryFolder(async (folder) => {
      const printed = await printedBy(() =>
        assert.rejects(runHere({ config: { ...embeddedIn(folder), iterations: -1 } }), /iterations/),
      );
      assert.match(printed, /^run: stopped: .*iterations/m);
    }));
});

describe('a matrix for a cell', function () {
  this.timeout(120_000);

  it('tells how many of its runs are finished, and returns what is kept of it', () =>
    inTemporaryFolder(async (folder) => {
      const arms = { axes: { N: { path: 'judge.samples', values: [1, 2] } } };
      const printed = await printedBy(async () => {
        const { folder: kept, report } = await runMatrixHere(
          { config: smallMatrix(folder, arms), baseFolder: folder },
          { resultsFolder: join(folder, 'results'), completionsFolder: join(folder, 'completions') },
        );
        assert.deepEqual(await readMatrix(kept), report);
      });
      assert.equal(lastLine(printed), 'matrix: 2 of 2 runs finished');
    }));
});

function lastLine(printed: string): string {
  return printed.trimEnd().split('\n').at(-1) ?? '';
}
