import assert from 'node:assert/strict';
import type { TopLevelSpec } from 'vega-lite';
import { pageSvgOf } from '../../lib/src/chart/index.js';

const chart = (more: object = {}): TopLevelSpec => ({
  title: 'T',
  data: { values: [{ a: 1, link: 'javascript:alert(1)' }] },
  mark: 'bar',
  encoding: { x: { field: 'a', type: 'quantitative' } },
  ...more,
});

describe('a chart of unknown origin', () => {
  it('is transparent and has colours for dark pages, unless its background is its own', async () => {
    const { svg, width, height } = await pageSvgOf(chart());
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.doesNotMatch(svg, /<rect/);
    assert.ok(width > 100 && height > 20, `${width} x ${height}`);
    const { svg: own } = await pageSvgOf(chart({ background: '#fdd' }));
    assert.doesNotMatch(own, /prefers-color-scheme/);
    assert.match(own, /fill="#fdd"/);
  });

  it('has its texts escaped', async () => {
    const { svg } = await pageSvgOf(chart({ title: '</svg><script>alert("&")</script>' }));
    assert.doesNotMatch(svg, /<script|<\/svg>./);
    assert.match(svg, /&lt;script&gt;/);
  });

  for (const [name, more] of Object.entries<object>({
    files: { data: { url: 'file:///etc/hostname' } },
    addresses: { data: { url: 'https://x.example/a.json' } },
    links: { encoding: { x: { field: 'a', type: 'quantitative' }, href: { field: 'link' } } },
    pictures: { mark: { type: 'image', url: 'https://x.example/p.png' } },
  })) {
    it(`is refused when it refers to ${name}`, () =>
      assert.rejects(pageSvgOf(chart(more)), /expected a chart that loads nothing/));
  }

  it('has its expressions interpreted: no code is generated from them', async () => {
    const { Function } = globalThis;
    const generated: string[] = [];
    globalThis.Function = new Proxy(Function, {
      apply: (target, self, parts: string[]) => {
        generated.push(parts.join());
        return Reflect.apply(target, self, parts) as unknown;
      },
      construct: (target, parts: string[]) => {
        generated.push(parts.join());
        return Reflect.construct(target, parts);
      },
    });
    try {
      await pageSvgOf(chart({ transform: [{ calculate: 'datum.a + 1', as: 'b' }] }));
    } finally {
      globalThis.Function = Function;
    }
    assert.deepEqual(generated, []);
  });
});
