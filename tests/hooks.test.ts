import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

describe('a test that fails with a server open', () => {
  it('does not keep mocha from ending, and mocha says what was open', async () => {
    const root = fileURLToPath(new URL('..', import.meta.url));
    // As outside of a worker of `mocha --parallel`.
    const env = { ...process.env, MOCHA_WORKER_ID: undefined };
    const args = ['node_modules/mocha/bin/mocha.js', 'tests/fixtures/left-open.ts'];
    const mocha = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    mocha.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(mocha, 'close')) as [number | null];
    assert.equal(code, 1);
    assert.match(said, /left open: .*TCPServerWrap/);
  });
});
