import assert from 'node:assert/strict';
import { contactServers } from '../../../lib/src/experiment/open/first-contact.js';
import { connectServers } from '../../../lib/src/model/index.js';
import {
  sendChoices,
  sendJson,
  startQuirkyServer,
  type Behaviour,
  type ListsOfServer,
} from '../../fixtures/quirky-server.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';

/** A server of the test: what it lists, or none. */
type Kind = ListsOfServer | 'away';

const answers: Behaviour = ({ response }) => sendChoices(response, ['fine']);

async function contactAll(
  kinds: readonly Kind[],
  { needsTraining = true, behave = answers, nRequests = 6 } = {},
): Promise<{
  warnings: string[];
  jobsAt: number;
  /** Requests that each server got, of 6 in all. */
  nAsked: number[];
  /** Whether jobs were asked for. */
  askedForJobs: boolean;
}> {
  const servers = await Promise.all(
    kinds.map((kind) => startQuirkyServer(behave, kind === 'away' ? {} : kind)),
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
      giveUpAfterMs: 0,
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
      Array.from({ length: nRequests }, (_, seed) =>
        endpoint.sample({ ...request, seed }, { idempotencyKey: `key ${seed}`, signal: NEVER }),
      ),
    );
    const jobsAt = baseUrls.indexOf((await endpoint.openClient()).baseURL);
    const askedForJobs = servers.some(({ listsAsked }) => listsAsked.some((path) => path.includes('jobs')));
    return { warnings, jobsAt, nAsked: servers.map(({ bodies }) => bodies.length), askedForJobs };
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

  // LiteLLM without a database, restricted keys of OpenAI, FastAPI's errors, a page of a proxy.
  for (const refusal of [
    { status: 400, body: { error: { message: 'No connected db.', type: 'no_db_connection', code: '400' } } },
    { status: 401, body: { error: { message: 'Missing scopes: api.model.read' } } },
    { status: 403, body: { detail: 'Not for this key' } },
    { status: 500, body: { message: 'Something broke\u001b[31m' } },
  ]) {
    it(`goes on where lists are refused with ${refusal.status}, and says once what the server said`, async () => {
      const { warnings, nAsked, askedForJobs } = await contactAll([{ refusal }], { needsTraining: false });
      assert.deepEqual([nAsked, warnings.length, askedForJobs], [[6], 1, false]);
      const said = /No connected db|Missing scopes|Not for this|broke/.exec(JSON.stringify(refusal.body))![0];
      assert.match(
        warnings[0]!,
        new RegExp(`^server 0 does not list its models.*: ${refusal.status} .*${said}`),
      );
      // eslint-disable-next-line no-control-regex
      assert.doesNotMatch(warnings[0]!, /[\x00-\x1f]/);
      // A run that trains there would fail after judgments are paid for.
      await assert.rejects(
        contactAll([{ refusal }]),
        ({ message }: Error) => message.includes('a server that also trains') && message.includes(said),
      );
    });
  }

  it('does not mind a server that has no lists at all', async () => {
    const refusal = { status: 404, body: { error: { message: 'not found' } } };
    assert.deepEqual((await contactAll([{ refusal }], { needsTraining: false })).warnings, []);
  });

  it('tries a model that is on no list with one token, and names the nearest where it is refused', async () => {
    const lists = { models: ['org/m-1', 'other'] };
    const options = { needsTraining: false, nRequests: 1 };
    assert.deepEqual((await contactAll([lists], options)).nAsked, [2]);
    const refuse: Behaviour = ({ response }) =>
      sendJson(response, 404, { error: { message: 'The model `m` does not exist.' } });
    await assert.rejects(contactAll([lists], { ...options, behave: refuse }), {
      name: 'ConfigError',
      message:
        /^model m: expected a model of .*received 404 The model `m` does not exist.*did you mean org\/m-1\?/,
    });
    // A server that is busy says nothing about the name.
    const busy: Behaviour = ({ index, response }) =>
      index === 0 ? sendJson(response, 503, {}) : sendChoices(response, ['fine']);
    assert.deepEqual((await contactAll([lists], { ...options, behave: busy })).nAsked, [2]);
  });
});
