import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readRun } from '../../lib/src/experiment/index.js';
import { StatusFile } from '../../lib/src/experiment/watch/status.js';
import { identityOf, thisProcess } from '../../lib/src/core/process-identity.js';
import { NO_USAGE } from '../../lib/src/schema/usage.js';
import { RunFolder } from '../../lib/src/store/index.js';
import type { Listed, ListedMatrix, ListedRun } from '../../lib/src/view/view-records.js';
import { withChromium } from '../fixtures/chromium.js';
import { commandArguments } from '../fixtures/command-process.js';
import { matrixReportOf } from '../fixtures/matrix-report.js';
import { embeddedIn, writeExperiment } from '../fixtures/small-experiment.js';
import { viewedResults, type ViewedResults } from '../fixtures/viewed-results.js';

describe('the runs of a view', function () {
  this.timeout(60_000);

  let results: ViewedResults;
  let below: (...names: string[]) => string;
  before(async () => {
    results = await viewedResults();
    below = (...names) => join(results.folder, 'results', ...names);
    const report = matrixReportOf({
      base: [0.6, 0.61, 0.62],
      more: [0.7, 0.72, 0.71],
      other: [0.6, 0.62, 0.61],
    });
    await mkdir(below('arms/matrix-00000000'), { recursive: true });
    await writeFile(below('arms/matrix-00000000/matrix.json'), JSON.stringify(report));
    await mkdir(below('broken/cut'), { recursive: true });
    await writeFile(below('broken/cut/status.json'), '{');
    await mkdir(below('broken/begun'), { recursive: true });
    await writeFile(below('broken/begun/config.json'), '{}');
    await mkdir(below('broken/pictures'), { recursive: true });
  });
  after(() => results.close());

  const list = (): Promise<Listed[]> => results.json<Listed[]>('api/runs');
  const listed = async (run: string): Promise<ListedRun> => {
    const found = (await list()).find((each) => each.kind === 'run' && each.run === run);
    assert.ok(found?.kind === 'run', run);
    return found;
  };
  const page = async (path: string): Promise<{ status: number; text: string }> => {
    const response = await fetch(new URL(path, results.view.address));
    return { status: response.status, text: await response.text() };
  };

  it('says of every judge what its report says first', async () => {
    const { assessment } = await readRun(results.run, { withSamples: false });
    const worst = assessment.checks.find(({ level }) => level === assessment.level);
    const shown = (await listed(results.name)).assessment;
    assert.ok(shown && 'level' in shown);
    assert.equal(shown.level, assessment.level);
    assert.equal(shown.found, worst?.found);
  });

  it('assesses a run again when it has changed, and not before', async () => {
    await cp(results.run, below('small/changed'), { recursive: true });
    const before = await listed('small/changed');
    await writeFile(below('small/changed/overlap.json'), '{');
    assert.deepEqual(await listed('small/changed'), before);
    await utimes(below('small/changed/status.json'), new Date(), new Date('2030-01-01'));
    const { assessment } = await listed('small/changed');
    assert.ok(assessment && 'problem' in assessment);
    assert.match(assessment.problem, /overlap\.json: expected .*not JSON/);
  });

  it('names what cannot be read, with the reason, and leaves out what is no run', async () => {
    const unreadable = (await list()).filter((each) => each.kind === 'unreadable');
    assert.deepEqual(
      unreadable.map(({ folder }) => folder),
      ['broken/begun', 'broken/cut'],
    );
    assert.match(unreadable[0]?.reason ?? '', /config\.json, but no status\.json/);
    assert.match(unreadable[1]?.reason ?? '', /status\.json: expected a record .*received not JSON/);
  });

  it('lists a matrix by what its arms came to, and shows its report', async () => {
    const matrix = (await list()).find((each): each is ListedMatrix => each.kind === 'matrix');
    assert.equal(matrix?.matrix, 'arms/matrix-00000000');
    assert.equal(matrix.state, 'finished');
    assert.deepEqual(matrix.states, { finished: 9 });
    // By seed, more is better by 0.1, 0.11 and 0.09 (t = 17.3 of 2 degrees of freedom, p = 0.003), other by 0, 0.01 and -0.01.
    assert.deepEqual(matrix.findings, { better: 1, 'within noise': 1 });
    assert.deepEqual(
      matrix.arms.map(({ accuracies }) => accuracies.at(-1)?.toFixed(3)),
      ['0.610', '0.710', '0.610'],
    );
    const { status, text } = await page('matrix?matrix=arms/matrix-00000000');
    assert.equal(status, 200);
    assert.match(text, /<h1[^>]*>[\s\S]*arms/);
    for (const wrong of ['matrix?matrix=..%2F..', `matrix?matrix=${results.name}`, 'matrix'])
      assert.equal((await page(wrong)).status, 400, wrong);
  });

  it('reports several runs side by side', async () => {
    const { status, text } = await page(`report?run=${results.name}&run=small/hostile`);
    assert.equal(status, 200);
    assert.match(text, /<p>2 runs: /);
    assert.equal((await page(`report?run=${results.name}&run=small/none`)).status, 400);
    assert.equal((await page('report')).status, 400);
  });

  it('shows pace, failures by cause and cost of a run at work, and that it has ended without a word', async () => {
    const write = async (name: string, process: Awaited<ReturnType<typeof thisProcess>>): Promise<void> => {
      const folder = new RunFolder(below('small', name));
      await mkdir(folder.path, { recursive: true });
      const spent = { requests: 9, promptTokens: 8, completionTokens: 7, costUsd: 1.25 };
      const config = { ...embeddedIn(results.folder), iterations: 4 } as never;
      const status = new StatusFile(folder, { config, runId: name, process, spent: () => spent });
      status.onEngineEvent({
        kind: 'attempt-failed',
        server: 'http://127.0.0.1:1/v1',
        code: 'http-429',
        request: 'r',
        attempt: 1,
        message: 'slow down: /etc/secret/key.json',
        waitMs: 10,
      });
      const usage = { ...NO_USAGE, retries: 4, errors: { 'http-429': 3, timeout: 2 } };
      const progress = { iteration: 2, stage: 'judge', done: 1200, total: 6000, elapsedMs: 100_000 } as const;
      const runLeft = { ms: 900_000, unmeasured: ['finetune' as const] };
      status.onEvent({ kind: 'progress', progress: { ...progress, usage }, runLeft });
      await status.close();
    };
    await write('working', await thisProcess());
    // Of an earlier start of the machine.
    await write('gone', { ...(await identityOf(process.pid)), startedAt: 'before' });
    const working = await listed('small/working');
    assert.equal(working.state, 'running');
    // 1200 in 100 s; 4800 are left.
    const stage = { name: 'judge', iteration: 2, done: 1200, total: 6000, perSecond: 12, leftMs: 400_000 };
    assert.deepEqual(working.stage, { ...stage, detail: null });
    assert.deepEqual(working.left, { ms: 900_000, unmeasured: ['finetune'] });
    assert.deepEqual(working.errors, { 'http-429': 3, timeout: 2 });
    assert.equal(working.costUsd, 1.25);
    assert.match(working.why ?? '', /last error at .* UTC, http:.*, http-429: slow down/);
    assert.equal(working.assessment, null);
    const shared = await fetch(new URL('api/share', results.view.address), {
      method: 'POST',
      body: JSON.stringify({ hash: '#/', requests: [{ path: 'api/runs' }] }),
    });
    const file = await shared.text();
    assert.ok(file.includes('slow down: …/key.json') && !file.includes('/etc/secret'));
    const gone = await listed('small/gone');
    assert.deepEqual([gone.state, gone.stage, gone.left], ['interrupted', null, null]);
    await write('unknown', { pid: process.pid, startedAt: null });
    const unknown = await results.json<{ error: string }>('api/stop', { run: 'small/unknown' });
    assert.match(unknown.error, /received one whose process this system does not tell from others/);
    const status = join('small', 'unknown', 'status.json');
    for (const pid of [-1, 0]) {
      const said = JSON.parse(await readFile(below(status), 'utf8')) as { process: object };
      await writeFile(below(status), JSON.stringify({ ...said, process: { pid, startedAt: null } }));
      const { error } = await results.json<{ error: string }>('api/stop', { run: 'small/unknown' });
      assert.match(error, /process\.pid/);
    }
    await rm(below('small/unknown'), { recursive: true });
    assert.ok(!JSON.stringify(await list()).includes('small/unknown'));
    const kill = process.kill.bind(process);
    process.kill = (pid, signal) => {
      if (signal !== 'SIGINT') return kill(pid, signal);
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    };
    try {
      const { error } = await results.json<{ error: string }>('api/stop', { run: 'small/working' });
      assert.match(error, /at work on this machine, received one that another user has started/);
    } finally {
      process.kill = kill;
    }
  });

  withChromium('in a browser', (open) => {
    it('filters, searches, sorts, and keeps all of it and what is picked in the address', async () => {
      const { page, complaints } = await open(results.view.address);
      const names = (): Promise<string[]> => page.locator('tbody tr th label').allInnerTexts();
      const shows = async (number: number): Promise<void> =>
        page.locator('p[aria-live]', { hasText: new RegExp(`^${number} of 6$`) }).waitFor();
      await shows(6);
      await page.getByLabel('State').selectOption('finished');
      await shows(4);
      await page.getByLabel('Experiment').selectOption('small');
      await shows(3);
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      assert.deepEqual(
        (await names()).map((name) => name.trim()),
        ['small/changed', 'small/hostile', results.name],
      );
      await page.getByLabel('Search').fill('HOST');
      await shows(1);
      await page.getByLabel('small/hostile').check();
      await page.getByLabel('Search').fill('');
      await page.getByLabel(results.name).check();
      const link = page.getByRole('link', { name: 'compare item by item' });
      assert.equal(
        await link.getAttribute('href'),
        `#/compare?${new URLSearchParams({ a: 'small/hostile@2', b: `${results.name}@2` }).toString()}`,
      );
      const side = page.getByRole('link', { name: 'report side by side' });
      await page.reload();
      await shows(3);
      assert.equal(await page.getByLabel('State').inputValue(), 'finished');
      await side.click();
      await page.getByRole('heading', { level: 1 }).getByText('small').waitFor();
      await page.goto(`${results.view.address}#/?search=more`);
      await page
        .getByRole('row', { name: /matrix-00000000/ })
        .getByRole('link', { name: 'report' })
        .click();
      await page.getByRole('heading', { level: 1 }).getByText('arms').waitFor();
      const asked = complaints.filter(
        (each) => !each.startsWith(`asks for ${new URL(results.view.address).origin}/`),
      );
      assert.deepEqual(asked, []);
    });

    it('is not wider than a narrow window, and lists there what cannot be shown', async () => {
      const { page } = await open(results.view.address, { viewport: { width: 390, height: 800 } });
      await page.getByText('broken/cut').waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 390);
    });

    it('follows a run while it works, and ends it once that is confirmed', async () => {
      const config = { ...embeddedIn(results.folder), name: 'long', iterations: 100 };
      const path = await writeExperiment(results.folder, config);
      const { page } = await open(`${results.view.address}#/?experiment=long`);
      const folders = ['--results', below(), '--completions', join(results.folder, 'completions')];
      const child = spawn(process.execPath, [...commandArguments(), 'run', path, ...folders], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      try {
        const row = page.getByRole('row', { name: /long\// });
        await Promise.race([row.getByText('running').waitFor(), ended]);
        await row.getByText(/ of iteration \d+: \d/).waitFor();
        await row.getByRole('button', { name: /stop/ }).click();
        await page.getByRole('button', { name: 'Let it go on' }).click();
        await row.getByText('running').waitFor();
        await row.getByRole('button', { name: /stop/ }).click();
        await page.getByRole('button', { name: 'Stop it' }).click();
        await row.getByText('interrupted').waitFor();
        assert.deepEqual(await ended, [130, null]);
      } finally {
        child.kill('SIGKILL');
        await ended;
      }
    });
  });
});
