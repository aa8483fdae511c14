import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BudgetError } from '../../../lib/src/core/errors.js';
import { experimentConfigSchema } from '../../../lib/src/experiment/config/config.js';
import { notifySchema } from '../../../lib/src/experiment/config/notify-config.js';
import { endOf, notify, type Notice } from '../../../lib/src/experiment/run/notify.js';
import { configHashOf } from '../../../lib/src/experiment/config/run-identity.js';
import { embeddedIn, runIn, SMALL_EXPERIMENT, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const NOTICE: Omit<Notice, 'at'> = {
  event: 'failed',
  experiment: 'small',
  runId: 'seed-1',
  folder: 'results/small/seed-1',
  message: 'the key sk-secret\nwas refused',
  accuracy: null,
};

/** Tells a hook; returns the warnings. */
async function told(
  hook: object,
  notice: Omit<Notice, 'at'> = NOTICE,
  environment: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const warnings: string[] = [];
  await notify(notifySchema.parse(hook), notice, {
    environment: { PATH: process.env.PATH, ...environment },
    redact: (message) => message.replaceAll('sk-secret', '[key]'),
    onWarning: (warning) => warnings.push(warning),
  });
  return warnings;
}

describe('the hook of a run', function () {
  this.timeout(60_000);

  it('gets the end of a run on its standard input, and how good the last judge is', () =>
    inTemporaryFolder(async (folder) => {
      const file = join(folder, 'notice.json');
      const config = { ...embeddedIn(folder), iterations: 0, notify: { command: `cat > '${file}'` } };
      const { result, events } = await runIn(folder, await writeExperiment(folder, config), {
        environment: { PATH: process.env.PATH },
      });
      const { at, ...notice } = JSON.parse(await readFile(file, 'utf8')) as Notice;
      assert.ok(Date.parse(at) > 0);
      assert.deepEqual(notice, {
        event: 'finished',
        experiment: 'small',
        runId: result.manifest.runId,
        folder: result.folder,
        message: null,
        accuracy: result.iterations[0]?.metrics.accuracy.value,
      });
      assert.ok(!events.some(({ kind }) => kind === 'warning'));
    }));

  it('is looked at before the run, which may take days', () =>
    inTemporaryFolder(async (folder) => {
      const config = { ...embeddedIn(folder), iterations: 0, notify: { urlEnv: 'HOOK' } };
      const { events } = await runIn(folder, await writeExperiment(folder, config), { environment: {} });
      const [first] = events;
      assert.ok(first?.kind === 'warning');
      assert.match(first.message, /^notify: .*variable HOOK; no message will be sent/);
    }));

  it('gets them as a POST, without keys and control characters', async () => {
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        server.emit('told', request.method, JSON.parse(body));
        response.end('ok');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      const [[method, body], warnings] = await Promise.all([
        once(server, 'told') as Promise<[string, Notice]>,
        told({ urlEnv: 'HOOK' }, NOTICE, { HOOK: url }),
      ]);
      assert.deepEqual([method, body.event, body.message], ['POST', 'failed', 'the key [key] was refused']);
      assert.deepEqual(warnings, []);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('warns when it fails, and never names a secret address', async () => {
    assert.deepEqual(await told({ command: 'exit 3' }), [
      'notify: the hook was not told that the run failed: it ended with code 3',
    ]);
    const [warning = ''] = await told({ urlEnv: 'HOOK' }, NOTICE, { HOOK: 'http://127.0.0.1:9/token-1' });
    assert.match(warning, /not told/);
    assert.doesNotMatch(warning, /token-1/);
    assert.match((await told({ urlEnv: 'HOOK' }))[0] ?? '', /an address in the environment variable HOOK/);
    // A command that reads nothing is told, too.
    assert.deepEqual(await told({ command: 'true' }), []);
  });

  it('is called with the outcomes that it names', async () => {
    assert.deepEqual(await told({ command: 'exit 3', on: ['budget'] }), []);
    const { signal } = new AbortController();
    const cap = new BudgetError({ subject: 'budget.costUsd', expected: 'less', remedy: 'Raise it.' });
    assert.deepEqual([endOf(cap, signal), endOf(new Error('x'), signal)], ['budget', 'failed']);
    const stopped = AbortSignal.abort(new Error('stopped by the user'));
    assert.equal(endOf(stopped.reason, stopped), 'stopped');
    assert.throws(() => notifySchema.parse({ command: 'x', url: 'http://127.0.0.1/' }), /one of command/);
  });

  it('does not name a run', () => {
    const inputs = { server: 's', promptVersion: '-', instructionsHash: null, benchmarkHash: null };
    const hashOf = (more: object): string =>
      configHashOf(experimentConfigSchema.parse({ ...SMALL_EXPERIMENT, ...more }), inputs);
    assert.equal(hashOf({ notify: { command: 'x' } }), hashOf({}));
  });
});
