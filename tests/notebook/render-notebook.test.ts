import assert from 'node:assert/strict';
import { renderNotebook } from '../../lib/src/notebook/html/render-notebook.js';
import { code, displayed, markdown, notebookOf } from './notebook-of.js';
import type { Cell, Output } from '../../lib/src/notebook/notebook-format.js';

/** What stands in the page's body. */
async function bodyOf(...cells: Cell[]): Promise<string> {
  const page = await renderNotebook(notebookOf(...cells), { title: 'untitled' });
  return page.slice(page.indexOf('<main>'));
}
const bodyOfOutput = (output: Output): Promise<string> => bodyOf(code('x', [output]));
const html = (text: string): Promise<string> => bodyOfOutput(displayed({ 'text/html': text }));

describe('the page of a notebook', () => {
  it('forbids scripts and the network, and takes its title from the first heading', async () => {
    const page = await renderNotebook(notebookOf(markdown('# A <b>title</b>')), { title: 'file' });
    assert.match(page, /http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:;/);
    assert.doesNotMatch(page, /script-src|<script|<link|@import|url\(/);
    assert.match(page, /<title>A &lt;b&gt;title&lt;\/b&gt;<\/title>/);
  });

  it('shows code in colours, escaped', async () => {
    const body = await bodyOf(code("const a = '<script>alert(1)</script>';"));
    assert.match(body, /<span class="hljs-keyword">const<\/span>/);
    assert.doesNotMatch(body, /<script/);
  });

  it('shows HTML of Markdown as text, and no link that runs code', async () => {
    const body = await bodyOf(
      markdown(
        '<script>a</script> <img src=x onerror=a> [run](javascript:alert(1)) ![p](http://x/p.png) **b**',
      ),
    );
    assert.doesNotMatch(body, /<script|<img|href="javascript/i);
    assert.match(body, /<strong>b<\/strong>/);
    assert.match(body, /<a href="http:\/\/x\/p\.png" rel="noopener noreferrer">p<\/a>/);
  });

  for (const [name, hostile] of [
    ['scripts', '<script>alert(1)</script>'],
    ['event handlers', '<img src="data:image/png;base64,aGk=" onerror="alert(1)"><p onclick="a()">t</p>'],
    ['links that run code', '<a href="javascript:alert(1)">t</a><a href=" JaVaScRiPt:a()">t</a>'],
    ['SVG with handlers', '<svg onload="alert(1)"><script>a</script></svg>'],
    ['frames', '<iframe srcdoc="<script>a</script>"></iframe><object data="x"></object><embed src="x">'],
    ['styles that cover the page', '<style>*{display:none}</style><p style="position:fixed">t</p>'],
    ['pictures of elsewhere', '<img src="https://x.example/p.png"><img src="//x.example/p.png">'],
    ['forms and meta', '<form action="https://x"><input></form><meta http-equiv="refresh" content="0">'],
    ['markup that is not closed', '<p><a href="x" onmouseover=alert(1) <b>t'],
  ] as const) {
    it(`drops ${name} from displayed HTML`, async () => {
      assert.doesNotMatch(
        await html(hostile),
        /<(?:script|svg|iframe|object|embed|style|form|input|meta)|\son\w+=|javascript:|position|\.example/i,
      );
    });
  }

  it('keeps tables and their alignment', async () => {
    const table = '<table><thead><tr><th style="text-align:right">n</th></tr></thead></table>';
    assert.ok((await html(table)).includes('<th style="text-align:right">n</th>'));
  });

  it('shows an SVG as an image, in which nothing runs', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>a</script></svg>';
    const body = await bodyOfOutput(displayed({ 'image/svg+xml': svg, 'text/plain': '[chart: A "b"]' }));
    assert.doesNotMatch(body, /<svg|onload|<script/);
    assert.ok(body.includes(`<img src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"`));
    assert.ok(body.includes('alt="A &quot;b&quot;"'));
  });

  it('shows a drawing for pages in place of its picture, on white unless it has colours for dark pages', async () => {
    const bodyWith = (style: string): Promise<string> => {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg">${style}</svg>`;
      return bodyOfOutput(displayed({ 'application/vnd.autodidact.svg': svg, 'image/png': 'iVBORw0KGgo=' }));
    };
    assert.match(await bodyWith(''), /<div class="picture"><img src="data:image\/svg\+xml;/);
    const dark = '<style>@media (prefers-color-scheme: dark) {}</style>';
    assert.match(await bodyWith(dark), /<div class="picture drawn"><img src="data:image\/svg\+xml;/);
  });

  describe('with a chart', () => {
    const mime = 'application/vnd.vegalite.v5+json';
    const png = 'iVBORw0KGgo=';
    const chart = (spec: object): Record<string, unknown> => {
      return { [mime]: spec, 'image/png': png, 'text/plain': '[chart: <b>"A"</b>]' };
    };
    const bar = (title: string): object => {
      return { title, data: { values: [{ a: 1 }] }, mark: 'bar', encoding: { x: { field: 'a' } } };
    };
    const svgIn = (body: string): string => {
      const [, base64 = ''] = /<img src="data:image\/svg\+xml;base64,([^"]+)"/.exec(body) ?? [];
      return Buffer.from(base64, 'base64').toString();
    };

    it('draws it as SVG in an image, with its title as alternative text', async () => {
      const body = await bodyOfOutput(displayed(chart(bar('<script>alert(1)</script>'))));
      assert.match(svgIn(body), /&lt;script&gt;alert\(1\)/);
      assert.ok(body.includes('alt="&lt;b&gt;&quot;A&quot;&lt;/b&gt;"'));
      assert.doesNotMatch(body, /image\/png|<script/);
    });

    it('draws the still picture of an interactive one, where it has one', async () => {
      const metadata = { [mime]: { still: bar('still') } };
      const output: Output = { output_type: 'display_data', data: chart(bar('live')), metadata };
      assert.match(svgIn(await bodyOfOutput(output)), />still</);
    });

    it('takes the picture of one that loads something, or that is none', async () => {
      for (const spec of [{ ...bar('x'), data: { url: 'file:///etc/hostname' } }, { mark: 'none' }]) {
        const body = await bodyOfOutput(displayed(chart(spec)));
        assert.ok(body.includes(`src="data:image/png;base64,${png}"`), body);
      }
    });
  });

  it('takes no base64 that is none', async () => {
    const body = await bodyOfOutput(displayed({ 'image/png': '"><script>a</script>', 'text/plain': 'p' }));
    assert.doesNotMatch(body, /<script|<img/);
  });

  it('shows texts and errors escaped, without what terminals obey', async () => {
    const body = await bodyOf(
      code('x', [
        { output_type: 'stream', name: 'stdout', text: '\u001b[31mred\u001b[0m\u0007 \u202e<b>\n' },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: <img src=x onerror=a>'] },
      ]),
    );
    assert.ok(body.includes('<pre class="stdout">red &lt;b&gt;\n</pre>'), body);
    assert.ok(body.includes('<pre class="error">E: &lt;img src=x onerror=a&gt;</pre>'));
  });

  it('says what it cannot show', async () => {
    assert.match(
      await bodyOfOutput(displayed({ 'application/javascript': 'alert(1)' })),
      /not shown here: application\/javascript/,
    );
  });
});
