import { join } from 'node:path';
import { writeNotebook } from '../../lib/src/notebook/index.js';
import { launchBrowser } from '../../scripts/browser.js';
import { notRun } from '../fixtures/not-run.js';
import { inNotebookWorkspace } from '../fixtures/notebook-workspace.js';
import { missingForJupyter, startJupyter } from './jupyter-server.js';
import { smallNotebook, tryInterrupts, tryNbconvert, tryWhole } from './tries.js';

const missing = missingForJupyter();
if (missing !== null) notRun('a notebook in a real Jupyter', missing);
else
  describe('a notebook in a real Jupyter', function () {
    // npm run test:jupyter tries the notebooks of this project.
    this.timeout(300_000);

    it('continues after an interrupt and a restart of its kernel, runs whole, and becomes a page with its chart', () =>
      inNotebookWorkspace(async (workspace) => {
        const server = await startJupyter(workspace);
        const browser = await launchBrowser();
        const place = { server, browser, pictures: null, timeoutMs: 120_000 };
        try {
          await writeNotebook(join(server.notebooks, 'small.ipynb'), smallNotebook(60));
          await tryInterrupts('small.ipynb', place);
          await tryWhole('small.ipynb', place);
          await tryNbconvert('small.ipynb', place);
        } finally {
          await browser.close();
          await server.stop();
        }
      }));
  });
