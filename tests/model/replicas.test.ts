// Several servers behind one endpoint, rates and pauses, against loopback servers.
import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelError } from '../../lib/src/core/errors.js';
import { sendChoices, sendJson, startQuirkyServer, type Behaviour } from '../fixtures/quirky-server.js';
import { REQUEST, withServers } from '../fixtures/replica-servers.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { until } from '../fixtures/until.js';

const answering =
  (text: string, ms = 0): Behaviour =>
  ({ response }) => {
    setTimeout(() => {
      sendChoices(response, [text]);
    }, ms);
  };
const broken: Behaviour = ({ response }) => {
  sendJson(response, 500, { error: { message: 'broken' } });
};
const countOf = (texts: readonly string[], wanted: string): number =>
  texts.filter((text) => text === wanted).length;

describe('several servers behind one endpoint', () => {
  it('share the work, the quicker one doing more of it', () => {
    // The slow one answers after the quick one has answered ten times more, whatever the machine does meanwhile.
    let nQuick = 0;
    const held: { from: number; answer: () => void }[] = [];
    const release = (): void => {
      while (held[0] && (nQuick >= held[0].from + 10 || nQuick >= 40)) held.shift()?.answer();
    };
    const slow: Behaviour = ({ response }) => {
      held.push({ from: nQuick, answer: () => sendChoices(response, ['slow']) });
      release();
    };
    const quick: Behaviour = ({ response }) => {
      nQuick++;
      sendChoices(response, ['quick']);
      release();
    };
    return withServers([slow, quick], {}, async ({ sample }) => {
      const texts = await sample(60);
      assert.ok(countOf(texts, 'quick') > 2 * countOf(texts, 'slow'), texts.join(' '));
      assert.ok(countOf(texts, 'slow') >= 4);
    });
  });

  it('lose nothing when one of them fails: it is taken out and the others do its work', () =>
    withServers([broken, answering('fine', 1)], {}, async ({ sample, servers, events }) => {
      assert.deepEqual(new Set(await sample(100)), new Set(['fine']));
      assert.ok((servers[0]?.bodies.length ?? 0) < 40, `${servers[0]?.bodies.length} at the broken one`);
      assert.ok(events.some((event) => event.kind === 'breaker' && event.state === 'open'));
    }));

  it('are probed and taken back in when they answer again', async () => {
    let isBroken = true;
    const first: Behaviour = (context) => {
      (isBroken ? broken : answering('first', 1))(context);
    };
    await withServers([first, answering('second', 1)], {}, async ({ sample, events }) => {
      await sample(60);
      isBroken = false;
      // After a cooldown.
      await until(async () => {
        await sample(2);
        return events.some((event) => event.kind === 'breaker' && event.state === 'closed');
      });
      assert.ok(countOf(await sample(40), 'first') > 5);
      const states = events.flatMap((event) => (event.kind === 'breaker' ? [event.state] : []));
      assert.deepEqual(states.slice(0, 1).concat(states.slice(-2)), ['open', 'half-open', 'closed']);
    });
  });

  it('are given up together when none has answered for long, with the reason', async () => {
    const dead = await startQuirkyServer(() => undefined);
    await dead.close();
    const options = {
      baseUrls: [dead.baseUrl],
      giveUpAfterMs: 400,
      retries: { maxAttempts: 100, firstWaitMs: 1, longestWaitMs: 1 },
    };
    await withServers([], options, async ({ sample }) => {
      assert.deepEqual(new Set(await sample(30)), new Set(['endpoint unreachable']));
    });
  });
});

describe('one of several servers that lacks the model', () => {
  const lacking: Behaviour = ({ response }) => {
    sendJson(response, 404, { error: { message: 'no such model' } });
  };

  it('is left out, and its requests are answered by the others', () =>
    withServers([lacking, answering('fine')], {}, async ({ sample, servers, events }) => {
      const texts = [...(await sample(8)), ...(await sample(8))];
      assert.deepEqual(new Set(texts), new Set(['fine']));
      // Those that were under way when the first of them was refused.
      assert.ok((servers[0]?.bodies.length ?? 0) <= 4, `${servers[0]?.bodies.length} asked in vain`);
      assert.deepEqual(
        events.flatMap((event) => (event.kind === 'left-out' ? [[event.server, event.model]] : [])),
        [[servers[0]?.baseUrl, 'm']],
      );
    }));

  it('is not left out where all lack it: that ends the run', () =>
    withServers([lacking, lacking], {}, async ({ sample }) => {
      assert.deepEqual(await sample(1), ['endpoint http-404']);
    }));
});

