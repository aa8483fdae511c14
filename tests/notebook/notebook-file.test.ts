import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { DataError } from '../../lib/src/core/errors.js';
import { formatNotebook, parseNotebook } from '../../lib/src/notebook/notebook-file.js';
import { code, displayed, notebookOf } from './notebook-of.js';

describe('notebook files', () => {
  it('come out as they went in when they were written here', async () => {
    const path = new URL('../fixtures/notebooks/smoke.ipynb', import.meta.url);
    const text = await readFile(path, 'utf8');
    assert.equal(formatNotebook(parseNotebook(text, 'smoke')), text);
  });

  it('keep outputs of every kind through writing and reading', () => {
    const notebook = notebookOf(
      code('a\nb', [
        { output_type: 'stream', name: 'stdout', text: 'one\ntwo' },
        displayed({ 'text/html': '<b>\n', 'image/png': 'aGk=', 'application/json': ['a', 'b'] }),
        { output_type: 'execute_result', execution_count: 1, data: { 'text/plain': '2' }, metadata: {} },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: v'] },
      ]),
    );
    assert.deepEqual(parseNotebook(formatNotebook(notebook), 'x'), notebook);
  });

  it('are written with keys in order, texts as lines, one blank of indentation and a line end', () => {
    const text = formatNotebook(notebookOf({ ...code('a\nb'), metadata: { z: 1, b: 2 } }));
    assert.equal(
      text,
      '{\n "cells": [\n  {\n   "cell_type": "code",\n   "execution_count": null,\n   "id": "a-b",\n' +
        '   "metadata": {\n    "b": 2,\n    "z": 1\n   },\n   "outputs": [],\n' +
        '   "source": [\n    "a\\n",\n    "b"\n   ]\n  }\n ],\n' +
        ' "metadata": {},\n "nbformat": 4,\n "nbformat_minor": 5\n}\n',
    );
  });

  it('lose the times of execution', () => {
    const cell = { ...code('a'), metadata: { execution: { 'iopub.status.idle': '2024' }, tags: ['x'] } };
    const [read] = parseNotebook(formatNotebook(notebookOf(cell)), 'x').cells;
    assert.deepEqual(read?.metadata, { tags: ['x'] });
  });

  it('are refused with every problem and its place', () => {
    const cells = [code('same'), code('same'), { ...code('other'), outputs: 3, unknown: 1 }];
    const text = JSON.stringify({ ...notebookOf(), cells });
    assert.throws(
      () => parseNotebook(text, 'wrong.ipynb'),
      (thrown: unknown) =>
        thrown instanceof DataError &&
        thrown.message.includes('cells.2.outputs') &&
        thrown.message.includes('unknown'),
    );
    assert.throws(() => parseNotebook(JSON.stringify(notebookOf(code('a'), code('a'))), 'x'), /occurs twice/);
    assert.throws(() => parseNotebook('{', 'x.ipynb'), /x\.ipynb: expected a Jupyter notebook/);
    assert.throws(
      () => parseNotebook(JSON.stringify({ ...notebookOf(), nbformat_minor: 4 }), 'old.ipynb'),
      /nbformat_minor: expected 5/,
    );
  });
});
