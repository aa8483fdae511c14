import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Command } from 'commander';
import { addBatchCommand } from '../../lib/src/cli/batch-command.js';
import { answerRound, failedLine, requestFiles, scriptedLine } from '../fixtures/batch-answers.js';
import { PLANNED_EXPERIMENT, writePlanned } from '../fixtures/planned-experiment.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** What `batch <args>` prints. */
async function batch(...args: string[]): Promise<string> {
  const program = new Command('autodidact').exitOverride().configureOutput({ writeErr: () => undefined });
  addBatchCommand(program, NEVER);
  let out = '';
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    out += String(chunk);
    return true;
  };
  try {
    await program.parseAsync(['node', 'autodidact', 'batch', ...args]);
  } finally {
    process.stdout.write = write;
  }
  return out;
}

/** Runs a test with an experiment and the two commands, everything inside a folder. */
function inBatches(
  test: (commands: {
    out: string;
    exported: (...options: string[]) => Promise<string>;
    imported: (...options: string[]) => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  return inTemporaryFolder(async (folder) => {
    const config = await writePlanned(folder, PLANNED_EXPERIMENT, { nInstructions: 4 });
    const out = join(folder, 'my batches');
    const completions = ['--completions', join(folder, 'completions')];
    const results = ['--results', join(folder, 'results')];
    await test({
      out,
      exported: (...options) => batch('export', config, '--out', out, ...results, ...completions, ...options),
      imported: (...options) => batch('import', out, ...completions, ...options),
    });
  });
}

describe('autodidact batch', () => {
  it('says what was written of which stage, and the commands to type next', () =>
    inBatches(async ({ out, exported }) => {
      const said = await exported('--set', 'judge.samples=1', '--max-requests', '10');
      assert.match(said, /^planned: nothing was sent; 16 requests are in 2 files of .*round-1, /);
      assert.match(said, /^stage +requests +inputs waiting +state$/m);
      assert.match(said, /^0 evaluate +8 +2 +waits for answers$/m);
      assert.match(said, /^1 generate +8 +4 +waits for answers$/m);
      assert.match(said, /^1 judge +– +– +waits for the stages before it$/m);
      const next = said.slice(said.indexOf('next:'));
      const [, first, second, third, fourth] = next.split('\n');
      const file = join(out, 'round-1', 'requests-0001');
      // The folder has a blank in its name.
      assert.equal(first, `  vllm run-batch -i '${file}.jsonl' -o '${file}.out.jsonl' --model seed`);
      assert.match(second ?? '', /requests-0002\.out\.jsonl' --model seed$/);
      assert.match(
        third ?? '',
        /^ {2}npx autodidact batch import '.*my batches' --completions \S+completions$/,
      );
      assert.match(
        fourth ?? '',
        /batch export \S+experiment\.yaml --out '.*my batches' --set judge\.samples=1 --results \S+ --completions \S+ --max-requests 10$/,
      );
    }));

  it('says what an import took, what failed and why, and what has no answer', () =>
    inBatches(async ({ out, exported, imported }) => {
      await exported();
      const round = join(out, 'round-1');
      const [missing, failed] = requestFiles(round)[0]?.lines ?? [];
      answerRound(round, (request) => {
        if (request.custom_id === missing?.custom_id) return [];
        if (request.custom_id === failed?.custom_id) return [failedLine(request.custom_id, 400, 'too long')];
        return [scriptedLine(request), scriptedLine(request)];
      });
      const said = (await imported()).split('\n');
      assert.match(said[0] ?? '', /round-1: 14 of 16 requests imported from 1 file$/);
      assert.deepEqual(said.slice(1), [
        '  1 have no answer yet',
        '  1 failed: http-400, e.g. too long',
        '  passed over: 14 lines to requests that were answered before',
        '',
      ]);
      assert.match(await exported(), /requests not written, 1 that failed for good before; a run will ask/);
    }));

  it('sends to a run once nothing is left to ask', () =>
    inBatches(async ({ out, exported, imported }) => {
      for (const round of ['round-1', 'round-2', 'round-3']) {
        await exported();
        answerRound(join(out, round));
        await imported('--outputs', join(out, round, 'requests-0001.out.jsonl'));
      }
      const said = await exported();
      assert.match(said, /^planned: nothing to ask, and iteration 1 can be trained, which only a run does$/m);
      assert.match(said, /^1 judge +– +– +nothing left to ask$/m);
      assert.match(said, /^1 finetune +– +– +a run can train now$/m);
      assert.match(said, /^ {2}npx autodidact run \S+experiment\.yaml --results \S+ --completions \S+$/m);
    }));

  it('prints both as JSON', () =>
    inBatches(async ({ out, exported, imported }) => {
      const { round } = JSON.parse(await exported('--json')) as { round: { nRequests: number } };
      assert.equal(round.nRequests, 16);
      answerRound(join(out, 'round-1'));
      const { counts } = JSON.parse(await imported('--json')) as { counts: { nImported: number } };
      assert.equal(counts.nImported, 16);
    }));

  it('wants to know where to write, and a blank is no folder', async () => {
    await assert.rejects(batch('export', 'some.yaml'), { code: 'commander.missingMandatoryOptionValue' });
    await assert.rejects(batch('export', 'some.yaml', '--out', ' '), { code: 'commander.invalidArgument' });
  });
});
