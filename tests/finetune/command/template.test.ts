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

  it('leaves nothing of the lines that a section begins and ends with', () => {
    const text =
      '{\n  {{#epochs}}\n  "a": {{epochs}},\n  {{/epochs}}\n  {{#beta}}\n  "b": 1,\n  {{/beta}}\n  "c": 3\n}\n';
    assert.equal(rendered(text), '{\n  "a": 2,\n  "c": 3\n}\n');
  });

  it('writes small numbers so that YAML 1.1 takes them for numbers', () => {
    const values = { a: 1e-7, b: 5.5e-8, c: 0.000001, d: -2e-9 };
    const text = renderTemplate('{{a}} {{b}} {{c:json}} {{d:shell}}', { values, subject: 't' });
    assert.equal(text, '1.0e-7 5.5e-8 0.000001 -2.0e-9');
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

  it('takes what the experiment adds by a name of its own, or the default', () => {
    const values = { ...VALUES, 'values.nodes': 4 };
    const text =
      '{{values.nodes|1}} {{values.gpus|8}} {{#values.gpus}}x{{/values.gpus}}{{^values.gpus}}y{{/values.gpus}}';
    assert.equal(renderTemplate(text, { values, subject: 't' }), '4 8 y');
    assert.throws(
      () => renderTemplate('{{values.gpus}}', { values, subject: 't' }),
      /\{\{values\.gpus\}\} has no value/,
    );
    assert.deepEqual(environmentOf({ 'values.gpusPerNode': 8 }), { AUTODIDACT_GPUS_PER_NODE: '8' });
  });

  it('refuses unknown placeholders, also with a default, in sections too, missing values and half placeholders, all at once', () => {
    assert.throws(
      () => rendered('{{nodes}} {{epoch|2}} {{beta}} {{#gpus}}x{{/gpus}} {{ epochs }}'),
      (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        for (const part of [
          '{{gpus}} is unknown',
          '{{nodes}} is unknown',
          '{{epoch}} is unknown',
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
      AUTODIDACT_BETA: undefined,
    });
  });
});
