import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { readApiKey, type ApiKey, type ApiKeySource } from '../../../lib/src/experiment/open/api-key.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const KEY = 'sk-abc+/=~"123';

function fromEnvironment(environment: NodeJS.ProcessEnv): Promise<ApiKey> {
  return readApiKey({ apiKeyEnv: 'MY_KEY' }, { environment, configPath: 'experiment.yaml' });
}

/** Reads the key from a file with this content, in the folder of the experiment. */
async function fromFile(content: string | Uint8Array, mode = 0o600): Promise<ApiKey> {
  return inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, 'key.txt'), content);
    await chmod(join(folder, 'key.txt'), mode);
    return fromFileIn(folder, { apiKeyFile: 'key.txt' });
  });
}

function fromFileIn(folder: string, source: ApiKeySource): Promise<ApiKey> {
  return readApiKey(source, { environment: {}, configPath: join(folder, 'experiment.yaml') });
}

/** The error says what is wrong and shows nothing of the key. */
async function assertRefused(reading: Promise<ApiKey>, expected: RegExp, hidden = KEY): Promise<void> {
  await assert.rejects(reading, (thrown: unknown) => {
    assert.ok(thrown instanceof ConfigError);
    assert.match(thrown.message, expected);
    assert.ok(!thrown.message.includes(hidden), thrown.message);
    return true;
  });
}

describe('the key of an endpoint', () => {
  it('is none where the experiment names none', async () => {
    const environment = { OPENAI_API_KEY: KEY };
    assert.deepEqual(await readApiKey({}, { environment, configPath: 'experiment.yaml' }), {
      apiKey: undefined,
      warning: null,
    });
  });

  it('comes from the environment variable that the experiment names', async () => {
    assert.deepEqual(await fromEnvironment({ MY_KEY: KEY }), { apiKey: KEY, warning: null });
    assert.equal((await fromEnvironment({ MY_KEY: `${KEY}\r\n` })).apiKey, KEY);
    assert.equal((await fromEnvironment({ MY_KEY: 'open sesame' })).apiKey, 'open sesame');
    await assertRefused(fromEnvironment({}), /environment variable MY_KEY that holds the key.*received none/);
    await assertRefused(fromEnvironment({ MY_KEY: ' ' }), /received an empty one/);
  });

  it('comes from a file beside the experiment, without the line end', async () => {
    assert.deepEqual(await fromFile(`${KEY}\n`), { apiKey: KEY, warning: null });
    // A byte order mark, as some editors write it.
    assert.equal((await fromFile(`\uFEFF${KEY}\r\n`)).apiKey, KEY);
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'elsewhere'), KEY, { mode: 0o600 });
      const source = { apiKeyFile: join(folder, 'elsewhere') };
      assert.equal((await fromFileIn('/nowhere', source)).apiKey, KEY);
    });
  });

  it('is refused with the reason when its file is none, or holds something else', async () => {
    await assertRefused(fromFile(''), /received an empty file/);
    await assertRefused(fromFile('\n\n'), /received an empty file/);
    await assertRefused(fromFile(`${KEY} ${KEY}`), /received several words or lines/);
    await assertRefused(fromFile(`OPENAI_API_KEY=x\n${KEY}\n`), /received several words or lines/);
    await assertRefused(fromFile('k'.repeat(16_385)), /received a file of 16385 bytes/, 'kkkkkk');
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'folder'));
      await assertRefused(fromFileIn(folder, { apiKeyFile: 'none.txt' }), /none\.txt.*received no such file/);
      await assertRefused(fromFileIn(folder, { apiKeyFile: 'folder' }), /received a folder/);
      await assertRefused(fromFileIn(folder, { apiKeyFile: '/dev/zero' }), /a device or a pipe/);
    });
  });

  it('is refused without being shown when a header cannot carry it', async () => {
    const unsendable: [string, RegExp][] = [
      [`${KEY}ä`, /character 15 is a control character or outside of ASCII/],
      [`“${KEY}”`, /character 1 is/],
      [`${KEY}\u0000`, /character 15 is/],
    ];
    for (const [key, expected] of unsendable) {
      await assertRefused(fromFile(key), expected);
      await assertRefused(fromEnvironment({ MY_KEY: key }), expected);
    }
    await assertRefused(fromEnvironment({ MY_KEY: `${KEY}\n${KEY}` }), /character 15 is/);
    await assertRefused(fromFile(Uint8Array.of(0xff, 0xfe, 0x41, 0x00)), /character 1 is/);
  });

  // Windows keeps access elsewhere.
  if (process.platform !== 'win32') {
    it('comes with a warning when others can read its file', async () => {
      for (const mode of [0o644, 0o640, 0o604]) {
        const { apiKey, warning } = await fromFile(KEY, mode);
        assert.equal(apiKey, KEY);
        assert.match(warning ?? '', /key\.txt can be read by other users.*chmod 600/);
      }
      assert.equal((await fromFile(KEY, 0o400)).warning, null);
    });
  }
});