describe('a server that limits requests', () => {
  it('is left alone, by all requests, for as long as it asked', () =>
    withServers(
      [
        ({ index, response }) => {
          if (index === 0)
            sendJson(response, 429, { error: { message: 'slow down' } }, { 'retry-after-ms': '120' });
          else sendChoices(response, ['fine']);
        },
      ],
      { concurrency: 1 },
      async ({ sample, events }) => {
        const startedMs = performance.now();
        assert.deepEqual(await sample(3), ['fine', 'fine', 'fine']);
        assert.ok(performance.now() - startedMs >= 115);
        assert.ok(events.some((event) => event.kind === 'paused' && event.ms === 120));
      },
    ));

  it('is asked for less at a time from then on', () =>
    withServers(
      [
        ({ index, response }) => {
          if (index < 2) sendJson(response, 429, { error: { message: 'slow down' } });
          else sendChoices(response, ['fine']);
        },
      ],
      { concurrency: 10 },
      async ({ sample, events }) => {
        assert.equal(countOf(await sample(10), 'fine'), 10);
        const limits = events.flatMap((event) => (event.kind === 'limit' ? [event.limit] : []));
        // 10 x 0.7; both refusals belong to one volley.
        assert.equal(limits[0], 7);
      },
    ));

  it('is not asked beyond the rate of the config', () =>
    withServers(
      [answering('fine')],
      { requestsPerMinute: 600, concurrency: 100 },
      async ({ sample, servers }) => {
        const startedMs = performance.now();
        const waiting = sample(60);
        while ((servers[0]?.bodies.length ?? 0) < 50) await nextTurn();
        const nSent = servers[0]?.bodies.length ?? 0;
        const seconds = (performance.now() - startedMs) / 1000;
        // A burst of five seconds' worth, 50, then 9.2 a second.
        assert.ok(nSent <= 51 + 9.2 * seconds, `${nSent} sent after ${seconds} s`);
        assert.equal(countOf(await waiting, 'fine'), 60);
        const allSeconds = (performance.now() - startedMs) / 1000;
        assert.ok(allSeconds >= 10 / 9.2 - 0.2, `60 sent after ${allSeconds} s`);
      },
    ));
});

describe('a server without credit, or with nothing behind it', () => {
  it('stops everything at once when the credit is used up, since no waiting helps', () =>
    withServers(
      [
        ({ response }) =>
          sendJson(response, 429, { error: { message: 'no credit', code: 'insufficient_quota' } }),
      ],
      {},
      async ({ sample, servers }) => {
        assert.deepEqual(await sample(1), ['endpoint out-of-credit']);
        assert.equal(servers[0]?.bodies.length, 1);
      },
    ));

  it('stops everything when it only ever says that it is too much', () =>
    withServers(
      [({ response }) => sendJson(response, 503, { error: { message: 'no upstream' } })],
      { retries: { maxAttempts: 3, maxRateLimited: 3, firstWaitMs: 1, longestWaitMs: 1 } },
      async ({ sample }) => {
        assert.deepEqual(await sample(1), ['endpoint http-503']);
      },
    ));
});

describe('answers that are of no use', () => {
  const useless: Behaviour = ({ response }) => {
    sendJson(response, 200, { choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } });
  };

  it('count with what they used, whether or not a good one follows', () =>
    withServers(
      [
        (context) => {
          if (context.index < 2) useless(context);
          else sendChoices(context.response, ['fine']);
        },
      ],
      {},
      async ({ endpoint }) => {
        const answer = await endpoint.sample(REQUEST, { idempotencyKey: 'k', signal: NEVER });
        // The good answer of the fixture tells 7 and 3.
        assert.deepEqual([answer.promptTokens, answer.completionTokens], [2 * 5 + 7, 2 * 7 + 3]);
      },
    ));

  it('are reported by the error of a request that got no other answer', () =>
    withServers(
      [useless],
      { retries: { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 1 } },
      async (setting) => {
        const asked = setting.endpoint.sample(REQUEST, { idempotencyKey: 'k', signal: NEVER });
        await assert.rejects(asked, (thrown: unknown) => {
          assert.ok(thrown instanceof ModelError);
          assert.deepEqual(thrown.used, { promptTokens: 10, completionTokens: 14 });
          return true;
        });
      },
    ));
});

describe('a request that fails for good', () => {
  const picky: Behaviour = ({ body, response }) => {
    if (body.seed % 10 === 3) sendJson(response, 500, { error: { message: 'this prompt breaks me' } });
    else sendChoices(response, ['fine']);
  };

  it('is lost by itself while others get through, also when it is the last', () =>
    withServers(
      [picky],
      { retries: { maxAttempts: 2, firstWaitMs: 1, longestWaitMs: 1 } },
      async ({ sample }) => {
        const texts = await sample(34);
        assert.equal(countOf(texts, 'request http-500'), 4);
        assert.equal(countOf(texts, 'fine'), 30);
      },
    ));

  it('is lost by itself also where nothing else is left to ask', () =>
    withServers(
      [
        ({ body, response }) => {
          // What the engine itself asks, to see whether the server works.
          if (body.messages[0]?.content === 'Hello') sendChoices(response, ['H']);
          else sendJson(response, 500, { error: { message: 'this prompt breaks me' } });
        },
      ],
      { retries: { maxAttempts: 3, firstWaitMs: 1, longestWaitMs: 1 } },
      async ({ sample }) => {
        assert.equal(countOf(await sample(25), 'request http-500'), 25);
      },
    ));

  it('waits while the server does not work at all, and stops everything when that lasts', () =>
    withServers([broken], { giveUpAfterMs: 400, concurrency: 2 }, async ({ sample, servers }) => {
      assert.equal(countOf(await sample(30), 'endpoint http-500'), 30);
      assert.ok((servers[0]?.bodies.length ?? 0) < 20, 'it was left alone');
    }));

  it('waits, and loses none of its attempts, while no server answers', async () => {
    const address = await startQuirkyServer(answering('fine'));
    const { port } = new URL(address.baseUrl);
    await address.close();
    const options = {
      baseUrls: [address.baseUrl],
      retries: { maxAttempts: 2, firstWaitMs: 20, longestWaitMs: 20 },
    };
    await withServers([], options, async ({ sample, events }) => {
      const waiting = sample(2);
      await until(() => events.filter((event) => event.kind === 'attempt-failed').length > 4);
      const server = await startQuirkyServer(answering('fine'), { port: Number(port) });
      assert.deepEqual(await waiting, ['fine', 'fine']);
      await server.close();
    });
  });
});
