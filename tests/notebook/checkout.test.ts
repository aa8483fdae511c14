import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('a checkout in which notebooks are run', () => {
  it('stays clean, whatever Jupyter and the notebooks leave behind', () =>
    inTemporaryFolder(async (folder) => {
      const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
      git('init', '--quiet');
      await copyFile(join(import.meta.dirname, '../../.gitignore'), join(folder, '.gitignore'));
      for (const path of [
        'notebooks/.ipynb_checkpoints/01-the-method-checkpoint.ipynb',
        'notebooks/01-the-method.html',
        'notebooks/.autodidact/completions/00.jsonl',
        'notebooks/.autodidact/embedded/jobs/1.json',
        '.ipynb_checkpoints/Untitled-checkpoint.ipynb',
        '.autodidact/completions/00.jsonl',
        'results/x/seed-1-00000000/log.jsonl',
        // A notebook is part of the project.
        'notebooks/01-the-method.ipynb',
      ]) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), '');
      }
      const untracked = git('status', '--porcelain', '--untracked-files=all');
      assert.deepEqual(untracked.split('\n').sort(), [
        '',
        '?? .gitignore',
        '?? notebooks/01-the-method.ipynb',
      ]);
    }));
});
