import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_CODES } from '../../../lib/src/cli/exit-codes.js';
import { ConfigError, GateError } from '../../../lib/src/core/errors.js';
import { foldersIn } from '../../../lib/src/core/files.js';
import { documentToHtml } from '../../../lib/src/report/index.js';
import { detailsOf } from '../../../lib/src/cli/status-command.js';
import {
  auditInput,
  makeReport,
  observeRun,
  writeGallery,
  type RunOptions,
} from '../../../lib/src/experiment/index.js';
import type { Notice } from '../../../lib/src/experiment/run/notify.js';
import { runCommandLine } from '../../fixtures/command-line.js';
import {
  LENGTH_ENVIRONMENT,
  LENGTH_LOVER,
  lengthLover,
  lengthLoverEndpoint,
} from '../../fixtures/servers/length-lover.js';
import { startStrictServer, type Product, type StrictServer } from '../../fixtures/servers/strict-server.js';
import { runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const N = 60;

/** An experiment at a server of a product, in a folder. */
async function withLover(
  test: (at: {
    folder: string;
    server: StrictServer;
    write: (settings?: object) => Promise<string>;
    run: (path: string, accept?: string, more?: Partial<RunOptions>) => ReturnType<typeof runIn>;
  }) => Promise<void>,
  product: Product = lengthLover(),
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const server = await startStrictServer(product);
    const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const numbers = Array.from({ length: N }, (_, i) => i);
    await writeFile(
      join(folder, 'instructions.jsonl'),
      lines(numbers.map((i) => ({ instruction: `tell me of number ${i}` }))),
    );
    await writeFile(
      join(folder, 'pairs.jsonl'),
      lines(
        numbers.map((i) => ({
          itemId: `item-${i}`,
          instruction: `explain ${i}`,
          slice: 'all',
          errorKind: 'none',
          winner: `good answer to ${i}${i % 3 === 0 ? '' : ' and a few words more'}`,
          loser: `bad answer to ${i} with words`,
        })),
      ),
    );
    const write = (settings: object = {}): Promise<string> =>
      writeExperiment(folder, {
        name: 'lover',
        iterations: 2,
        model: LENGTH_LOVER,
        pack: 'general',
        endpoint: lengthLoverEndpoint(server.origin),
        instructions: { source: 'jsonl', path: 'instructions.jsonl', perIteration: N, fresh: false },
        judge: { samples: 1 },
        evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
        ...settings,
      });
    const environment = { ...LENGTH_ENVIRONMENT };
    const run = (path: string, accept?: string, more: Partial<RunOptions> = {}) =>
      runIn(folder, path, { environment, accept, ...more });
    try {
      await test({ folder, server, write, run });
    } finally {
      await server.close();
    }
  });
}

const jobsOf = ({ answered }: StrictServer): number =>
  answered.filter(({ method, path }) => method === 'POST' && path.endsWith('/fine_tuning/jobs')).length;

async function endOf(run: Promise<unknown>): Promise<Error> {
  const thrown = await run.then(
    () => null,
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof Error, 'it did not end');
  return thrown;
}

