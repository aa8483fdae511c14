import assert from 'node:assert/strict';
import { documentToMarkdown, text, type Block } from '../../lib/src/report/index.js';

const rendered = (...lead: Block[]): string => documentToMarkdown({ title: 'T', lead, sections: [] });

describe('a document as Markdown', () => {
  it('keeps what is put into a paragraph text', () => {
    const paragraph = text`Model ${'<b>*a*</b> [x](javascript:1)'} and ${{ code: 'a`b' }}, p < 0.001 [1.0, 2.0].`;
    assert.equal(
      rendered(paragraph),
      "# T\n\nModel \\<b>\\*a\\*\\</b> [x]\\(javascript:1) and `a'b`, p < 0.001 [1.0, 2.0].\n",
    );
  });

  it('lets nothing in a code block end it', () => {
    assert.equal(
      rendered({ kind: 'code', language: 'sh', text: 'a\n```\n# b' }),
      '# T\n\n````sh\na\n```\n# b\n````\n',
    );
  });

  it('shows charts that have a file and leaves out others', () => {
    const chart = (id: string): Block => ({
      kind: 'chart',
      chart: { id, alt: `of ${id}`, spec: { mark: 'bar', data: { values: [] } } },
    });
    const document = { title: 'T', lead: [chart('one'), chart('two')], sections: [] };
    assert.equal(documentToMarkdown(document, { two: 'two.png' }), '# T\n\n![of two](two.png)\n');
  });
});
