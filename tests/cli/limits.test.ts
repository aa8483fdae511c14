// What the surroundings of a command lack is said in a sentence.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serveCommand } from '../../lib/src/cli/serve-command.js';
import { notRun } from '../fixtures/not-run.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

describe('the surroundings of a command', function () {
  this.timeout(20_000);

  const atRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const isBuilt = existsSync(atRoot('lib/dist/cli/main.js'));
  if (!isBuilt) notRun('too few open files', 'lib is not built');
  const itWhenBuilt = isBuilt ? it : () => undefined;
  itWhenBuilt('may allow too few open files', () => {
    const command = atRoot('lib/bin/autodidact.js');
    // Fewer than Node has open itself when it loads the first module.
    const script = 'ulimit -n 64 && exec "$0" "$@"';
    const arguments_ = ['-c', script, process.execPath, command, '--version'];
    const { status, stderr } = spawnSync('/bin/sh', arguments_, { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^error: .*ulimit -n 4096\n$/);
  });

  it('may hold a key that is a blank', async () => {
    process.env.BLANK_KEY = ' ';
    try {
      const options = { host: '127.0.0.1', port: 0, state: 'unused', apiKeyEnv: 'BLANK_KEY', json: false };
      await assert.rejects(
        Promise.resolve(serveCommand(options, NEVER)),
        /--api-key-env: expected an environment variable BLANK_KEY that holds the key, received an empty one/,
      );
    } finally {
      delete process.env.BLANK_KEY;
    }
  });
});