describe('the gate of a run', function () {
  this.timeout(60_000);

  it('warns, and the answer about a judge that loves length is RED everywhere', () =>
    withLover(async ({ folder, server, write, run }) => {
      const path = await write({ audit: { pairs: 30 } });
      const { result, events } = await run(path);
      assert.equal(jobsOf(server), 2);
      const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
      assert.match(warnings.join('\n'), /training-set: characters/);
      assert.equal(result.assessment.level, 'red');
      assert.ok(
        result.assessment.checks.some(({ id, level }) => id === 'shortcut: length' && level === 'red'),
      );
      // Of the seed model, what the first iteration trained on says nothing.
      const ofSeed = await auditInput(`${result.folder}@0`);
      assert.ok(!ofSeed.checks.some(({ kind }) => kind === 'training-set'));
      const red = /Can this judge be trusted\?[^\n]*RED: no/;
      const report = await readFile(join(result.folder, 'report.md'), 'utf8');
      assert.match(report.slice(0, 400), red);
      assert.match(report, /prefers the longer response, whatever it says: 100\.0% right/);
      const page = (await documentToHtml(await makeReport([result.folder]))).replace(/<[^>]*>/g, '');
      assert.match(page, red);
      await writeGallery(join(folder, 'results'));
      assert.match(await readFile(join(folder, 'results', 'index.html'), 'utf8'), /badge red/);
      const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
      process.env.LENGTH_KEY = LENGTH_ENVIRONMENT.LENGTH_KEY;
      const { out } = await runCommandLine('run', path, ...places);
      delete process.env.LENGTH_KEY;
      assert.match(out.trimStart().slice(0, 120).replaceAll('\n', ' '), red);
    }));

  it('ends a run before anything is trained on pairs whose winners are told by length', () =>
    withLover(async ({ folder, server, write, run }) => {
      const path = await write({ audit: { probes: 'none', gate: 'stop' } });
      const ended = await endOf(run(path));
      assert.ok(ended instanceof GateError);
      assert.match(ended.message, /training-set: characters: .*AUC 1\.00/);
      assert.match(ended.message, /--accept "<reason>"/);
      assert.equal(jobsOf(server), 0);
      // The same command stops there again, and asks nothing.
      const nAnswered = server.answered.length;
      assert.ok((await endOf(run(path))) instanceof GateError);
      assert.equal(
        server.answered.slice(nAnswered).filter(({ path: asked }) => asked.endsWith('/completions')).length,
        0,
      );
      const [name = ''] = await foldersIn(join(folder, 'results', 'lover'));
      const report = await makeReport([join(folder, 'results', 'lover', name)]);
      assert.equal(report.lead[0]?.kind, 'assessment');
      // It goes on once that is accepted, and stops at what is red only then.
      const next = await endOf(run(path, 'losers are short on purpose'));
      assert.match(next.message, /shortcut: length/);
      assert.equal(jobsOf(server), 1);
      const { result } = await run(path, 'we want <b>long</b> ones');
      assert.equal(jobsOf(server), 2);
      const text = await readFile(join(result.folder, 'report.md'), 'utf8');
      assert.match(
        text,
        /training-set: characters\*\*: .*accepted \d{4}-\d\d-\d\d: losers are short on purpose/,
      );
      assert.ok(!(await documentToHtml(await makeReport([result.folder]))).includes('<b>long'));
    }));

  it('says that a run waits, makes a damaged audit again, and keeps what was accepted over a stop', () =>
    withLover(async ({ folder, server, write, run }) => {
      const told = join(folder, 'notice.json');
      const path = await write({
        iterations: 1,
        audit: { probes: 'none', gate: 'stop' },
        notify: { command: `cat > '${told}'` },
      });
      const environment = { ...LENGTH_ENVIRONMENT, PATH: process.env.PATH };
      const { message } = await endOf(run(path, undefined, { environment }));
      const notice = JSON.parse(await readFile(told, 'utf8')) as Notice;
      assert.equal(notice.event, 'waiting');
      assert.match(notice.message ?? '', /training-set: characters/);
      const observed = await observeRun(notice.folder);
      assert.deepEqual(
        [observed?.state, observed?.waitsFor, observed?.lastError],
        ['waiting', message, null],
      );
      assert.match(detailsOf(observed!, 0), /: waiting, updated .*\n.*audit\.gate: stop.*\ntraining-set: /);

      const audit = join(notice.folder, 'iteration-1', 'training-set-audit.json');
      const whole = await readFile(audit, 'utf8');
      await writeFile(audit, whole.slice(0, 100));
      const warnings: string[] = [];
      const onEvent: RunOptions['onEvent'] = (event) => {
        if (event.kind === 'warning') warnings.push(event.message);
      };
      assert.equal((await endOf(run(path, undefined, { environment, onEvent }))).message, message);
      assert.match(warnings.join('\n'), /training-set-audit\.json is damaged/);
      assert.equal(await readFile(audit, 'utf8'), whole);

      const stop = new AbortController();
      const stopped = run(path, 'short on purpose', {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind === 'stage-finished' && event.record.stage === 'filter')
            stop.abort(new Error('enough'));
        },
      });
      assert.match((await endOf(stopped)).message, /enough/);
      assert.equal(jobsOf(server), 0);
      const acceptances = join(notice.folder, 'acceptances.jsonl');
      const kept = await readFile(acceptances, 'utf8');
      await writeFile(acceptances, kept.slice(0, 40));
      assert.match((await endOf(run(path))).message, /acceptances\.jsonl:1: /);
      await writeFile(acceptances, kept);
      const { result } = await run(path);
      assert.equal(jobsOf(server), 1);
      const set = result.assessment.checks.find(({ id }) => id === 'training-set: characters');
      assert.deepEqual([set?.level, set?.accepted?.reason], ['red', 'short on purpose']);
      assert.match(
        await readFile(join(result.folder, 'report.md'), 'utf8'),
        /^- Longer responses win 9\d\.\d% of examples \(AUC 1\.00/m,
      );
    }));

  it('lets the other arms of a matrix go on, and accepts for all that stand at a gate', () =>
    withLover(async ({ folder, server, write }) => {
      const path = await write({
        iterations: 1,
        audit: { probes: 'none', gate: 'stop' },
        matrix: { seeds: [1], arms: { taught: {}, seed: { iterations: 0 }, more: { 'judge.samples': 2 } } },
      });
      const places = ['--results', join(folder, 'results'), '--completions', join(folder, 'completions')];
      process.env.LENGTH_KEY = LENGTH_ENVIRONMENT.LENGTH_KEY;
      const ended = await runCommandLine('run', path, ...places);
      assert.equal(ended.code, EXIT_CODES.gateClosed);
      assert.match(ended.out.replace(/\s+/g, ' '), /taught, seed 1 waits: iteration 1: expected no red check .*training-set: characters/); // prettier-ignore
      const [matrix = ''] = /\S+matrix\.md/.exec(ended.out) ?? [];
      assert.match(await readFile(matrix, 'utf8'), /\| taught \| +1 \| waiting \(gate\) \|/);
      assert.match(ended.err, /received 2 that a gate has ended: taught.*, seed 1; more, seed 1/);
      assert.equal(jobsOf(server), 0);
      const done = await runCommandLine('run', path, ...places, '--accept', 'on purpose');
      assert.equal(done.code, 0, done.err);
      // Both arms train on the same examples, so that one job does.
      assert.equal(jobsOf(server), 1);
      const nothing = await runCommandLine('run', path, ...places, '--accept', 'on purpose');
      delete process.env.LENGTH_KEY;
      assert.equal(nothing.code, EXIT_CODES.wrongInput);
      assert.match(nothing.err, /which stands at none/);
    }));

  it('accepts nothing before it is found, and no empty reason', () =>
    withLover(async ({ write, run }) => {
      const path = await write({ iterations: 1, audit: { probes: 'none', gate: 'stop' } });
      for (const reason of ['because', ' ']) {
        const refused = await endOf(run(path, reason));
        assert.ok(refused instanceof ConfigError);
        assert.match(refused.message, /--accept/);
      }
    }));

  it('lets a judge pass that knows the winner', () => {
    const good = lengthLover((a) => (a.includes('good answer') ? '[[A]]' : '[[B]]'));
    return withLover(async ({ server, write, run }) => {
      const { result } = await run(await write({ audit: { pairs: 30, gate: 'stop' } }));
      assert.equal(jobsOf(server), 2);
      const red = result.assessment.checks.filter(({ level }) => level === 'red').map(({ id }) => id);
      // The words of its answers tell as much as it does, and training changes nothing; it has no shortcut.
      assert.deepEqual(red, ['trivial-judges']);
    }, good);
  });
});
