// Root hooks of mocha: a test that fails before it closes its servers must not keep the process from ending.
import type { RootHookObject } from 'mocha';

/** What closes by itself has closed by then. */
const PATIENCE_MS = 3000;

export const mochaHooks: RootHookObject = {
  afterAll() {
    // Workers of `mocha --parallel` go on with other files, and are ended by mocha.
    if (process.env.MOCHA_WORKER_ID !== undefined) return;
    // The timer itself keeps nothing alive: it fires only where something else does.
    const timer = setTimeout(() => {
      const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
      process.stderr.write(`Some tests left open: ${open}. The process ends all the same.\n`);
      process.exit();
    }, PATIENCE_MS);
    timer.unref();
  },
};
