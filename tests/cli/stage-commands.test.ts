import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  evaluatedItemSchema,
  fineTunedModelSchema,
  instructionSchema,
  stageRecordSchema,
  type StageRecord,
} from '../../lib/src/schema/index.js';
import { runCommandLine, type CommandOutcome } from '../fixtures/command-line.js';
import { embeddedIn, runIn, writeExperiment } from '../fixtures/small-experiment.js';

const linesIn = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');

/** The small experiment made smaller, with everything it keeps inside `folder`. */
const tinyIn = (folder: string): object => {
  const small = embeddedIn(folder);
  return {
    ...small,
    iterations: 1,
    instructions: { source: 'embedded', perIteration: 24 },
    judge: { ...small.judge, samples: 3 },
    evaluate: { ...small.evaluate, vote: undefined },
  };
};

describe('the commands of single stages', function () {
  this.timeout(60_000);

  let folder: string;
  let configPath: string;
  /** The folder of the first iteration, as a run of the same experiment left it. */
  let iterationPath: string;

  const at = (name: string): string => join(folder, name);
  const stage = (name: string, ...options: string[]): Promise<CommandOutcome> => {
    const places = ['--results', at('results'), '--completions', at('completions')];
    return runCommandLine(name, configPath, ...options, ...places);
  };
  const succeed = async (name: string, ...options: string[]): Promise<string> => {
    const { code, out, err } = await stage(name, ...options);
    assert.equal(code, 0, err);
    return out;
  };
  const recordOf = async (outFile: string): Promise<StageRecord> =>
    stageRecordSchema.parse(JSON.parse(await readFile(at(`${outFile}.stage.json`), 'utf8')));
  const assertSame = async (outFile: string, inRun: string): Promise<void> =>
    assert.equal(
      await readFile(at(outFile), 'utf8'),
      await readFile(join(iterationPath, inRun), 'utf8'),
      outFile,
    );

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autodidact-'));
    configPath = await writeExperiment(folder, tinyIn(folder));
    // Its completions are its own, so that nothing below can come from there.
    const { result } = await runIn(join(folder, 'whole'), configPath);
    iterationPath = join(result.folder, 'iteration-1');
    for (const [name, ...options] of [
      ['select', '--out', at('instructions.jsonl')],
      ['generate', '--in', at('instructions.jsonl'), '--out', at('pairs.jsonl')],
      ['judge', '--in', at('pairs.jsonl'), '--out', at('judgments.jsonl')],
      ['filter', '--in', at('judgments.jsonl'), '--pairs', at('pairs.jsonl'), '--out', at('examples.jsonl')],
      ['finetune', '--in', at('examples.jsonl'), '--out', at('model.json')],
    ] as [string, ...string[]][])
      await succeed(name, ...options);
  });

  after(() => rm(folder, { recursive: true, force: true }));

  it('leave, one after the other, what a run leaves in its first iteration, byte for byte', async () => {
    await assertSame('instructions.jsonl', 'instructions.jsonl');
    await assertSame('pairs.jsonl', 'pairs.jsonl');
    await assertSame('judgments.jsonl', 'judgments.jsonl');
    await assertSame('examples.jsonl', 'training-examples.jsonl');
    await assertSame('model.json.training-file.jsonl', 'training-file.jsonl');
    assert.deepEqual(
      fineTunedModelSchema.parse(JSON.parse(await readFile(at('model.json'), 'utf8'))),
      fineTunedModelSchema.parse(JSON.parse(await readFile(join(iterationPath, 'model.json'), 'utf8'))),
    );
  });

  it('count and keep what they drop, beside what they keep', async () => {
    for (const [outFile, inRun] of [
      ['pairs.jsonl', 'generate'],
      ['examples.jsonl', 'filter'],
    ] as const) {
      const record = await recordOf(outFile);
      const nDropped = Object.values(record.drops).reduce((sum, n) => sum + n, 0);
      assert.equal(record.nKept + nDropped, record.nInput);
      assert.equal((await linesIn(at(outFile))).length, record.nKept);
      assert.equal((await linesIn(at(`${outFile}.drops.jsonl`))).length, nDropped);
      assert.ok(nDropped > 0);
      await assertSame(`${outFile}.drops.jsonl`, `${inRun}.drops.jsonl`);
    }
  });

  it('tell what was kept and dropped, and pay for nothing twice', async () => {
    const out = await succeed('judge', '--in', at('pairs.jsonl'), '--out', at('again.jsonl'));
    const nPairs = (await linesIn(at('pairs.jsonl'))).length;
    assert.match(out, new RegExp(`^judge: ${nPairs} kept \\+ 0 dropped = ${nPairs} in `));
    assert.match(out, new RegExp(`^completions 0, from the store ${3 * nPairs}; tokens 0 in, 0 out;`, 'm'));
    assert.equal(await readFile(at('again.jsonl'), 'utf8'), await readFile(at('judgments.jsonl'), 'utf8'));
  });

  it('print the accuracy of a judge with n, what is unscored and the interval', async () => {
    const { model } = fineTunedModelSchema.parse(JSON.parse(await readFile(at('model.json'), 'utf8')));
    const out = await succeed('evaluate', '--model', model, '--out', at('evaluation.jsonl'));
    assert.match(out, /^accuracy % \[95%\]: \d+\.\d \[\d+\.\d, \d+\.\d\], n 2\d, unscored \d$/m);
    await assertSame('evaluation.jsonl', 'evaluation.jsonl');
    assert.equal(
      (await linesIn(at('evaluation.jsonl'))).map((line) => evaluatedItemSchema.parse(JSON.parse(line)))
        .length,
      12,
    );
  });

  it('spend from the budget of the run with the same settings', async () => {
    const { code, err } = await stage(
      ...(['judge', '--in', at('pairs.jsonl'), '--out', at('never.jsonl')] as const),
      ...['--set', 'budget.calls=1', '--set', 'judge.temperature=0.9', '--set', 'endpoint.concurrency=1'],
    );
    assert.equal(code, 4);
    assert.match(err, /budget\.calls: expected spending by this run below the cap of 1/);
    await assert.rejects(readFile(at('never.jsonl')), { code: 'ENOENT' });
  });

  it('draw preferences, train on them by DPO, and list the models with their parents', async () => {
    const judgments = (await linesIn(at('judgments.jsonl'))).map(
      (line) => JSON.parse(line) as { judgments: { verdict: object; text: string }[] },
    );
    // So small a judge is hardly of two minds: the first two judgments of each pair are made to differ.
    for (const { judgments: ofPair } of judgments) {
      for (const [i, kind] of (['A', 'B'] as const).entries())
        Object.assign(ofPair[i] ?? {}, { text: `7 [[${kind}]]`, verdict: { kind } });
    }
    await writeFile(at('mixed.jsonl'), judgments.map((each) => `${JSON.stringify(each)}\n`).join(''));
    const filter = [
      '--in',
      at('mixed.jsonl'),
      '--pairs',
      at('pairs.jsonl'),
      '--out',
      at('preferences.jsonl'),
    ];
    await succeed('filter', ...filter, '--preferences');
    const out = await succeed('finetune', '--in', at('preferences.jsonl'), '--out', at('dpo.json'));
    const model = fineTunedModelSchema.parse(JSON.parse(await readFile(at('dpo.json'), 'utf8')));
    assert.equal(model.method, 'dpo');
    assert.match(out, /^model: ft:micro-seed:\S+, dpo, from micro-seed$/m);
    const table = await runCommandLine('models', at('results'));
    assert.equal(table.code, 0, table.err);
    assert.match(table.out, new RegExp(`^${model.model} +micro-seed +dpo +${model.nExamples} `, 'm'));
    const lists = await runCommandLine('models', at('results'), '--json');
    const [list] = JSON.parse(lists.out) as { models: { method: string }[] }[];
    assert.deepEqual(
      list?.models.map(({ method }) => method),
      ['supervised', 'dpo'],
    );
    const wrong = await stage(
      ...(['finetune', '--in', at('preferences.jsonl'), '--out', at('never.json')] as const),
      '--method',
      'supervised',
    );
    assert.equal(wrong.code, 2);
    assert.match(wrong.err, /preferences\.jsonl: expected supervised examples, received preference examples/);
  });

  it('take what another tool wrote, and name file and line of what they cannot read, before anything is asked', async () => {
    const [first = ''] = await linesIn(at('instructions.jsonl'));
    const own = instructionSchema.parse({ ...JSON.parse(first), instructionId: 'mine-1' });
    await writeFile(at('own.jsonl'), `${JSON.stringify(own)}\n`);
    await succeed('generate', '--in', at('own.jsonl'), '--out', at('own-pairs.jsonl'));
    assert.match((await linesIn(at('own-pairs.jsonl'))).join(''), /"instructionId":"mine-1"/);

    await writeFile(at('broken.jsonl'), `${first}\n\n{"instructionId":"x"}\n`);
    await writeFile(at('twice.jsonl'), `${first}\n${first}\n`);
    await writeFile(at('empty.jsonl'), '\n');
    const out = ['--out', at('never.jsonl')];
    for (const [args, expectedCode, expected] of [
      [['generate', '--in', at('broken.jsonl'), ...out], 1, /broken\.jsonl:3: expected a record .*text/],
      [['generate', '--in', at('twice.jsonl'), ...out], 1, /twice\.jsonl:2: .* as in line 1/],
      [['generate', '--in', at('empty.jsonl'), ...out], 1, /empty\.jsonl: expected at least one record/],
      [['judge', '--in', at('instructions.jsonl'), ...out], 1, /instructions\.jsonl:1: expected a record/],
      [['judge', '--in', at('nowhere.jsonl'), ...out], 1, /nowhere\.jsonl.*ENOENT/],
      [
        ['filter', '--in', at('pairs.jsonl'), '--pairs', at('pairs.jsonl'), ...out],
        1,
        /pairs\.jsonl:1: expected a record/,
      ],
      [
        ['filter', '--in', at('judgments.jsonl'), '--pairs', at('own-pairs.jsonl'), ...out],
        1,
        /judgments of the pairs in .*own-pairs\.jsonl, received a judgment of pair-/,
      ],
      [['finetune', '--in', at('pairs.jsonl'), ...out], 1, /pairs\.jsonl:1: expected a record/],
      [
        ['judge', '--in', at('pairs.jsonl'), '--out', at('pairs.jsonl')],
        2,
        /another file than those that are read/,
      ],
      [['select', '--iteration', '2', ...out], 2, /an iteration of the experiment, 1 to 1, received 2/],
      [['select'], 2, /required option '--out <file>'/],
    ] as [[string, ...string[]], number, RegExp][]) {
      const outcome = await stage(...args);
      assert.equal(outcome.code, expectedCode, args.join(' '));
      assert.match(outcome.err, expected);
      assert.doesNotMatch(outcome.err, /\n\s+at /);
    }
    await assert.rejects(readFile(at('never.jsonl')), { code: 'ENOENT' });
  });

  it('refuse examples of an instruction on both sides', async () => {
    const examples = at('examples.jsonl');
    const { code, err } = await stage(
      ...(['finetune', '--in', examples, '--validation', examples, '--out', at('never.json')] as const),
    );
    assert.equal(code, 1);
    assert.match(err, /expected an instruction that is not in .*examples\.jsonl/);
  });
});
