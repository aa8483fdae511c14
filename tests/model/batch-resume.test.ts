// Batches are submitted once, whatever happens to the run that submits them.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allAnswered, ask, failureOf, idsOf, textsOf, withServer, type Place } from './batch-place.js';
import { until } from '../fixtures/until.js';
import { refused, type BatchEnd, type InputLine } from './batch-server.js';

describe('a submitted batch', () => {
  /** A run that is killed: its endpoint is left to itself once `isReached`, and nothing of it resolves any more. */
  async function interrupt(place: Place, names: string[], isReached: () => boolean): Promise<void> {
    const stop = new AbortController();
    const endpoint = await place.open();
    const asked = ask(endpoint, names, stop.signal);
    asked.catch(() => undefined);
    await until(isReached);
    stop.abort(new Error('killed'));
    await assert.rejects(asked, /killed/);
    // It asks for nothing any more: this waits for what was under way.
    await endpoint.close();
  }

  it('is found again by the next run, whatever part of it is asked for, and whenever', () =>
    withServer(allAnswered, async (place) => {
      place.server.nLooks = 1_000_000;
      await interrupt(place, ['a', 'b', 'c'], () => place.server.asked.length > 4);
      place.server.nLooks = 0;
      const endpoint = await place.open();
      assert.deepEqual(textsOf(await ask(endpoint, ['c', 'a'])), ['c 0', 'a 0']);
      assert.deepEqual(textsOf(await ask(endpoint, ['b', 'new'])), ['b 0', 'new 0']);
      assert.deepEqual(idsOf(place.server), [['key-a', 'key-b', 'key-c'], ['key-new']]);
    }));

  it('is found again where the run was killed before the answer to its creation came', () =>
    withServer(allAnswered, async (place) => {
      place.server.sabotage = (incoming) => incoming.method === 'POST' && incoming.url === '/v1/batches';
      await interrupt(place, ['a', 'b'], () => place.server.batches.length === 1);
      place.server.sabotage = () => false;
      assert.deepEqual(textsOf(await ask(await place.open(), ['b', 'a'])), ['b 0', 'a 0']);
      assert.deepEqual(idsOf(place.server), [['key-a', 'key-b']]);
    }));

  it('is created under its old name where the kill came before its creation', () =>
    withServer(allAnswered, async (place) => {
      let nRefused = 0;
      place.server.sabotage = (incoming, response) => {
        if (incoming.method !== 'POST' || incoming.url !== '/v1/batches') return false;
        // As if the request had never arrived.
        place.server.batches.pop();
        nRefused++;
        response.destroy();
        return true;
      };
      await interrupt(place, ['a', 'b'], () => nRefused > 0);
      place.server.sabotage = () => false;
      const [name] = (await readdir(place.folder)).filter((file) => file.endsWith('.json'));
      assert.deepEqual(textsOf(await ask(await place.open(), ['b'])), ['b 0']);
      assert.deepEqual(idsOf(place.server), [['key-a', 'key-b']]);
      assert.equal(`${place.server.batches[0]?.key ?? ''}.json`, name);
    }));

  for (const [when, arrives] of [
    ['before it arrives', false],
    ['after it arrived', true],
  ] as const) {
    it(`is submitted once, at whichever call to the server the run is killed, ${when}`, async () => {
      let nUnbroken = 0;
      await withServer(allAnswered, async ({ server, open }) => {
        await ask(await open(), ['a', 'b']);
        nUnbroken = server.asked.length;
      });
      // Upload, create, two looks, fetch.
      assert.equal(nUnbroken, 5);
      for (let kill = 1; kill <= nUnbroken; kill++) {
        await withServer(allAnswered, async (place) => {
          let nCalls = 0;
          place.server.sabotage = (incoming) => {
            if (++nCalls !== kill) return false;
            if (!arrives && incoming.method === 'POST' && incoming.url === '/v1/batches')
              place.server.batches.pop();
            return true;
          };
          const stop = new AbortController();
          const asked = ask(await place.open(), ['a', 'b'], stop.signal).catch(() => null);
          await until(() => nCalls >= kill);
          stop.abort(new Error('killed'));
          await asked;
          place.server.sabotage = () => false;
          const answers = await ask(await place.open(), ['b', 'a']);
          assert.deepEqual(textsOf(answers), ['b 0', 'a 0']);
          assert.deepEqual(idsOf(place.server), [['key-a', 'key-b']], `killed at call ${kill}`);
        });
      }
    });
  }

  it('is looked for, and not created again, where a connection broke in its creation', () =>
    withServer(allAnswered, async ({ server, open }) => {
      let isBroken = false;
      server.sabotage = (incoming, response) => {
        if (isBroken || incoming.method !== 'POST' || incoming.url !== '/v1/batches') return false;
        isBroken = true;
        response.destroy();
        return true;
      };
      assert.deepEqual(textsOf(await ask(await open(), ['a'])), ['a 0']);
      assert.equal(server.batches.length, 1);
    }));

  it('gives its results again where they got lost after they were taken over', () =>
    withServer(allAnswered, async ({ server, open, folder }) => {
      const first = await open();
      await ask(first, ['a', 'b']);
      await first.close();
      const [name = ''] = await readdir(folder);
      assert.equal(
        (JSON.parse(await readFile(join(folder, name), 'utf8')) as { state: string }).state,
        'taken',
      );
      assert.deepEqual(textsOf(await ask(await open(), ['b'])), ['b 0']);
      assert.equal(server.batches.length, 1);
    }));

  it('is submitted again where the server no longer has it', () =>
    withServer(allAnswered, async (place) => {
      await ask(await place.open(), ['a']);
      place.server.forget('batch_1');
      assert.deepEqual(textsOf(await ask(await place.open(), ['a'])), ['a 0']);
      assert.equal(place.server.batches.length, 1);
    }));

  it('is found again where it was sent without what an earlier one was refused for', () => {
    const said = "Unsupported parameter: 'max_tokens' is not supported with this model.";
    const script = (lines: InputLine[]): BatchEnd =>
      lines.some(({ body }) => 'max_tokens' in body)
        ? { errors: lines.map((line) => refused(line, 400, said)) }
        : allAnswered(lines);
    return withServer(script, async (place) => {
      place.server.sabotage = () => {
        if (place.server.batches.length > 1) place.server.nLooks = 1_000_000;
        return false;
      };
      await interrupt(place, ['a', 'b'], () => place.server.batches.length > 1);
      place.server.sabotage = () => false;
      place.server.nLooks = 1;
      assert.deepEqual(textsOf(await ask(await place.open(), ['a', 'b'])), ['a 0', 'b 0']);
      const renamed = ['key-a-no_max_tokens', 'key-b-no_max_tokens'];
      assert.deepEqual(idsOf(place.server), [['key-a', 'key-b'], renamed]);
    });
  });

  it('does not hold its failures against the next run', () =>
    withServer(
      (lines, index) =>
        index === 0 ? { errors: lines.map((line) => refused(line, 400, 'fixed since')) } : allAnswered(lines),
      async ({ open }) => {
        assert.match((await failureOf(ask(await open(), ['a']))).message, /fixed since/);
        assert.deepEqual(textsOf(await ask(await open(), ['a'])), ['a 0']);
      },
    ));

  it('is noticed by a process that started before it was submitted', () =>
    withServer(allAnswered, async ({ server, open }) => {
      const [one, two] = [await open(), await open()];
      await ask(one, ['a', 'b']);
      assert.deepEqual(textsOf(await ask(two, ['a'])), ['a 0']);
      assert.equal(server.batches.length, 1);
    }));

  it('is read from its beginning again where its download breaks off', () =>
    withServer(allAnswered, async ({ server, open }) => {
      let isBroken = false;
      server.sabotage = (incoming, response) => {
        if (isBroken || incoming.url?.endsWith('/content') !== true) return false;
        isBroken = true;
        response.writeHead(200, { 'content-length': '100000' });
        response.write('{"custom_id": "key-', () => response.destroy());
        return true;
      };
      const endpoint = await open();
      assert.deepEqual(textsOf(await ask(endpoint, ['a', 'b'])), ['a 0', 'b 0']);
      await endpoint.close();
      assert.deepEqual(endpoint.strays, { nUnknown: 0, nDuplicate: 0, nUnreadable: 0 });
      assert.equal(server.batches.length, 1);
    }));

  it('is forgotten after thirty days, when servers have removed its results', () =>
    withServer(allAnswered, async ({ open, folder }) => {
      const first = await open({ now: () => 0 });
      await ask(first, ['a']);
      await first.close();
      await open({ now: () => 31 * 24 * 3600 * 1000 });
      assert.deepEqual(await readdir(folder), []);
    }));

  it('is an error where its record is damaged', () =>
    withServer(allAnswered, async ({ open, folder }) => {
      await writeFile(join(folder, `${'a'.repeat(64)}.json`), '{"batchKey": ');
      await assert.rejects(open(), /may be paid for again/);
    }));
});
