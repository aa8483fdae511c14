import assert from 'node:assert/strict';
import { schemaProblems } from '../../lib/src/core/jsonl.js';
import { encodeChat } from '../../lib/src/micro/tokenizer.js';
import {
  compilePack,
  isReplacing,
  loadPack,
  packDefinitionSchema,
  probeSettingsSchema,
  probesOf,
  probesSchema,
  withFeatureText,
  type PackDefinition,
} from '../../lib/src/prompt/index.js';
import { generalPack } from '../../lib/src/prompt/general.js';

const thanks = { texts: ['{{response}} Thanks.'], favours: 'with' as const };

describe('the probes of packs', () => {
  for (const name of ['general', 'mt-bench', 'micro-worked'])
    it(`of ${name} are valid, and each feature keeps the response`, async () => {
      const { probes } = await loadPack(name);
      assert.deepEqual(probesSchema.parse(probes), probes);
      for (const probe of [
        'length',
        'format',
        'tone',
        'authority',
        'model-name',
        'injection',
        'off-topic',
        'constant',
      ])
        assert.ok(probe in probes, probe);
      assert.ok([probes['off-topic']!].flat().every(({ favours }) => favours === 'without'));
    });

  it('of micro add nothing to its responses, which are single words', async () => {
    const { probes } = await loadPack('micro');
    assert.deepEqual(Object.keys(probes), ['constant', 'hidden-instruction', 'same-response']);
  });

  for (const name of ['micro', 'micro-worked'])
    it(`of ${name} are in the words of the embedded model`, async () => {
      const { probes, judge } = await loadPack(name);
      for (const [probe, parts] of Object.entries(probes))
        for (const text of [parts].flat().flatMap(({ texts }) => texts)) {
          const shown = withFeatureText(text, { response: '3', label: 'B' });
          const [instruction, responseB] =
            probe === 'hidden-instruction' ? [shown, '3'] : ['compute 1 + 2', shown];
          assert.ok(encodeChat(judge.render({ instruction, responseA: '4', responseB })).length > 0);
        }
    });

  it('are the English ones where a pack has none, and its own alone where it has some; neither is in its version', () => {
    const plain = compilePack(generalPack);
    const own: PackDefinition = { ...generalPack, probes: { thanks } };
    const withOwn = compilePack(own);
    assert.ok('length' in plain.probes);
    assert.deepEqual(withOwn.probes, { thanks });
    assert.equal(withOwn.version, plain.version);
    assert.deepEqual(
      packDefinitionSchema.parse({ ...own, probes: { thanks: { texts: thanks.texts } } }),
      own,
    );
  });

  it('are joined by those of the settings, which change or leave out what the pack has', () => {
    const pack = { probes: { length: thanks, tone: thanks } };
    const other = { ...thanks, texts: ['{{response}}!'] };
    assert.deepEqual(probesOf(pack, { length: null, tone: other, token: other }), {
      tone: other,
      token: other,
    });
    assert.deepEqual(pack.probes.length, thanks);
  });

  it('are refused with what is wrong in them, whichever way they are written', () => {
    const problemsOf = (probes: unknown): string =>
      schemaProblems(probeSettingsSchema.safeParse(probes).error!);
    const part = { text: ['{{response}}!'] };
    for (const written of [part, [thanks, part]])
      assert.match(
        problemsOf({ thanks: written }),
        /^thanks: .*texts: missing; .*unknown key "text"; did you mean "texts"/,
      );
    assert.match(problemsOf({ thanks: 'Thanks.' }), /^thanks: expected object, .*, or expected array, /);
  });

  it('are refused under a name that every audit has, and without a place for the response', () => {
    const problemOf = (probes: unknown): string =>
      probeSettingsSchema
        .safeParse(probes)
        .error?.issues.map(({ message }) => message)
        .join() ?? '';
    assert.match(problemOf({ position: thanks }), /every audit has it/);
    assert.match(problemOf({ plain: null }), /every audit has it/);
    assert.match(
      problemOf({ thanks: [thanks, { texts: ['Thanks.'] }] }),
      /expected \{\{response\}\} .* Thanks\./,
    );
    for (const probe of ['constant', 'hidden-instruction']) {
      assert.ok(isReplacing(probe));
      assert.equal(problemOf({ [probe]: { texts: ['Thanks.'] } }), '');
    }
  });
});
