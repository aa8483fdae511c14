import assert from 'node:assert/strict';
import { contactServers } from '../../../lib/src/experiment/open/first-contact.js';
import { connectServers } from '../../../lib/src/model/index.js';
import { sendChoices, startQuirkyServer } from '../../fixtures/quirky-server.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';

/** A server of the test: the models that it lists and whether it trains, or nobody. */
type Kind = { models?: string[]; trains?: boolean } | 'away';

async function contactAll(
  kinds: readonly Kind[],
  { needsTraining = true } = {},
): Promise<{
  warnings: string[];
  jobsAt: number;
  /** Requests that each server got, of 6 in all. */
  nAsked: number[];
}> {
  const servers = await Promise.all(
    kinds.map((kind) =>
      startQuirkyServer(({ response }) => sendChoices(response, ['fine']), kind === 'away' ? {} : kind),
    ),
  );
  const baseUrls = servers.map(({ baseUrl }) => baseUrl);
  for (const [i, kind] of kinds.entries()) if (kind === 'away') await servers[i]?.close();
  const endpoint = connectServers({
    baseUrls,
    apiKey: undefined,
    identity: 'test',
    timeoutMs: 5000,
    concurrency: 1,
    retries: { firstWaitMs: 1, longestWaitMs: 1 },
  });
  const warnings: string[] = [];
  const numbered = (text: string): string =>
    baseUrls.reduce((shown, url, i) => shown.replaceAll(url, `server ${i}`), text);
  try {
    await contactServers(endpoint, {
      baseUrls,
      models: ['m'],
      needsTraining,
      redact: (text) => text,
      onWarning: (message) => warnings.push(numbered(message)),
      signal: NEVER,
    });
    const request = {
      model: 'm',
      messages: [],
      sampling: { temperature: 0, topP: 1, maxTokens: 4 },
      nSamples: 1,
      promptVersion: 'v',
    };
    await Promise.all(
      Array.from({ length: 6 }, (_, seed) =>
        endpoint.sample({ ...request, seed }, { idempotencyKey: `key ${seed}`, signal: NEVER }),
      ),
    );
    const jobsAt = baseUrls.indexOf((await endpoint.openClient()).baseURL);
    return { warnings, jobsAt, nAsked: servers.map(({ bodies }) => bodies.length) };
  } finally {
    await endpoint.close();
    await Promise.all(servers.map((server) => server.close()));
  }
}

describe('the first contact with several servers', () => {
  it('warns of one that does not answer, and goes on with the others, training included', async () => {
    const { warnings, jobsAt, nAsked } = await contactAll(['away', {}]);
    assert.match(warnings[0] ?? '', /others are used.*server 0/);
    assert.match(warnings[1] ?? '', /training jobs and batches go to server 1, not to server 0/);
    assert.deepEqual([warnings.length, jobsAt, nAsked[1]], [2, 1, 6]);
  });

  it('fails when none answers', () => assert.rejects(contactAll(['away', 'away']), { code: 'unreachable' }));

  it('leaves out the one that does not list the model, where another does', async () => {
    const { warnings, nAsked } = await contactAll([{ models: ['m'] }, { models: ['other'] }]);
    assert.deepEqual(nAsked, [6, 0]);
    assert.match(warnings[0] ?? '', /server 1 is left out: it does not list m/);
  });

  it('leaves none out that lists no models, or where nobody lists the model', async () => {
    assert.deepEqual((await contactAll([{ models: ['m'] }, {}])).warnings, []);
    assert.deepEqual((await contactAll([{ models: ['a'] }, { models: ['b'] }])).warnings, []);
  });

  it('sends training to the first that trains, and fails when none does', async () => {
    assert.equal((await contactAll([{ trains: false }, {}])).jobsAt, 1);
    await assert.rejects(contactAll([{ trains: false }, { trains: false }]), /a server that also trains/);
  });

  it('takes servers that do not train where no training is asked for', async () => {
    const { nAsked, warnings } = await contactAll([{ trains: false }], { needsTraining: false });
    assert.deepEqual([nAsked, warnings], [[6], []]);
  });
});
