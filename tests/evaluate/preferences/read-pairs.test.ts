import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, DataError } from '../../../lib/src/core/errors.js';
import { readPairsToJudge } from '../../../lib/src/evaluate/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

type Read = ReturnType<typeof readPairsToJudge>;

const read = (name: string, content: string, columns: Record<string, unknown> = {}): Read =>
  inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, name), content);
    return readPairsToJudge(join(folder, name), { columns });
  });
const reasons = async (reading: Read): Promise<[number, string][]> =>
  (await reading).badRows.map(({ line, reason }) => [line, reason]);
const jsonl = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('pairs without a known winner', () => {
  it('are read from any format, with rows that are no pair counted', async () => {
    const csv = read('p.csv', 'instruction,a,b,id\nask,one,two,x\n,one,two,y\nask,"t\nhree",,x\nshort\n');
    assert.deepEqual((await csv).pairs, [
      { pairId: 'x', instruction: 'ask', a: 'one', b: 'two' },
      // An empty response is one; a repeated id is told apart.
      { pairId: 'x (2)', instruction: 'ask', a: 't\nhree', b: '' },
    ]);
    assert.deepEqual(await reasons(csv), [
      [3, 'no-instruction'],
      [6, 'unreadable-row'],
    ]);
    const [pair] = (await read('p.tsv', 'instruction\ta\tb\nask, "so"\tone\ttwo\n')).pairs;
    assert.deepEqual(pair, { pairId: 'row-2', instruction: 'ask, "so"', a: 'one', b: 'two' });
  });

  it('have ids of their own, also where a row has the id that would be next', async () => {
    const rows = ['x', 'x', 'x (2)', 'x'].map((id) => ({ id, instruction: 'ask', a: 'one', b: 'two' }));
    const { pairs } = await read('p.jsonl', jsonl(...rows));
    assert.deepEqual(
      pairs.map(({ pairId }) => pairId),
      ['x', 'x (2)', 'x (2) (2)', 'x (3)'],
    );
  });

  it('are read from the columns that are named, by paths too', async () => {
    const rows = jsonl({ prompt: 'ask', answers: ['one', 'two'], models: ['x', 'y'] }, { prompt: 'ask' });
    const columns = {
      instruction: 'prompt',
      a: 'answers[0]',
      b: 'answers.1',
      systemA: 'models.0',
      systemB: 'models.1',
    };
    const { pairs, dropped } = await read('p.jsonl', rows, columns);
    assert.deepEqual(pairs, [
      { pairId: 'row-1', instruction: 'ask', a: 'one', b: 'two', systems: ['x', 'y'] },
    ]);
    assert.deepEqual(dropped, { 'wrong-shape': 1 });
    await assert.rejects(read('p.jsonl', rows, { promt: 'prompt' }), ConfigError);
  });

  it('are every two systems on one instruction; what is in no pair is counted', async () => {
    const row = (instruction: string, system: string, response: string) => ({
      instruction,
      system,
      response,
    });
    const reading = read(
      'p.jsonl',
      jsonl(
        row('ask', 'y', 'of y'),
        row('ask', 'x', ''),
        row('ask', 'y', 'again'),
        row('alone', 'x', 'of x'),
        row('ask', '__proto__', 'of p'),
      ),
    );
    assert.deepEqual(
      (await reading).pairs.map(({ systems, a, b }) => [systems, a, b]),
      [
        [['__proto__', 'x'], 'of p', ''],
        [['__proto__', 'y'], 'of p', 'of y'],
        [['x', 'y'], '', 'of y'],
      ],
    );
    assert.deepEqual(await reasons(reading), [
      [3, 'repeated-system'],
      [4, 'no-other-system'],
    ]);
  });

  it('may have a column of system prompts beside the responses', async () => {
    const { pairs } = await read(
      'p.jsonl',
      jsonl({ instruction: 'ask', system: 'be short', a: 'x', b: 'y' }),
    );
    assert.equal(pairs.length, 1);
  });

  it('name both systems or none, and say which column is empty', async () => {
    const pair = { instruction: 'ask', a: 'x', b: 'y' };
    const reading = read(
      'p.jsonl',
      jsonl(
        { ...pair, system_a: 's' },
        { ...pair, system_a: '', system_b: null },
        { instruction: 'ask', system: 's', response: null },
      ),
    );
    assert.deepEqual((await reading).pairs, [{ pairId: 'row-2', ...pair }]);
    assert.deepEqual(
      (await reading).badRows.map(({ line, detail }) => [line, detail]),
      [
        [1, 's against a system without a name'],
        [3, 'column "response": expected a text, received nothing'],
      ],
    );
  });

  it('are refused where there is none, with the first problem', async () => {
    await assert.rejects(read('p.csv', 'instruction,a\nask,x\n'), (thrown: unknown) => {
      assert.ok(thrown instanceof DataError);
      assert.match(thrown.message, /p\.csv:2.*column "b": expected a text, received nothing/);
      return true;
    });
    await assert.rejects(read('p.csv', 'instruction,a,b\n'), /received no rows/);
    const alone = jsonl({ instruction: 'ask', system: 'x', response: 'r' });
    await assert.rejects(read('p.jsonl', alone), /no-other-system: only x answers that instruction/);
  });
});
