import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeReport, readIteration, type RunEvent } from '../../../lib/src/experiment/index.js';
import { prepareExperiment } from '../../../lib/src/experiment/open/prepare.js';
import { ENGLISH_PROBES } from '../../../lib/src/prompt/english-probes.js';
import { MICRO_PROBES, MICRO_WORKED_PROBES } from '../../../lib/src/prompt/micro-probes.js';
import { iterationManifestSchema } from '../../../lib/src/schema/manifest.js';
import { sendChoices, sendJson, startQuirkyServer } from '../../fixtures/quirky-server.js';
import { embeddedIn, runIn, writeExperiment } from '../../fixtures/small-experiment.js';
import { NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { writePlanned, PLANNED_EXPERIMENT } from '../../fixtures/planned-experiment.js';

/** Without these probes. */
const without = (probes: object, ...kept: string[]): Record<string, null> =>
  Object.fromEntries(
    Object.keys(probes).flatMap((name): [string, null][] => (kept.includes(name) ? [] : [[name, null]])),
  );

/** Beside the pair as it is, 4 requests and 1 a pair. */
const PROBES = { ...without(MICRO_PROBES, 'same-response'), length: MICRO_WORKED_PROBES.length };
const AUDIT = { pairs: 10, probes: PROBES };

/** One iteration, measured on 12 pairs. */
function experiment(folder: string, audit: object | undefined): object {
  const { instructions, judge, ...small } = embeddedIn(folder);
  return {
    ...small,
    iterations: 1,
    instructions: { ...instructions, perIteration: 18 },
    judge: { ...judge, samples: 2 },
    ...(audit && { audit }),
  };
}

const run = async (folder: string, audit?: object) =>
  runIn(folder, await writeExperiment(folder, experiment(folder, audit)));

/** The stages that did something, with the requests that they sent. */
function worked(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'stage-finished' || event.wasDone) return [];
    const { stage, usage } = event.record;
    return [`${event.iteration} ${stage}: ${usage.requests}`];
  });
}

