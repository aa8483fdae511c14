import assert from 'node:assert/strict';
import { CellOutputs, type DisplaysById } from '../../lib/src/notebook/cell-outputs.js';
import type { Output } from '../../lib/src/notebook/notebook-format.js';

type Sent = [type: string, content: Record<string, unknown>];

/** The outputs of a cell after these messages. */
function after(...sent: Sent[]): Output[] {
  const outputs = new CellOutputs(new Map());
  for (const [type, content] of sent) outputs.take({ type, parentId: null, content });
  return outputs.outputs;
}
const out = (text: string): Sent => ['stream', { name: 'stdout', text }];
const err = (text: string): Sent => ['stream', { name: 'stderr', text }];
const shown = (text: string, id?: string): Sent => [
  'display_data',
  { data: { 'text/plain': text }, metadata: {}, transient: { display_id: id } },
];

describe('the outputs of a cell', () => {
  it('join what one stream says without a break', () => {
    assert.deepEqual(after(out('a\n'), out('b\n'), err('c\n'), out('d\n')), [
      { output_type: 'stream', name: 'stdout', text: 'a\nb\n' },
      { output_type: 'stream', name: 'stderr', text: 'c\n' },
      { output_type: 'stream', name: 'stdout', text: 'd\n' },
    ]);
  });

  it('change a display in place by its id, also one of an earlier cell', () => {
    const displays: DisplaysById = new Map();
    const first = new CellOutputs(displays);
    const second = new CellOutputs(displays);
    first.take({ type: 'display_data', parentId: null, content: shown('0 %', 'p')[1] });
    second.take({ type: 'update_display_data', parentId: null, content: shown('done', 'p')[1] });
    assert.deepEqual(first.outputs, [
      { output_type: 'display_data', data: { 'text/plain': 'done' }, metadata: {} },
    ]);
    assert.deepEqual(second.outputs, []);
  });

  it('are cleared at once, or when the next one comes', () => {
    assert.deepEqual(after(out('a'), ['clear_output', { wait: false }]), []);
    assert.equal(after(out('a'), ['clear_output', { wait: true }]).length, 1);
    assert.deepEqual(after(out('a'), ['clear_output', { wait: true }], out('b')), [
      { output_type: 'stream', name: 'stdout', text: 'b' },
    ]);
  });

  it('keep no more text than their bound', () => {
    const outputs = new CellOutputs(new Map(), { longest: 4 });
    for (const text of ['abc', 'def', 'ghi']) {
      outputs.take({ type: 'stream', parentId: null, content: { name: 'stdout', text } });
    }
    const [stream] = outputs.outputs;
    assert.ok(stream?.output_type === 'stream');
    assert.match(stream.text, /^abcd\n… output beyond 4 characters is omitted\n$/);
  });

  it('turn the stack that tslab prints into an error, and leave what the cell printed', () => {
    const outputs = new CellOutputs(new Map());
    for (const text of [
      'careful\n',
      'x.ts:2\nthrow\n\nTypeError: bad\n    at cell:2\n    at node:vm:1:2\n',
    ]) {
      outputs.take({ type: 'stream', parentId: null, content: { name: 'stderr', text } });
    }
    outputs.addError({ ename: 'Error', evalue: '', isReported: true });
    assert.deepEqual(outputs.outputs, [
      { output_type: 'stream', name: 'stderr', text: 'careful\n' },
      {
        output_type: 'error',
        ename: 'TypeError',
        evalue: 'bad',
        traceback: ['x.ts:2', 'throw', '', 'TypeError: bad', '    at cell:2'],
      },
    ]);
  });

  it('turn all that the compiler found into one error', () => {
    const outputs = new CellOutputs(new Map());
    for (const text of ['1:7 - Type it.\n', '2:1 - Cannot find it.\n']) {
      outputs.take({ type: 'stream', parentId: null, content: { name: 'stderr', text } });
    }
    outputs.addError({ ename: 'Error', evalue: '', isReported: true });
    assert.deepEqual(outputs.outputs, [
      {
        output_type: 'error',
        ename: 'CompileError',
        evalue: '1:7 - Type it.',
        traceback: ['1:7 - Type it.', '2:1 - Cannot find it.'],
      },
    ]);
  });
});
