import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareOutputs, formatNotebook, type Output } from '../../lib/src/notebook/index.js';
import { runCommandLine } from '../fixtures/command-line.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';
import { code, displayed, notebookOf } from './notebook-of.js';

const stream = (name: 'stdout' | 'stderr', text = 'x'): Output => ({ output_type: 'stream', name, text });
const table = (...columns: string[]): Output =>
  displayed({
    'text/html': `<table><thead><tr>${columns.map((name) => `<th style="a">${name}</th>`).join('')}</tr></thead></table>`,
  });
const chart = ({ title = 'T', mark = 'line', field = 'a', values = [1] } = {}): Output =>
  displayed({
    'application/vnd.vegalite.v5+json': {
      data: { values: values.map((a) => ({ a, mark: 'row' })) },
      layer: [{ mark: { type: mark }, encoding: { x: { field }, tooltip: [{ field: 'n' }] } }],
    },
    'image/png': String(values),
    'text/plain': `[chart: ${title}]`,
  });

/** What is said of a cell that had some outputs and now has others. */
async function remarks(kept: Output[], now: Output[]): Promise<string[]> {
  const ran = { ...code('x', now), execution_count: 1 };
  const places = { folder: '/', environment: {} };
  const { differences } = await compareOutputs(notebookOf(code('x', kept)), notebookOf(ran), places);
  return differences.map(({ remark }) => remark);
}

describe('saved outputs and those of a new run', () => {
  it('may differ in figures, rows, texts and warnings', async () => {
    const kept = [stream('stdout'), table('n'), chart({ title: 'Accuracy of 1,200: 64.3 %' })];
    const now = [
      stream('stderr'),
      stream('stdout', 'other'),
      table('n'),
      chart({ title: 'Accuracy of 900: 7 %', values: [2, 3] }),
    ];
    assert.deepEqual(await remarks(kept, now), []);
  });

  it('may differ in the order of keys, and in the style of a chart', async () => {
    const spec = { encoding: { x: { field: 'a' } }, mark: 'bar', title: { text: 'T' } };
    const shown = (content: object): Output => displayed({ 'application/vnd.vegalite.v5+json': content });
    const styled = {
      ...Object.fromEntries(Object.entries(spec).reverse()),
      config: { mark: { tooltip: true } },
    };
    const panels = (inner: object): object => ({ facet: { field: 'b' }, spec: inner });
    const [kept, now] = [panels(spec), Object.fromEntries(Object.entries(panels(styled)).reverse())];
    assert.deepEqual(await remarks([shown(kept)], [shown(now)]), []);
  });

  for (const [what, kept, now, expected] of [
    ['a column', [table('a', 'b')], [table('a')], /^columns: the notebook has "a, b", the run made "a"$/],
    ['a title', [chart()], [chart({ title: 'U' })], /^title: the notebook has "T", the run made "U"$/],
    ['a mark', [chart()], [chart({ mark: 'bar' })], /"line tooltip=n x=a", the run made "bar tooltip=n x=a"/],
    ['a field', [chart()], [chart({ field: 'b' })], /^marks and fields: .*"line tooltip=n x=b"/],
    [
      'a MIME type',
      [displayed({ 'image/png': '' })],
      [displayed({ 'text/html': '' })],
      /image\/png.*text\/html/,
    ],
    [
      'an output',
      [],
      [stream('stdout')],
      /^the notebook has no output, the run made 1 output \(printed text\)$/,
    ],
    ['the second output', [table('a'), table('b')], [table('a'), table('c')], /^output 2: columns/],
    [
      'an error',
      [{ output_type: 'error', ename: 'A', evalue: '', traceback: [] }],
      [{ output_type: 'error', ename: 'B', evalue: '', traceback: [] }],
      /error A.*error B/,
    ],
  ] as [string, Output[], Output[], RegExp][]) {
    it(`differ in ${what}`, async () => {
      const said = await remarks(kept, now);
      assert.equal(said.length, 1);
      assert.match(said[0] ?? '', expected);
    });
  }

  it('are not compared where a cell needs what is not here, and it is said which', () =>
    inTemporaryFolder(async (folder) => {
      const metadata = { autodidact: { needs: '${PLACE:-elsewhere}/a.json' } };
      const ran = { ...code('first()\nsecond()', [table('a')]), execution_count: 1, metadata };
      const compare = (environment: Record<string, string>) =>
        compareOutputs(notebookOf(code('x')), notebookOf(ran), { folder, environment });
      const remark = 'its outputs need elsewhere/a.json, which is not here';
      assert.deepEqual(await compare({}), {
        differences: [],
        notCompared: [{ cellNumber: 1, firstLine: 'first()', remark }],
      });
      await writeFile(join(folder, 'a.json'), '');
      const { differences, notCompared } = await compare({ PLACE: '.' });
      assert.deepEqual([differences.length, notCompared.length], [1, 0]);
    }));
});

describe('autodidact notebook run --check', function () {
  this.timeout(60_000);
  const kernel = join(import.meta.dirname, '../../notebooks/.jupyter/kernels/tslab/kernel.json');

  it('fails where saved outputs are stale, names notebook, cell and difference, and saves nothing', () =>
    inTemporaryFolder(async (folder) => {
      const write = async (name: string, outputs: Output[]): Promise<string> => {
        const path = join(folder, name);
        const cells = [code('console.log(Math.random());', outputs), code('1 + 1', [table('a')])];
        cells[1]!.metadata = { autodidact: { needs: 'missing' } };
        await writeFile(path, formatNotebook(notebookOf(...cells)));
        return path;
      };
      const fresh = await write('fresh.ipynb', [stream('stdout')]);
      const passed = await runCommandLine('notebook', 'run', '--check', '--kernel', kernel, fresh);
      assert.equal(passed.code, 0, passed.err);
      assert.match(passed.out, /not compared: .*fresh\.ipynb, cell 2 \(1 \+ 1\): its outputs need missing/);
      const stale = await write('stale.ipynb', []);
      const saved = await readFile(stale, 'utf8');
      const { code: exitCode, err } = await runCommandLine(
        'notebook',
        'run',
        '--check',
        '--kernel',
        kernel,
        stale,
      );
      assert.equal(exitCode, 1);
      assert.equal(await readFile(stale, 'utf8'), saved);
      assert.match(
        err,
        /stale\.ipynb, cell 1 \(console\.log\(Math\.random\(\)\);\): the notebook has no output, the run made 1 output/,
      );
    }));
});
