import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ResponsePair } from '../../lib/src/schema/response-pair.js';
import type { ReviewQueue } from '../../lib/src/view/view-records.js';
import { commandArguments } from '../fixtures/command-process.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('a review in the view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  before(async () => {
    results = await viewedResults();
  });
  after(() => results.close());

  it('loses no answer that it has confirmed when its process is killed', async () => {
    const { folder, name: run, run: runFolder } = results;
    const query = { run, stage: 'generate', nItems: 12, reviewer: 'ann' };
    const file = join(runFolder, 'review', 'answers.jsonl');
    const confirmed = new Map<string, string>();
    const words = ['A', 'B', 'tie', 'skip'];
    for (let round = 0; round < 2; round++) {
      const { view, post } = await viewProcess(join(folder, 'results'));
      const { items, given } = JSON.parse(await post('api/review', query)) as ReviewQueue;
      // What was confirmed before the kill stands; of the answer that was on its way, either is right.
      for (const [itemId, answer] of confirmed)
        assert.equal(items.find((item) => item.itemId === itemId)?.answer, answer);
      assert.ok(given.length - confirmed.size <= 1);
      const open = items.filter(({ answer }) => answer === null);
      for (const [i, { itemId }] of open.slice(0, 4).entries()) {
        const answer = words[i] ?? 'A';
        await post('api/answer', { ...query, itemId, answer, note: `${i} "<b>` });
        confirmed.set(itemId, answer);
      }
      const killed = once(view, 'exit');
      const unanswered = post('api/answer', { ...query, itemId: open[4]?.itemId, answer: 'A' }).then(
        () => confirmed.set(open[4]?.itemId ?? '', 'A'),
        () => undefined,
      );
      view.kill('SIGKILL');
      await Promise.all([killed, unanswered]);
      // A kill in the middle of a write leaves a part of a line.
      await appendFile(file, '\n{"itemId":"generate-torn","reviewer":"an');
    }
    assert.ok(confirmed.size >= 8);
    // The answers after a torn line are read too.
    const { items, given } = await results.json<ReviewQueue>('api/review', query);
    const standing = new Map(items.map(({ itemId, answer }) => [itemId, answer]));
    for (const [itemId, answer] of confirmed) assert.equal(standing.get(itemId), answer);
    assert.deepEqual(
      given.filter((itemId) => confirmed.has(itemId)),
      [...confirmed.keys()],
    );
    await results.json('api/answer', { ...query, itemId: given.at(-1), answer: 'undo' });
    const undone = await results.json<ReviewQueue>('api/review', query);
    assert.deepEqual(undone.given, given.slice(0, -1));
    assert.match(await readFile(file, 'utf8'), /"reviewer":"an\n\n?\{.*"undo"/);
  });

  it('sends the same bytes whichever response of a pair is the known winner, but for the order of both', async () => {
    const { folder, run, json } = results;
    const copyOf = async (name: string): Promise<string> => {
      const copy = join(folder, 'results', 'small', name);
      await cp(run, copy, { recursive: true, filter: (source) => !source.endsWith('review') });
      return copy;
    };
    await copyOf('as it was');
    const turned = await copyOf('turned');
    for (const iteration of [1, 2]) {
      const pairs = join(turned, `iteration-${iteration}`, 'pairs.jsonl');
      const lines = (await readFile(pairs, 'utf8')).trim().split('\n');
      const swapped = lines.map((line) => {
        const { winner, loser, ...pair } = JSON.parse(line) as ResponsePair;
        return JSON.stringify({
          ...pair,
          winner: { ...winner, text: loser.text },
          loser: { ...loser, text: winner.text },
        });
      });
      await writeFile(pairs, swapped.map((line) => `${line}\n`).join(''));
    }
    const query = { stage: 'generate', nItems: 40, reviewer: 'bob' };
    const queueOf = async (name: string) => json<ReviewQueue>('api/review', { run: name, ...query });
    const [plain, other] = [await queueOf('small/as it was'), await queueOf('small/turned')];
    const withoutOrder = ({ items, ...queue }: ReviewQueue) => ({
      ...queue,
      items: items.map((item) => ({ ...item, responses: [...(item.responses ?? [])].sort() })),
    });
    assert.deepEqual(withoutOrder(other), withoutOrder(plain));
    // Both orders are shown, so that the place says nothing either.
    const pairs = (await readFile(join(run, 'iteration-2', 'pairs.jsonl'), 'utf8')).trim().split('\n');
    const winners = new Map(
      pairs
        .map((line) => JSON.parse(line) as ResponsePair)
        .map(({ instruction, winner }) => [instruction, winner.text]),
    );
    const nFirst = plain.items.filter(
      ({ instruction, responses }) => winners.get(instruction) === responses?.[0],
    );
    assert.ok(nFirst.length > 10 && nFirst.length < 30, String(nFirst.length));
  });

  it('shows how far each reviewer is, and nothing of what others said', async () => {
    const query = { run: results.name, stage: 'evaluate', nItems: 5 };
    const ask = (reviewer: string) => results.json<ReviewQueue>('api/review', { ...query, reviewer });
    const [first, second] = (await ask('ann')).items;
    for (const [reviewer, item] of [
      ['ann', second],
      ['ann', first],
      ['bob', first],
    ] as const)
      await results.json('api/answer', {
        ...query,
        reviewer,
        itemId: item?.itemId,
        answer: 'A',
        note: 'a secret',
      });
    const { given, reviewers, items } = await ask('bob');
    assert.deepEqual(reviewers, { ann: 2, bob: 1 });
    assert.deepEqual(given, [first?.itemId]);
    assert.equal(items[1]?.answer, null);
    assert.deepEqual((await ask('ann')).given, [second?.itemId, first?.itemId]);
    assert.ok(!JSON.stringify(await ask('cid')).includes('secret'));
  });
});

/** A view as a process of its own. */
async function viewProcess(resultsFolder: string): Promise<{
  view: ChildProcess;
  /** @returns the bytes of the answer @throws where there is none, or a refusal */
  post: (path: string, body: object) => Promise<string>;
}> {
  const args = [...commandArguments(), 'view', '--results', resultsFolder, '--json'];
  const view = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(view.stdout), 'line')) as [string];
  const { address } = JSON.parse(line) as { address: string };
  const post = (path: string, body: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, address), { method: 'POST' }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(text));
        });
      });
      asked.on('error', reject).end(JSON.stringify(body));
    });
  return { view, post };
}
