import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ConfigError } from '../../lib/src/core/errors.js';
import { generalPack } from '../../lib/src/prompt/general.js';
import { compilePack, loadPack } from '../../lib/src/prompt/index.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

const PARTS = { instruction: 'add 1 and 1', responseA: 'two', responseB: 'three' };

describe('prompt packs', () => {
  for (const name of ['general', 'micro']) {
    it(`of the name ${name} show the judge the instruction and both responses, A before B`, async () => {
      const text = (await loadPack(name)).judge
        .render(PARTS)
        .map(({ content }) => content)
        .join('\n');
      assert.ok(text.includes('add 1 and 1'));
      assert.ok(text.indexOf('two') < text.indexOf('three'));
    });
  }

  it('leave a placeholder inside an instruction as the text it is', async () => {
    const pack = await loadPack('general');
    const [, user] = pack.judge.render({ ...PARTS, instruction: 'print {{responseA}} $& $1' });
    assert.ok(user?.content.includes('print {{responseA}} $& $1'));
  });

  for (const name of ['general', 'mt-bench']) {
    it(`of the name ${name} ask for a worse answer with the instruction and the good response, and read it`, async () => {
      const { worseAnswer } = await loadPack(name);
      assert.ok(worseAnswer);
      const text = worseAnswer
        .render({ instruction: 'add 1 and 1', response: 'it is two' })
        .map(({ content }) => content)
        .join('\n');
      assert.ok(text.includes('add 1 and 1') && text.includes('it is two'));
      const completion = {
        text: 'Here: <worse_response>\nit is three\n</worse_response>',
        finishReason: 'stop',
      };
      assert.deepEqual(worseAnswer.parse(completion), { ok: true, value: 'it is three' });
      assert.deepEqual(worseAnswer.parse({ text: 'it is three', finishReason: 'stop' }), {
        ok: false,
        reason: 'marker-missing',
      });
    });
  }

  it('need no prompt for a worse answer, and the one of the embedded model has none', async () => {
    assert.equal((await loadPack('micro')).worseAnswer, null);
  });

  it('keep their version, by which their completions are found', async () => {
    const packs = await Promise.all(
      ['general', 'mt-bench', 'micro', 'micro-worked'].map((name) => loadPack(name)),
    );
    assert.deepEqual(
      packs.map(({ version }) => version),
      ['70f3efa91514c28e', '19a9b6074991fbbc', 'c8e76e4f621ff669', 'f779608f31f69d0e'],
    );
  });

  it('change their version with any word of theirs', () => {
    const changed = {
      ...generalPack,
      answer: { ...generalPack.answer, messages: [{ role: 'user' as const, content: '{{instruction}} ' }] },
    };
    assert.notEqual(compilePack(changed).version, compilePack(generalPack).version);
    assert.equal(compilePack(generalPack).version, compilePack(structuredClone(generalPack)).version);
  });

  it('can be dropped in as a YAML file', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'pack.yaml');
      await writeFile(path, stringify({ ...generalPack, name: 'mine' }));
      const pack = await loadPack(path);
      assert.equal(pack.name, 'mine');
      assert.deepEqual(pack.judge.render(PARTS), compilePack(generalPack).judge.render(PARTS));
      assert.deepEqual(pack.judge.parse({ text: 'so [[B]]', finishReason: 'stop' }), { kind: 'B' });
    }));

  const broken: [string, string, RegExp][] = [
    ['no file', '', /expected general, mt-bench, micro, micro-worked or the path of a YAML file/],
    ['not YAML', 'name: [', /expected YAML/],
    [
      'a missing placeholder',
      stringify({
        ...generalPack,
        judge: { messages: [{ role: 'user', content: '{{instruction}} {{responseA}}' }], parse: 'strict' },
      }),
      /expected the placeholder \{\{responseB\}\}/,
    ],
    [
      'an unknown placeholder',
      stringify({
        ...generalPack,
        answer: {
          messages: [{ role: 'user', content: '{{instruction}} {{extra}}' }],
          parse: { rule: 'whole' },
        },
      }),
      /unknown placeholder \{\{extra\}\}/,
    ],
    [
      'a prompt for a worse answer that does not show the good one',
      stringify({
        ...generalPack,
        worseAnswer: { messages: [{ role: 'user', content: '{{instruction}}' }], parse: { rule: 'whole' } },
      }),
      /worseAnswer\.messages: expected the placeholder \{\{response\}\}/,
    ],
    [
      'an unknown rule',
      stringify({ ...generalPack, judge: { ...generalPack.judge, parse: 'guess' } }),
      /judge\.parse/,
    ],
    ['an unknown key', stringify({ ...generalPack, more: 1 }), /more/],
  ];
  for (const [what, text, expected] of broken) {
    it(`are refused with ${what}`, () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'pack.yaml');
        if (text !== '') await writeFile(path, text);
        await assert.rejects(loadPack(path), (error: unknown) => {
          assert.ok(error instanceof ConfigError);
          assert.match(error.message, expected);
          return true;
        });
      }));
  }
});