/** The files of a run that say what it is, by name; those of stages without the times that they took. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    /metrics\.json$|(evaluation|judgments|training-examples)\.jsonl$|models\.json$/.test(name),
  );
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name): Promise<[string, string]> => [
        name,
        await readFile(join(folder, name), 'utf8'),
      ]),
    ),
  );
}

describe('the audit of a run', function () {
  this.timeout(120_000);

  it('is taken, changed and taken away after a run is finished, for every judge, and trains nothing', () =>
    inTemporaryFolder(async (folder) => {
      const plain = await run(folder);
      const before = await filesOf(plain.result.folder);
      assert.ok(plain.result.iterations.every((metrics) => !('audit' in metrics)));
      assert.ok(!('audit' in plain.result.manifest));

      const audited = await run(folder, AUDIT);
      assert.equal(audited.result.folder, plain.result.folder);
      // The pairs as they are have been asked by the evaluation.
      assert.deepEqual(worked(audited.events), ['0 audit: 50', '1 audit: 50']);
      for (const [i, { audit, ...figures }] of audited.result.iterations.entries()) {
        assert.deepEqual(figures, plain.result.iterations[i]);
        assert.deepEqual(
          audit?.probes.map(({ probe, agreeing, againstSeed }) => [
            probe,
            agreeing.n + agreeing.unscored,
            againstSeed !== undefined,
          ]),
          [
            ['position', 10, i > 0],
            ['same-response', 10, i > 0],
            ['length', 20, i > 0],
          ],
        );
        assert.deepEqual([audit.nPairs, audit.nDropped], [10, {}]);
      }
      const { askedHash, ...record } = audited.result.manifest.audit ?? {};
      assert.deepEqual(record, { nPairs: 10, probes: ['same-response', 'length'] });
      assert.ok(askedHash);
      assert.ok(
        audited.result.manifest.spentByStage.some(
          ({ iteration, stage, requests }) => iteration === 1 && stage === 'audit' && requests === 50,
        ),
      );
      const { stages } = iterationManifestSchema.parse(
        JSON.parse(await readFile(join(audited.result.folder, 'iteration-1/manifest.json'), 'utf8')),
      );
      assert.deepEqual(
        stages.filter((each) => each.askedHash !== undefined).map(({ stage, nInput }) => [stage, nInput]),
        [['audit', 40]],
      );
      assert.match(
        await readFile(join(audited.result.folder, 'log.jsonl'), 'utf8'),
        /"stage":"audit","nInput":40,"nKept":40/,
      );

      // Finished now; gates and limits ask nothing, and the report is written by the limits.
      assert.deepEqual((await run(folder, { ...AUDIT, gate: 'stop' })).events.length, 1);
      const strict = await run(folder, { ...AUDIT, limits: { lostItems: { amber: 0, red: 0 } } });
      assert.deepEqual(worked(strict.events), []);
      const report = await readFile(strict.result.reportPath, 'utf8');
      assert.match(report, /RED lost-items/);
      // Other pairs are partly the same, and another probe alone is asked.
      const more = await run(folder, { ...AUDIT, pairs: 12 });
      assert.deepEqual(worked(more.events), ['0 audit: 10', '1 audit: 10']);
      assert.equal(more.result.iterations[1]?.audit?.nPairs, 12);
      const probes = { ...without(MICRO_PROBES), constant: { texts: ['note'] } };
      assert.deepEqual(worked((await run(folder, { ...AUDIT, probes })).events), [
        '0 audit: 20',
        '1 audit: 20',
      ]);
      const again = await run(folder, AUDIT);
      assert.deepEqual(worked(again.events), ['0 audit: 0', '1 audit: 0']);
      assert.deepEqual(again.result.iterations, audited.result.iterations);

      const none = await run(folder, { ...AUDIT, probes: 'none' });
      assert.deepEqual(worked(none.events), []);
      const removed = await run(folder);
      assert.equal(removed.events.length, 1);
      assert.deepEqual(await filesOf(removed.result.folder), before);
      assert.ok(!('audit' in removed.result.manifest));
    }));

  it('goes on where it stopped, and is done again alone where its records are damaged', () =>
    inTemporaryFolder(async (folder) => {
      const path = await writeExperiment(folder, experiment(folder, AUDIT));
      const stop = new AbortController();
      const seen: RunEvent[] = [];
      const stopped = runIn(folder, path, {
        signal: stop.signal,
        onEvent: (event) => {
          if (event.kind !== 'progress') return;
          seen.push(event);
          const { iteration, stage } = event.progress;
          if (iteration === 1 && stage === 'audit') stop.abort(new Error('enough'));
        },
      });
      await assert.rejects(stopped, /enough/);
      // From the time of the seed's, which is to come once more.
      const atTraining = seen.findLast(
        (event) => event.kind === 'progress' && event.progress.stage === 'finetune',
      );
      assert.ok(atTraining?.kind === 'progress' && atTraining.runLeft);
      assert.ok(!atTraining.runLeft.unmeasured.includes('audit'));
      const { result, events } = await runIn(folder, path);
      assert.deepEqual(
        worked(events).map((line) => line.split(':')[0]),
        ['1 audit'],
      );
      const file = join(result.folder, 'iteration-1/probes.jsonl');
      const written = await readFile(file, 'utf8');
      const records = await (await readIteration(result.folder, 1)).probes();
      assert.deepEqual(
        records.slice(0, 4).map(({ probe, side, orders }) => `${probe} ${side} ${orders.length}`),
        ['plain plain 2', 'same-response changed 1', 'length agreeing 2', 'length contradicting 2'],
      );
      await appendFile(file, ' ');
      await assert.rejects(makeReport([result.folder]), /probes\.jsonl was changed or damaged/);
      assert.deepEqual(worked((await runIn(folder, path)).events), ['1 audit: 0']);
      assert.equal(await readFile(file, 'utf8'), written);
    }));

  it('asks again for what servers lost, and is of the headline', () =>
    inTemporaryFolder(async (folder) => {
      let isHealed = false;
      const server = await startQuirkyServer(({ body, response }) => {
        const prompt = body.messages.at(-1)?.content ?? '';
        const content = prompt.includes('<response_A>\ngood') ? '[[A]]' : '[[B]]';
        if (isHealed || !prompt.includes('question 2') || !prompt.includes('Thanks'))
          return sendChoices(response, [content]);
        sendJson(response, 200, { choices: [{ message: { content }, finish_reason: 'engine_restart' }] });
      });
      try {
        const benchmarks = [];
        for (const name of ['one', 'two']) {
          const items = [1, 2, 3].map((i) => {
            const fixed = { slice: 'all', errorKind: 'none', winner: `good ${i}`, loser: `bad ${i}` };
            return JSON.stringify({
              itemId: `${name}-${i}`,
              instruction: `${name}: question ${i}`,
              ...fixed,
            });
          });
          await writeFile(join(folder, `${name}.jsonl`), `${items.join('\n')}\n`);
          benchmarks.push({ name, benchmark: { source: 'jsonl', path: `${name}.jsonl` } });
        }
        const experimentOn = (evaluate: object): Promise<string> =>
          writeExperiment(folder, {
            ...{ name: 'lost', iterations: 0, model: 'seed', pack: 'general', evaluate },
            endpoint: { provider: 'openai', baseUrl: server.baseUrl },
            audit: { probes: { ...without(ENGLISH_PROBES), thanks: { texts: ['{{response}} Thanks'] } } },
          });
        const path = await experimentOn({ benchmarks });
        // 6 evaluations on each, 12 of the audit; lost are 2 pairs in 2 orders, of 3 pairs in 3 forms.
        await assert.rejects(runIn(folder, path), /stage audit of iteration 0: .* 2 of 9 inputs were lost/);
        assert.equal(server.bodies.length, 6 + 6 + 12);
        isHealed = true;
        const healed = await runIn(folder, path);
        assert.deepEqual(worked(healed.events), ['0 audit: 4']);
        assert.equal(healed.result.iterations[0]?.audit?.plain.value, 1);
        const turned = await runIn(
          folder,
          await experimentOn({ benchmarks: benchmarks.map((each, i) => ({ ...each, headline: i === 1 })) }),
        );
        assert.deepEqual(worked(turned.events), ['0 audit: 12']);
        const inside = join(turned.result.folder, 'iteration-0/probes.jsonl');
        assert.match(await readFile(inside, 'utf8'), /^\{"itemId":"two-/);
      } finally {
        await server.close();
      }
    }));

  it('does not clear a judge of a probe of which the server refuses every pair', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startQuirkyServer(({ body, response }) => {
        const prompt = body.messages.at(-1)?.content ?? '';
        const content = prompt.includes('<response_A>\ngood') ? '[[A]]' : '[[B]]';
        const finish_reason = prompt.includes('Obey') ? 'content_filter' : 'stop';
        sendJson(response, 200, { choices: [{ message: { content }, finish_reason }] });
      });
      try {
        const fixed = { slice: 'all', errorKind: 'none' };
        const items = [1, 2, 3].map((i) =>
          JSON.stringify({
            ...{ itemId: `${i}`, instruction: `question ${i}`, ...fixed },
            ...{ winner: `good ${i}`, loser: `bad ${i}` },
          }),
        );
        await writeFile(join(folder, 'pairs.jsonl'), `${items.join('\n')}\n`);
        const path = await writeExperiment(folder, {
          ...{ name: 'refused', iterations: 0, model: 'seed', pack: 'general' },
          evaluate: { benchmark: { source: 'jsonl', path: 'pairs.jsonl' } },
          endpoint: { provider: 'openai', baseUrl: server.baseUrl },
          audit: { probes: { ...without(ENGLISH_PROBES), obey: { texts: ['{{response}} Obey'] } } },
        });
        const { result } = await runIn(folder, path);
        const probe = result.iterations[0]?.audit?.probes.find((each) => each.probe === 'obey');
        assert.deepEqual(
          [probe?.difference.n, probe?.difference.unscored, probe?.nDropped],
          [0, 3, { 'content-filter': 6 }],
        );
        const check = result.assessment.checks.find(({ id }) => id === 'shortcut: obey');
        assert.equal(check?.level, 'unknown');
        assert.match(
          check.found,
          /over the 0 pairs with verdicts on both sides \(unscored 3; lost: content-filter 6\)/,
        );
        assert.match(check.remedy ?? '', /audit\.drops\.jsonl/);
      } finally {
        await server.close();
      }
    }));

  it('refuses what would try nothing before anything is asked', () =>
    inTemporaryFolder(async (folder) => {
      const prepared = async (probes: object) =>
        prepareExperiment(
          await writePlanned(folder, { ...PLANNED_EXPERIMENT, audit: { probes } }),
          [],
          NEVER,
        );
      await assert.rejects(
        prepared({ lenght: null }),
        /audit\.probes\.lenght: expected null for a probe of the pack planned: length, .*; did you mean "length"\?/,
      );
      await assert.rejects(
        prepared({ own: { texts: ['{{response}}!'], slices: ['maths'] } }),
        /audit\.probes\.own\.slices: expected slices of the pairs that are drawn: all, received none/,
      );
      const { audit, runId } = await prepared({ own: { texts: ['{{response}}!'], slices: ['all'] } });
      assert.ok(audit?.probes.includes('own'));
      const [first] = await Promise.all([
        writePlanned(folder, PLANNED_EXPERIMENT).then((path) => prepareExperiment(path, [], NEVER)),
      ]);
      assert.deepEqual([first.audit, first.runId], [null, runId]);
    }));
});
