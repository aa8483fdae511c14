// Texts of models, users and servers where they are shown: on a terminal, in Markdown, on a page, in a command to copy.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { escapeHtml } from '../../lib/src/core/escape-html.js';
import { escapeMarkdown } from '../../lib/src/core/escape-markdown.js';
import { quotedWord, shellWord } from '../../lib/src/core/shell-word.js';
import { visibleText } from '../../lib/src/core/text.js';
import { overrideOptions } from '../../lib/src/experiment/config/override-options.js';
import { documentToHtml, documentToMarkdown, type ReportDocument } from '../../lib/src/report/index.js';

/** ESC and a colour, a bell, the direction turned over, a C1 control. */
const HOSTILE = 'a\u001b[31mred\u0007 \u202etxt.exe\u202c \u009b';

describe('text of a model', () => {
  it('shows control characters and marks of direction as signs, and keeps its lines', () => {
    assert.equal(visibleText(HOSTILE), 'a␛[31mred␇ ⟨U+202E⟩txt.exe⟨U+202C⟩ ⟨U+009B⟩');
    assert.equal(visibleText('one\r\n\ttwo\r\u007f\u2028'), 'one\n\ttwo␍␡⟨U+2028⟩');
    assert.equal(visibleText('naïve 日本 👍🏽 עברית'), 'naïve 日本 👍🏽 עברית');
    assert.equal(escapeHtml('<b>\u001b'), '&lt;b&gt;␛');
  });

  it('is shown so in every format of a report', async () => {
    const judgments = [
      { judge: 'seed', text: HOSTILE, verdict: { kind: 'A' as const }, outcome: 'right' as const },
    ];
    const texts = { instruction: HOSTILE, winner: HOSTILE, loser: HOSTILE };
    const about = { itemId: 'i', slice: 's', errorKind: 'e', order: 'winner-first' as const };
    const groups = [{ outcome: 'right' as const, n: 1, pairs: [{ ...about, texts, judgments }] }];
    const document: ReportDocument = {
      title: 'A run',
      lead: [],
      sections: [{ title: 'Samples', blocks: [{ kind: 'judgments', samples: { judge: 'seed', groups } }] }],
    };
    const page = (await documentToHtml(document)).replace(/<script[^]*?<\/script>/g, '');
    for (const text of [page, documentToMarkdown(document, {})]) {
      assert.ok(text.includes('a␛[31mred␇ ⟨U+202E⟩txt.exe⟨U+202C⟩ ⟨U+009B⟩'));
      for (const sign of ['\u001b', '\u0007', '\u202e', '\u009b']) assert.ok(!text.includes(sign));
    }
  });
});

describe('text in Markdown', () => {
  for (const [text, escaped] of [
    ['<script>alert(1)</script>', '\\<script\\>alert(1)\\</script\\>'],
    ['![x](http://a.b) | c', '!\\[x\\](http\\://a.b) \\| c'],
    ['# a *b* `c`\n- d', '\\# a \\*b\\* \\`c\\` - d'],
    ['1. one &lt; two', '1\\. one \\&lt; two'],
    ['dataset_info.json _x_', 'dataset_info.json \\_x\\_'],
  ] as const)
    it(`escapes ${JSON.stringify(text)}`, () => assert.equal(escapeMarkdown(text), escaped));
});

describe('a command that is printed', () => {
  const words = ['r e s;ls/seed-1', "it's", '-rf', '$(id)', 'a\nb', '', '~', 'results/quickstart/seed-1'];

  it('is read by a shell as the words that it was made of', () => {
    const command = ['printf', `'%s\\0'`, ...words.map(shellWord)].join(' ');
    assert.deepEqual(
      execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }).split('\0').slice(0, -1),
      words,
    );
    assert.equal(shellWord('results/quickstart/seed-1'), 'results/quickstart/seed-1');
    assert.equal(quotedWord('a'), "'a'");
    assert.deepEqual(overrideOptions(["name=it's"]), [String.raw`--set 'name=it'\''s'`]);
  });
});
