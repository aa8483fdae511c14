import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { documentToHtml, type ReportDocument } from '../../../lib/src/report/index.js';
import { escapeHtml } from '../../../lib/src/core/escape-html.js';
import { html, jsonForScript } from '../../../lib/src/report/html/html.js';

const HOSTILE = `</pre></script><script>alert(1)</script><img src=x onerror="alert(2)"><a href='javascript:alert(3)'>&`;

/** The page with every place that a text of others can reach holding a hostile one. */
const hostileDocument: ReportDocument = {
  title: HOSTILE,
  lead: [
    { kind: 'text', spans: [HOSTILE, { strong: HOSTILE }, { em: HOSTILE }, { code: HOSTILE }] },
    {
      kind: 'chart',
      chart: {
        id: 'one',
        alt: HOSTILE,
        spec: {
          data: { values: [{ a: HOSTILE, b: 1 }] },
          mark: 'bar',
          encoding: { y: { field: 'a', type: 'nominal' } },
        },
      },
    },
  ],
  sections: [
    {
      title: HOSTILE,
      blocks: [
        { kind: 'list', ordered: false, items: [[HOSTILE]] },
        { kind: 'facts', facts: [{ term: HOSTILE, fact: [HOSTILE] }] },
        { kind: 'table', table: { header: [HOSTILE, 'b'], rows: [[HOSTILE, HOSTILE]] } },
        { kind: 'code', language: 'sh', text: HOSTILE },
        { kind: 'folded', summary: HOSTILE, blocks: [{ kind: 'text', spans: [HOSTILE] }] },
        {
          kind: 'judgments',
          samples: {
            judge: HOSTILE,
            groups: [
              {
                outcome: 'wrong',
                n: 1,
                pairs: [
                  {
                    itemId: HOSTILE,
                    slice: HOSTILE,
                    errorKind: HOSTILE,
                    order: 'loser-first',
                    texts: { instruction: HOSTILE, winner: HOSTILE, loser: HOSTILE },
                    judgments: [{ judge: HOSTILE, text: HOSTILE, verdict: { kind: 'A' }, outcome: 'wrong' }],
                  },
                ],
              },
            ],
          },
        },
      ],
    },
  ],
};

describe('a report page', () => {
  it('shows marks of direction and control characters of texts as signs', () => {
    assert.equal(html`<p>${'a\u202eb\u001b\n'}</p>`.markup, '<p>a⟨U+202E⟩b␛\n</p>');
  });

  it('escapes text for contents and for attributes', () => {
    assert.equal(
      html`<p title="${'a "b"'}">${'<script>'}${html`<b>${"it's"}</b>`}${['x', 1]}</p>`.markup,
      '<p title="a &quot;b&quot;">&lt;script&gt;<b>it&#39;s</b>x1</p>',
    );
    assert.equal(escapeHtml('&<>"\''), '&amp;&lt;&gt;&quot;&#39;');
    assert.equal(jsonForScript({ a: '</script>' }).markup, '{"a":"\\u003c/script>"}');
  });

  it('has no element or attribute that a text brought with it', async () => {
    const page = await documentToHtml(hostileDocument);
    assert.equal(
      page.split('<script').length - 1,
      2,
      'the specification of the chart, and the script of the page',
    );
    const outsideScripts = page.replace(/<script[\s\S]*?<\/script>/g, '');
    assert.doesNotMatch(outsideScripts, /<img|<a href='|\sonerror="|<script/i);
    assert.doesNotMatch(outsideScripts, /href="(?!#)/, 'links lead to places on the page alone');
  });

  it('lets only the script of the page run, and fetches nothing', async () => {
    const page = await documentToHtml(hostileDocument);
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page)?.[1] ?? '';
    const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    assert.ok(script.length > 100_000, 'the chart library is in the page');
    assert.match(policy, /default-src &#39;none&#39;/);
    assert.ok(policy.includes(`script-src &#39;sha256-${hash}&#39;;`), policy);
    assert.doesNotMatch(
      page.replace(script, ''),
      /<(?:link|iframe|object|embed|base)\b|src="|url\(|@import/i,
    );
  });

  it('has the drawing of every chart, also where no script runs', async () => {
    const page = await documentToHtml(hostileDocument);
    assert.match(
      page,
      /<figure class="chart" id="chart-one">\s*<div class="drawing" role="img" aria-label="[^"]+">\s*<div aria-hidden="true"><svg/,
    );
  });

  it('has no script where there is no chart', async () => {
    const page = await documentToHtml({ title: 'Plain', lead: [], sections: [] });
    assert.doesNotMatch(page, /<script/);
    assert.match(page, /script-src &#39;none&#39;/);
  });

  it('opens the first section, or those that are to be, each at an anchor of its own', async () => {
    const sections = ['One', 'one?', '二', 'Two'].map((title) => ({ title, blocks: [] }));
    const anchors = async (more: Pick<ReportDocument, 'opened'>): Promise<string[]> => {
      const page = await documentToHtml({ title: 'Plain', lead: [], sections, ...more });
      const folded = page.matchAll(
        /<details class="section"( open)?>\s*<summary><h2>([^<]*)<[\s\S]*?<div id="([^"]*)"/g,
      );
      const found = [...folded].map(([, open = '', title, anchor]) => `${title} ${anchor}${open}`);
      assert.deepEqual(
        [...page.matchAll(/<li><a href="#([^"]*)">([^<]*)/g)].map(
          ([, anchor, title]) => `${title} ${anchor}`,
        ),
        found.map((each) => each.replace(/ open$/, '')),
      );
      return found;
    };
    assert.deepEqual(await anchors({}), ['One one open', 'one? one-2', '二 section', 'Two two']);
    assert.deepEqual(await anchors({ opened: ['Two'] }), [
      'One one',
      'one? one-2',
      '二 section',
      'Two two open',
    ]);
  });

  it('makes figures and a bar links where its reader has more than the page, whatever their words are', async () => {
    const counted = { filter: { slice: [HOSTILE] }, inWords: HOSTILE };
    const table = { header: ['a', 'n'], rows: [['x', '12']], counted: [[null, counted]] };
    const document: ReportDocument = {
      title: 'Plain',
      lead: [
        {
          kind: 'text',
          spans: [
            { figure: '34', counted },
            { strong: '56', counted },
          ],
        },
      ],
      sections: [{ title: 'one', blocks: [{ kind: 'table', table }] }],
    };
    assert.doesNotMatch(await documentToHtml(document), /href="(?!#)/);
    const page = await documentToHtml(document, {
      hrefOf: ({ filter }) => `./#/judgments?${JSON.stringify(filter)}`,
      bar: [{ title: HOSTILE, href: `./#/?run=${HOSTILE}` }],
    });
    const shown = [...page.matchAll(/<a class="figure" href="[^"<>]*" title="[^"<>]*">(\d+)<\/a>/g)];
    assert.deepEqual(
      shown.map(([, figure]) => figure),
      ['34', '56', '12'],
    );
    assert.match(page, /<nav class="bar" aria-label="Pages">\s*<a href="[^"<>]*">[^<]*<\/a>/);
    assert.doesNotMatch(page, /<img|<script/);
  });
});
