import assert from 'node:assert/strict';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError, ModelError } from '../../lib/src/core/errors.js';
import {
  embeddedIn,
  figuresOf,
  runIn,
  SMALL_EXPERIMENT,
  writeExperiment,
} from '../fixtures/small-experiment.js';
import { sendChoices, startQuirkyServer } from '../fixtures/quirky-server.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

describe('bad input to a run', function () {
  // Some of these make large pools before they are refused.
  this.timeout(60_000);

  const refuse = async (
    folder: string,
    config: object,
    expected: RegExp,
    kind: new (...args: never[]) => Error,
  ): Promise<void> => {
    const configPath = await writeExperiment(folder, config);
    await assert.rejects(runIn(folder, configPath), (thrown: unknown) => {
      assert.ok(thrown instanceof kind, String(thrown));
      assert.match(thrown.message, expected);
      return true;
    });
    const left = await readdir(join(folder, 'results'), { recursive: true }).catch(() => []);
    assert.ok(
      !left.some((name) => name.endsWith('.json') || name.endsWith('.partial') || name.endsWith('.lock')),
      left.join(),
    );
  };

  it('is one error for an endpoint where nobody listens', () =>
    inTemporaryFolder((folder) => {
      const endpoint = { provider: 'openai', baseUrl: 'http://127.0.0.1:9/v1' };
      return refuse(
        folder,
        { ...SMALL_EXPERIMENT, endpoint },
        /127\.0\.0\.1:9.*expected a server that answers.*baseUrl/,
        ModelError,
      );
    }));

  it('is one error for files that are not there', () =>
    inTemporaryFolder(async (folder) => {
      const instructions = { source: 'jsonl', path: 'none.jsonl', perIteration: 10 };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, instructions },
        /instructions\.path.*none\.jsonl/,
        ConfigError,
      );
      const evaluate = { benchmark: { source: 'jsonl', path: 'none.jsonl' } };
      await refuse(folder, { ...SMALL_EXPERIMENT, evaluate }, /evaluate\.benchmark\.path/, ConfigError);
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, pack: 'none.yaml' },
        /pack: expected general, mt-bench, micro/,
        ConfigError,
      );
    }));

  it('is one error for an empty or broken benchmark and pool', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'x.jsonl'), '');
      const evaluate = { benchmark: { source: 'jsonl', path: 'x.jsonl' } };
      await refuse(folder, { ...SMALL_EXPERIMENT, evaluate }, /at least one benchmark item/, DataError);
      await writeFile(join(folder, 'x.jsonl'), '{"instruction": 5}\n');
      const instructions = { source: 'jsonl', path: 'x.jsonl', perIteration: 10 };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, instructions },
        /x\.jsonl:1: .*instruction: no text/,
        DataError,
      );
      const named = { ...instructions, textField: 'prompt' };
      const wanted = /prompt: no such field; instructions\.textField names it, and the line has instruction/;
      await refuse(folder, { ...SMALL_EXPERIMENT, instructions: named }, wanted, DataError);
    }));

  it('is one error for a pool or a benchmark that has too few', () =>
    inTemporaryFolder(async (folder) => {
      const benchmark = { source: 'embedded', split: 'dev', pairs: 90_000 };
      const evaluate = { ...SMALL_EXPERIMENT.evaluate, benchmark };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, evaluate },
        /evaluate\.benchmark\.pairs: expected no more/,
        ConfigError,
      );
      const instructions = { source: 'embedded', perIteration: 100_000 };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, instructions },
        /instructions\.perIteration: expected a pool/,
        ConfigError,
      );
      await writeFile(
        join(folder, 'x.jsonl'),
        '{"instruction": "one"}\n{"instruction": " ONE"}\n{"instruction": "two"}\n',
      );
      const own = { source: 'jsonl', path: 'x.jsonl', perIteration: 2 };
      await refuse(
        folder,
        { ...SMALL_EXPERIMENT, instructions: own },
        /last iteration would find only 0/,
        ConfigError,
      );
    }));

  it('is one error for a benchmark that has an item twice', () =>
    inTemporaryFolder(async (folder) => {
      const item = {
        itemId: 'a',
        instruction: 'x',
        slice: 'all',
        errorKind: 'none',
        winner: 'y',
        loser: 'z',
      };
      await writeFile(join(folder, 'x.jsonl'), `${JSON.stringify(item)}\n${JSON.stringify(item)}\n`);
      const evaluate = { benchmark: { source: 'jsonl', path: 'x.jsonl' } };
      await refuse(folder, { ...SMALL_EXPERIMENT, evaluate }, /"a" more than once/, DataError);
    }));

  it('is one error for a server that cannot train, before anything is asked of it', () =>
    inTemporaryFolder(async (folder) => {
      const server = await startQuirkyServer(({ response }) => sendChoices(response, ['[[A]]']), {
        trains: false,
      });
      try {
        const endpoint = { provider: 'openai', baseUrl: server.baseUrl };
        await refuse(
          folder,
          { ...SMALL_EXPERIMENT, endpoint },
          /expected a server that also trains/,
          ConfigError,
        );
        assert.equal(server.bodies.length, 0);
      } finally {
        await server.close();
      }
    }));

  it('is one error for a full results folder', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writeExperiment(folder, embeddedIn(folder));
      const { result } = await runIn(folder, configPath);
      await rm(join(folder, 'results'), { recursive: true });
      // /dev/full answers every write with ENOSPC: here to the first stage of the first iteration.
      await mkdir(join(result.folder, 'iteration-1'), { recursive: true });
      await symlink('/dev/full', join(result.folder, 'iteration-1/instructions.jsonl.partial'));
      await assert.rejects(
        runIn(folder, configPath),
        /instructions\.jsonl.*disk is full|ENOSPC[^]*free some space/,
      );
      const left = await readdir(join(result.folder, 'iteration-1'));
      assert.deepEqual(left, []);
      const again = await runIn(folder, configPath);
      assert.deepEqual(figuresOf(again.result), figuresOf(result));
    })).timeout(60_000);

  it('is one error for a results folder that is a file', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'results'), '');
      const configPath = await writeExperiment(folder);
      await assert.rejects(
        runIn(folder, configPath),
        /results.*expected a writable path.*choose another folder/,
      );
    }));

  it('is one error for a run that somebody is working on', () =>
    inTemporaryFolder(async (folder) => {
      const configPath = await writeExperiment(folder, embeddedIn(folder));
      let rival: Promise<void> = Promise.reject(new Error('the run never started'));
      rival.catch(() => undefined);
      await runIn(folder, configPath, {
        onEvent: (event) => {
          if (event.kind === 'started')
            rival = assert.rejects(
              runIn(folder, configPath),
              /another call in this process is working on it/,
            );
        },
      });
      await rival;
    })).timeout(60_000);
});
