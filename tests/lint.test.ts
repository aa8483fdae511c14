import assert from 'node:assert/strict';
import { ESLint } from 'eslint';

const eslint = new ESLint({
  // Type-aware rules need the file on disk; the floors do not.
  overrideConfig: { languageOptions: { parserOptions: { project: null } } },
  ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports',
});

/** What the lint rules report on a text, as if it were the content of that file. */
async function complaints(filePath: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath });
  return result?.messages.map(({ message }) => message) ?? [];
}

describe('the floors of lib/src', function () {
  this.timeout(30_000);

  const forbidden = [
    ['core/x.ts', '../schema/index.js', 'up'],
    ['schema/x.ts', '../model/index.js', 'up'],
    ['model/x.ts', '../store/index.js', 'sideways'],
    ['judge/x.ts', '../filter/index.js', 'sideways'],
    ['evaluate/x.ts', '../experiment/run.js', 'up'],
    ['experiment/x.ts', '../cli/main.js', 'up'],
    ['micro/x.ts', '../schema/index.js', 'out of micro'],
    ['micro/server/x.ts', '../../model/index.js', 'out of micro'],
    ['notebook/x.ts', '../report/index.js', 'sideways'],
    ['chart/x.ts', '../report/index.js', 'up'],
    ['shortcuts/x.ts', '../model/index.js', 'sideways'],
    ['report/x.ts', '../micro/types.js', 'into micro'],
    ['experiment/x.ts', '../public/report.js', 'up to the public face'],
    ['cli/x.ts', '../public/report.js', 'sideways to the public face'],
    ['experiment/run/x.ts', '../../cli/main.js', 'up'],
    ['experiment/layout/x.ts', '../config/config.js', 'up inside experiment'],
    ['experiment/open/x.ts', '../run/loop.js', 'up inside experiment'],
    ['experiment/plan/x.ts', '../batch-rounds/batch-walk.js', 'sideways inside experiment'],
    ['experiment/matrix/x.ts', '../report/index.js', 'up inside experiment'],
  ] as const;
  for (const [file, target, direction] of forbidden) {
    it(`forbid ${file} to import ${target}: ${direction}`, async () => {
      const found = await complaints(
        `lib/src/${file}`,
        `import { x } from '${target}';\nexport const y = x;\n`,
      );
      assert.equal(found.length, 1, found.join());
      assert.match(found[0]!, /may import only/);
    });
  }

  for (const [file, target] of [
    ['judge/x.ts', '../model/index.js'],
    ['judge/x.ts', './judge-pairs.js'],
    ['audit/x.ts', '../shortcuts/index.js'],
    ['experiment/x.ts', '../micro/seed-model.js'],
    ['micro/server/x.ts', '../../core/errors.js'],
    ['experiment/matrix/x.ts', '../../report/index.js'],
    ['experiment/matrix/x.ts', '../plan/plan-experiment.js'],
    ['experiment/open/x.ts', '../../micro/seed-model.js'],
  ] as const) {
    it(`let ${file} import ${target}`, async () => {
      assert.deepEqual(
        await complaints(`lib/src/${file}`, `import { x } from '${target}';\nexport const y = x;\n`),
        [],
      );
    });
  }
});
