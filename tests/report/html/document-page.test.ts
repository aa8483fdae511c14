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
      /<figure class="chart" id="chart-one">\s*<div class="drawing" role="img" aria-label="[^"]+"><svg/,
    );
  });

  it('has no script where there is no chart', async () => {
    const page = await documentToHtml({ title: 'Plain', lead: [], sections: [] });
    assert.doesNotMatch(page, /<script/);
    assert.match(page, /script-src &#39;none&#39;/);
  });
});
