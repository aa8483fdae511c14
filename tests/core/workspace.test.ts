import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceOf } from '../../lib/src/core/workspace.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('the workspace', () => {
  it('is the nearest folder in which the package is installed, or the folder itself', () =>
    inTemporaryFolder(async (folder) => {
      const deep = join(folder, 'project', 'notebooks', 'deep');
      await mkdir(deep, { recursive: true });
      assert.equal(await workspaceOf(deep), deep);
      // An empty folder in which the package was installed, and a project with other packages in it.
      await mkdir(join(folder, 'node_modules', 'autodidact'), { recursive: true });
      await mkdir(join(folder, 'project', 'node_modules', 'other'), { recursive: true });
      assert.equal(await workspaceOf(folder), folder);
      assert.equal(await workspaceOf(deep), folder);
      await mkdir(join(folder, 'project', 'node_modules', 'autodidact'));
      assert.equal(await workspaceOf(deep), join(folder, 'project'));
    }));
});
