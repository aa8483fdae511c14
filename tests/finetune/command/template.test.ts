import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { environmentOf, renderTemplate } from '../../../lib/src/finetune/command/template.js';

const VALUES = { file: `/a b/it's: "x" #1.jsonl`, epochs: 2, beta: undefined };

function rendered(template: string): string {
  return renderTemplate(template, { values: VALUES, subject: 'a template' });
}

describe('a trainer template', () => {
  it('takes values as they are, as JSON, and as a word of a shell', () => {
    assert.equal(rendered('{{epochs}} {{file}}'), `2 ${VALUES.file}`);
    assert.deepEqual(parse(rendered('path: {{file:json}}\nepochs: {{epochs:json}}')), {
      path: VALUES.file,
      epochs: 2,
    });
    const said = execFileSync('/bin/sh', ['-c', rendered('printf %s {{file:shell}}')], { encoding: 'utf8' });
    assert.equal(said, VALUES.file);
  });

  it('takes a default where a job has no such value, and keeps a section only where it has', () => {
    assert.equal(rendered('{{beta|0.1}} {{epochs|9}}'), '0.1 2');
    assert.equal(
      rendered('a\n{{#beta}}\nbeta: {{beta}}\n{{/beta}}\n{{^beta}}\nnone\n{{/beta}}\nb'),
      'a\nnone\nb',
    );
    assert.equal(
      rendered('{{#epochs}}\nepochs: {{epochs}}\n{{/epochs}}\n{{^epochs}}x{{/epochs}}'),
      'epochs: 2\n',
    );
  });

  it('refuses unknown placeholders, in sections too, missing values and half placeholders, all at once', () => {
    assert.throws(
      () => rendered('{{nodes}} {{beta}} {{#gpus}}x{{/gpus}} {{ epochs }}'),
      (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        for (const part of [
          '{{gpus}} is unknown',
          '{{nodes}} is unknown',
          '{{beta}} has no value',
          '{{ epochs }} is no',
        ])
          assert.ok(thrown.message.includes(part), `${part} in ${thrown.message}`);
        return true;
      },
    );
  });

  it('refuses a value that would break its line, unless it is quoted', () => {
    const values = { name: 'a\nrm: everything' };
    assert.throws(() => renderTemplate('x: {{name}}', { values, subject: 't' }), /a line end/);
    assert.deepEqual(parse(renderTemplate('x: {{name:json}}', { values, subject: 't' })), { x: values.name });
  });

  it('takes nothing of a value for a placeholder', () => {
    const values = { a: '{{b}}', b: '$&' };
    assert.equal(renderTemplate('{{a}} {{b}}', { values, subject: 't' }), '{{b}} $&');
  });

  it('gives the same values as an environment', () => {
    assert.deepEqual(environmentOf({ trainingFile: '/a', epochs: 2, beta: undefined }), {
      AUTODIDACT_TRAINING_FILE: '/a',
      AUTODIDACT_EPOCHS: '2',
    });
  });
});
