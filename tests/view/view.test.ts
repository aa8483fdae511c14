import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { readIterations } from '../../lib/src/experiment/index.js';
import { verdictScore } from '../../lib/src/schema/verdict.js';
import { startView, type StartedView } from '../../lib/src/view/index.js';
import {
  CHANGES,
  type FilteredJudgments,
  type ListedRun,
  type ReviewQueue,
  type WholeJudgment,
} from '../../lib/src/view/view-records.js';
import { withChromium } from '../fixtures/chromium.js';
import { HOSTILE, viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('a view of results', function () {
  this.timeout(60_000);

  let folder: string;
  let run: string;
  let name: string;
  let view: StartedView;
  let results: ViewedResults;
  let json: ViewedResults['json'];
  before(async () => {
    results = await viewedResults();
    ({ folder, run, name, view, json } = results);
  });
  after(() => results.close());

  const judgments = (filter: object, more: object = {}): Promise<FilteredJudgments> =>
    json('api/judgments', { run: name, filter, ...more });

  it('lists the runs with the accuracy of every judge', async () => {
    const listed = await json<ListedRun[]>('api/runs');
    const found = listed.find((each) => each.run === name);
    assert.equal(found?.state, 'finished');
    assert.equal(found.accuracies.length, 3);
    assert.ok(found.accuracies.every(({ n }) => n > 0));
  });

  it('counts every judgment of the run', async () => {
    let nHeldOut = 0;
    let nTraining = 0;
    for (const iteration of await readIterations(run)) {
      nHeldOut += (await iteration.evaluation()).reduce((sum, { orders }) => sum + orders.length, 0);
      if (iteration.manifest.iteration === 0) continue;
      nTraining += (await iteration.judgments()).reduce((sum, each) => sum + each.judgments.length, 0);
    }
    const { nAll, facets } = await judgments({});
    assert.deepEqual(facets.kind, { 'held-out': nHeldOut, training: nTraining });
    assert.equal(nAll, nHeldOut + nTraining);
  });

  it('filters by outcome, order and slice as the records say', async () => {
    const last = (await readIterations(run)).at(-1);
    const wrong = (await last?.evaluation())?.flatMap(({ slice, orders }) =>
      orders.filter(
        ({ order, verdict }) =>
          slice === 'math' && order === 'loser-first' && verdictScore(verdict, order) === 0,
      ),
    );
    const filter = {
      kind: 'held-out',
      iteration: [2],
      slice: ['math'],
      order: 'loser-first',
      outcome: ['wrong'],
    };
    assert.equal((await judgments(filter)).total, wrong?.length);
  });

  it('finds the verdicts that changed since the seed and since the iteration before', async () => {
    // The copy has the verdicts of one pair turned.
    for (const key of ['sinceSeed', 'sinceBefore']) {
      const counts: Record<string, number> = {};
      for (const change of CHANGES) {
        const filter = { kind: 'held-out', iteration: [2], [key]: [change] };
        counts[change] = (
          await json<FilteredJudgments>('api/judgments', { run: 'small/hostile', filter })
        ).total;
      }
      assert.deepEqual(counts, await changesIn('hostile', key === 'sinceSeed' ? 0 : 1));
    }
  });

  /** Counted by hand from the records. */
  async function changesIn(name: string, since: number): Promise<Record<string, number>> {
    const all = await readIterations(join(folder, 'results', 'small', name));
    const scores = async (iteration: number) =>
      ((await all[iteration]?.evaluation()) ?? []).flatMap(({ orders }) =>
        orders.map(({ verdict, order }) => ({ verdict: verdict.kind, score: verdictScore(verdict, order) })),
      );
    const [before, now] = [await scores(since), await scores(2)];
    const counts = Object.fromEntries(CHANGES.map((change) => [change, 0])) as Record<string, number>;
    const add = (change: (typeof CHANGES)[number]): void => {
      counts[change] = (counts[change] ?? 0) + 1;
    };
    now.forEach(({ verdict, score }, i) => {
      if (before[i]?.verdict === verdict) add('same');
      else if (score === 1) add('became right');
      else add(before[i]?.score === 1 ? 'became wrong' : 'other');
    });
    assert.ok((counts['became right'] ?? 0) + (counts['became wrong'] ?? 0) >= 2);
    return counts;
  }

  it('pages without loss or repetition', async () => {
    const rows: number[] = [];
    for (let offset = 0; ; offset += 7) {
      const page = await judgments({ kind: 'held-out' }, { offset, limit: 7 });
      rows.push(...page.judgments.map(({ row }) => row));
      if (rows.length === page.total) break;
    }
    assert.equal(new Set(rows).size, rows.length);
  });

  it('shows a judgment with both responses, its text and the prompt as sent', async () => {
    for (const kind of ['held-out', 'training']) {
      const { row } = (await judgments({ kind, order: 'loser-first' }, { limit: 1 })).judgments[0] ?? {};
      const { texts } = await json<WholeJudgment>(`api/judgment?run=${name}&row=${row}`);
      assert.equal(texts.problem, null);
      assert.equal(texts.responses?.winner, 'B');
      const prompt = texts.prompt?.map(({ content }) => content).join('\n') ?? '';
      assert.ok(prompt.includes(texts.instruction ?? '?'));
      assert.ok(prompt.includes(texts.responses.A) && prompt.includes(texts.responses.B));
      assert.match(texts.judgment, /\[\[[AB]\]\]/);
    }
  });

  it('finds words in judgments, and says whether it has searched all', async () => {
    const all = await judgments({ kind: 'held-out', text: '[[a]]' }, { limit: 500 });
    assert.ok(all.isWhole && all.total > 2);
    const some = await judgments({ kind: 'held-out', text: '[[a]]' }, { limit: 2 });
    assert.equal(some.isWhole, false);
    assert.deepEqual(
      some.judgments.map(({ row }) => row),
      all.judgments.slice(0, 2).map(({ row }) => row),
    );
  });

  it('refuses another token, host and origin, and says what is wrong with a query', async () => {
    const status = (
      headers: Record<string, string>,
      path = `${new URL(view.address).pathname}api/runs`,
      method = 'GET',
    ) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = request(
          { port: new URL(view.address).port, host: '127.0.0.1', path, headers, method },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        asked.on('error', reject).end();
      });
    const host = new URL(view.address).host;
    assert.equal(await status({ host }), 200);
    assert.equal(await status({ host, origin: `http://${host}` }), 200);
    assert.equal(await status({ host: 'rebound.example' }), 403);
    assert.equal(await status({ host: host.replace(/:\d+$/, ':1') }), 403);
    assert.equal(await status({ host, origin: 'http://other.example' }), 403);
    assert.equal(await status({ host }, '/guess/api/runs'), 403);
    assert.equal(await status({ host }, '/api/runs'), 403);
    const live = `${new URL(view.address).pathname}api/live`;
    for (const method of ['HEAD', 'PUT', 'DELETE', 'OPTIONS'])
      assert.equal(await status({ host }, live, method), 405, method);
    assert.equal(await status({ host, 'content-length': '1000001' }, live, 'POST'), 413);
    assert.deepEqual(Object.keys(await json('api/judgments', { run: '../..' })), ['error']);
    assert.match((await json<{ error: string }>('api/judgment?run=small/hostile&row=9999999')).error, /row/);
  });

  it('says in words what is wrong with a query, and with a port that is not free', async () => {
    const errorOf = async (path: string, body?: object): Promise<string> =>
      (await json<{ error: string }>(path, body)).error;
    assert.match(await errorOf('api/judgments', { run: name, filter: { zzz: 1 } }), /^filter: [^{[]+"zzz"$/);
    assert.equal(await errorOf('report'), 'run: missing; expected array');
    const port = Number(new URL(view.address).port);
    const { signal } = new AbortController();
    await assert.rejects(
      startView({ resultsFolder: join(folder, 'absent'), port, signal }),
      /--port: expected a port of this machine that is free/,
    );
    const empty = await startView({ resultsFolder: join(folder, 'absent'), port: 0, signal });
    assert.deepEqual([empty.isThere, view.isThere], [false, true]);
    await empty.close();
  });

  it('asks a reviewer blind, and keeps every answer before it says so', async () => {
    const query = { run: name, stage: 'generate', nItems: 6, reviewer: 'ann' };
    const queue = await json<ReviewQueue>('api/review', query);
    assert.equal(queue.items.length, 6);
    assert.deepEqual(queue.words, ['A', 'B', 'tie']);
    for (const item of queue.items)
      assert.deepEqual(Object.keys(item), [
        'itemId',
        'instruction',
        'responses',
        'reasoning',
        'answer',
        'note',
      ]);
    const [{ itemId } = { itemId: '' }, other] = queue.items;
    const file = join(run, 'review', 'answers.jsonl');
    await json('api/answer', { ...query, itemId, answer: 'B', note: 'shorter' });
    assert.match(await readFile(file, 'utf8'), /"answer":"B","note":"shorter"/);
    await json('api/answer', { ...query, reviewer: 'bob', itemId, answer: 'A' });
    const given = async (reviewer: string) =>
      (await json<ReviewQueue>('api/review', { ...query, reviewer })).items.map(({ answer }) => answer);
    assert.deepEqual(await given('ann'), ['B', null, null, null, null, null]);
    assert.deepEqual(await given('bob'), ['A', null, null, null, null, null]);
    await json('api/answer', { ...query, itemId, answer: 'undo' });
    assert.deepEqual(await given('ann'), [null, null, null, null, null, null]);
    const before = await readFile(file, 'utf8');
    for (const wrong of [{ answer: 'yes' }, { answer: 'A', itemId: 'another' }]) {
      const answer = { ...query, itemId: other?.itemId, ...wrong };
      assert.match((await json<{ error: string }>('api/answer', answer)).error, /A, B, tie, skip, undo/);
    }
    assert.equal(await readFile(file, 'utf8'), before);
  });

  it('stops no run that is not at work', async () => {
    const { error } = await json<{ error: string }>('api/stop', { run: name });
    assert.match(error, /at work on this machine, received finished/);
  });

  withChromium('in a browser', (open) => {
    it('takes answers by the keyboard alone, and goes on after a reload', async () => {
      const { page } = await open(`${view.address}#/review?run=${encodeURIComponent(name)}`);
      await page.getByLabel('Your name').fill('cid');
      await page.getByLabel('Items').fill('4');
      await page.keyboard.press('Enter');
      await page.getByText('0 of 4').waitFor();
      for (const [key, done] of [
        ['a', '1 of 4'],
        ['t', '2 of 4'],
        ['u', '1 of 4'],
        ['b', '2 of 4'],
      ] as const) {
        await page.keyboard.down(key);
        await page.getByText(done).waitFor();
        // Held down, it answers no other question.
        await page.keyboard.down(key);
        await page.keyboard.up(key);
      }
      await page.keyboard.press('/');
      await page.keyboard.type('not sure');
      await page.keyboard.press('Escape');
      await page.keyboard.press('s');
      await page.getByText('3 of 4').waitFor();
      // A note comes back with its answer; the address names the queue, so that it goes on by itself.
      await page.keyboard.press('u');
      await page.getByText('2 of 4').waitFor();
      assert.equal(await page.getByLabel('Note').inputValue(), 'not sure');
      await page.keyboard.press('s');
      await page.getByText('3 of 4').waitFor();
      await page.reload();
      await page.getByText('3 of 4').waitFor();
      await page.keyboard.press('B');
      await page.getByText('All items are answered').waitFor();
      const answers = (await readFile(join(run, 'review', 'answers.jsonl'), 'utf8'))
        .split('\n')
        .flatMap((line) =>
          line === '' ? [] : [JSON.parse(line) as { reviewer: string; answer: string; note?: string }],
        )
        .filter(({ reviewer }) => reviewer === 'cid');
      assert.deepEqual(
        answers.map(({ answer }) => answer),
        ['A', 'tie', 'undo', 'B', 'skip', 'undo', 'skip', 'B'],
      );
      assert.equal(answers[6]?.note, 'not sure');
    });

    it('shows runs and judgments, runs no text of a model, and asks no other server', async () => {
      const { page, complaints } = await open(view.address);
      await page
        .getByRole('row', { name: /hostile/ })
        .getByRole('link', { name: 'judgments' })
        .click();
      await page.getByLabel('Slice').selectOption(HOSTILE);
      await page.locator('p[aria-live]', { hasText: /^2 of / }).waitFor();
      await page.getByRole('heading', { level: 1 }).click();
      await page.keyboard.press('j');
      await page.getByRole('article').getByText(HOSTILE).first().waitFor();
      await page.getByRole('article').getByText('⟨U+202E⟩').waitFor();
      assert.equal(await page.title(), 'Judgments small/hostile - Autodidact');
      const link = page.url();
      await page.getByText('Thinking').waitFor({ state: 'detached' });
      await page.goto('about:blank');
      await page.goto(link);
      await page.getByRole('article').getByText(HOSTILE).first().waitFor();
      assert.deepEqual(
        complaints.filter((each) => !each.startsWith(`asks for ${new URL(view.address).origin}/`)),
        [],
      );
    });
  });
});
