import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { parquetWriteBuffer, type ParquetWriteOptions } from 'hyparquet-writer';
import { DataError } from '../../lib/src/core/errors.js';
import type { Row, RowFormat } from '../../lib/src/datasets/row.js';
import { columns, readRows } from '../../lib/src/datasets/rows.js';
import { inTemporaryFolder } from '../fixtures/temporary-folder.js';

/** What a file of this name and content gives. */
function rowsOf(name: string, content: string | Uint8Array, format?: RowFormat): Promise<Row[]> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return collect(readRows(path, format ? { format } : {}));
  });
}

async function collect(rows: AsyncIterable<Row>): Promise<Row[]> {
  const collected: Row[] = [];
  for await (const row of rows) collected.push(row);
  return collected;
}

async function refuse(rows: Promise<Row[]>, expected: RegExp): Promise<void> {
  await assert.rejects(rows, (thrown: unknown) => {
    assert.ok(thrown instanceof DataError, String(thrown));
    assert.match(thrown.message, expected);
    return true;
  });
}

const problemsOf = (rows: Row[]): [number, string][] =>
  rows.flatMap((row) => ('problem' in row ? [[row.line, row.problem]] : []));

const AB = [
  { row: { a: '1', b: 'x' }, line: 2 },
  { row: { a: '2', b: 'y' }, line: 3 },
];

describe('rows of JSON Lines', () => {
  const text = '\uFEFF{"a": 1}\r\n\n{"a": "ä\u2028ö"}';
  const expected = [
    { row: { a: 1 }, line: 1 },
    { row: { a: 'ä\u2028ö' }, line: 3 },
  ];

  it('are read with their line numbers, past a byte order mark, blank lines and a missing last line end', async () => {
    assert.deepEqual(await rowsOf('x.jsonl', text), expected);
    assert.deepEqual(await rowsOf('x.ndjson', text), expected);
  });

  it('are read gzipped, whatever the name says, and from several gzip members', async () => {
    assert.deepEqual(await rowsOf('x.jsonl.gz', gzipSync(text)), expected);
    assert.deepEqual(await rowsOf('x.jsonl', gzipSync(text)), expected);
    assert.deepEqual(await rowsOf('x.jsonl.gz', text), expected);
    const members = Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))]);
    assert.deepEqual(await rowsOf('x.jsonl.gz', members), expected);
  });

  it('that are bad are counted with their line numbers and cost no other row', async () => {
    const latin1 = Buffer.from('\n{"a": "\xe4"}', 'latin1');
    const rows = await rowsOf(
      'x.jsonl',
      Buffer.concat([Buffer.from('{"a": \n{"a": 2}\n[1]\n7\nnull\n"s"\n{"a": 7}'), latin1]),
    );
    assert.deepEqual(
      problemsOf(rows).map(([line, problem]) => [line, problem.replace(/JSON: .*/, 'JSON')]),
      [
        [1, 'not JSON'],
        [3, 'expected an object, received an array'],
        [4, 'expected an object, received a number'],
        [5, 'expected an object, received null'],
        [6, 'expected an object, received a string'],
        [8, 'invalid UTF-8'],
      ],
    );
    assert.deepEqual(
      rows.flatMap((row) => ('row' in row ? [[row.line, row.row.a]] : [])),
      [
        [2, 2],
        [7, 7],
      ],
    );
  });

  it('are none in an empty file', async () => {
    assert.deepEqual(await rowsOf('x.jsonl', ''), []);
    assert.deepEqual(await rowsOf('x.jsonl', '\n \n'), []);
  });

  it('may be 10 MB long', async () => {
    const long = 'ä'.repeat(5_000_000);
    const [first, second] = await rowsOf('x.jsonl', `{"a": "${long}"}\n{"a": 2}\n`);
    assert.ok(first && 'row' in first && first.row.a === long);
    assert.deepEqual(second, { row: { a: 2 }, line: 2 });
  });

  it('are one error when the file is something else', async () => {
    await refuse(rowsOf('x.jsonl', 'a,b\n1,2\n'), /x\.jsonl:1: expected JSON Lines/);
    await refuse(rowsOf('x.jsonl', '\n\n<html>'), /x\.jsonl:3: expected JSON Lines/);
    await refuse(rowsOf('x.jsonl', Buffer.from([0, 255, 254, 10, 7])), /invalid UTF-8/);
  });

  it('are one error when a gzip file is cut off, after the rows that are whole', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.jsonl.gz');
      const whole = gzipSync(Array.from({ length: 5000 }, (_, a) => JSON.stringify({ a })).join('\n'));
      await writeFile(path, whole.subarray(0, whole.length - 20));
      let nRows = 0;
      const read = async (): Promise<void> => {
        for await (const row of readRows(path)) nRows += 'row' in row ? 1 : 0;
      };
      await assert.rejects(read(), /expected a whole gzip file, received unexpected end of file/);
      assert.ok(nRows > 0 && nRows < 5000, String(nRows));
    }));

  it('are one error for a file that is not there and for a folder', () =>
    inTemporaryFolder(async (folder) => {
      await refuse(collect(readRows(join(folder, 'none.jsonl'))), /none\.jsonl: .*ENOENT/);
      await refuse(collect(readRows(folder, { format: 'jsonl' })), /name a file in it/);
    }));
});

describe('rows of a JSON array', () => {
  it('are its objects, numbered from 1, gzipped or not', async () => {
    const text = ' [{"a": 1}, 5, {"a": 2}]';
    const expected = [
      { row: { a: 1 }, line: 1 },
      { problem: 'expected an object, received a number', line: 2 },
      { row: { a: 2 }, line: 3 },
    ];
    assert.deepEqual(await rowsOf('x.json', text), expected);
    assert.deepEqual(await rowsOf('x.json.gz', gzipSync(text)), expected);
  });

  it('are distinguished from JSON Lines that are called .json', async () => {
    assert.deepEqual(await rowsOf('x.json', '{"a": 1}\n{"a": 2}\n'), [
      { row: { a: 1 }, line: 1 },
      { row: { a: 2 }, line: 2 },
    ]);
  });

  it('are one error for another JSON value and for broken JSON', async () => {
    await refuse(rowsOf('x.json', '{"a": 1}', 'json'), /expected one JSON array of objects/);
    await refuse(rowsOf('x.json', '[{"a": 1},'), /x\.json: expected one JSON array of objects/);
  });
});

describe('rows of CSV', () => {
  it('are read by the names in the header', async () => {
    assert.deepEqual(await rowsOf('x.csv', 'a,b\n1,x\n2,y\n'), AB);
    assert.deepEqual(await rowsOf('x.csv', '\uFEFFa,b\r\n1,x\r\n2,y'), AB);
    assert.deepEqual(await rowsOf('x.csv.gz', gzipSync('a,b\n1,x\n2,y')), AB);
    assert.deepEqual(await rowsOf('x.tsv', 'a\tb\n1\tx\n2\ty\n'), AB);
    assert.deepEqual(await rowsOf('x.TSV.gz', gzipSync('a\tb\n1\tx\n2\ty')), AB);
  });

  it('may hold commas, quotes and line ends in quotes, and say the line where they start', async () => {
    assert.deepEqual(await rowsOf('x.csv', 'a,b\n"1, ""one""","x\ny"\n\n\n2,in "quotes"\n'), [
      { row: { a: '1, "one"', b: 'x\ny' }, line: 2 },
      { row: { a: '2', b: 'in "quotes"' }, line: 6 },
    ]);
  });

  it('with too few or too many fields are counted with their line numbers and cost no other row', async () => {
    assert.deepEqual(await rowsOf('x.csv', 'a,b\n1,x\n2,y\n3\n4,"p\nq",r\n5,z\n'), [
      ...AB,
      { problem: 'expected 2 fields, received 1', line: 4 },
      { problem: 'expected 2 fields, received 3', line: 5 },
      { row: { a: '5', b: 'z' }, line: 7 },
    ]);
  });

  it('before a quote that is never closed are all there', async () => {
    assert.deepEqual(await rowsOf('x.csv', 'a,b\n1,x\n2,y\n3,"z\n4,p\n'), [
      ...AB,
      { problem: 'a quote that is never closed, up to the end of the file', line: 4 },
    ]);
  });

  it('are one error without a header of distinct names', async () => {
    await refuse(rowsOf('x.csv', ''), /received an empty file/);
    await refuse(rowsOf('x.csv', 'a,b,a\n1,2,3\n'), /the column "a" twice/);
    await refuse(rowsOf('x.csv', Buffer.from([1, 0, 200, 44, 10])), /expected CSV with a header row/);
    await refuse(rowsOf('x.csv', 'id;text\n1;a\n'), /semicolons in place of commas: id;text.* tabs .* \.tsv/);
    await refuse(rowsOf('x.csv', '"a,b\n1,2\n'), /a quote that is never closed/);
  });
});

describe('rows of Parquet', () => {
  const write = (options: Partial<ParquetWriteOptions> = {}): Uint8Array =>
    new Uint8Array(
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: [1n, 9_007_199_254_740_993n, -3n], type: 'INT64' },
          { name: 'text', data: ['ä', 'y', 'z'], type: 'STRING' },
          { name: 'when', data: [new Date(0), null, new Date(1000)], type: 'TIMESTAMP', nullable: true },
          { name: 'turns', data: [[{ role: 'user', n: 1n }], [], null], type: 'JSON' },
        ],
        ...options,
      }),
    );
  // 2^53 + 1 has no number of its own.
  const expected = [
    { row: { id: 1, text: 'ä', when: '1970-01-01T00:00:00.000Z', turns: [{ role: 'user', n: 1 }] }, line: 1 },
    { row: { id: '9007199254740993', text: 'y', when: null, turns: [] }, line: 2 },
    { row: { id: -3, text: 'z', when: '1970-01-01T00:00:01.000Z', turns: null }, line: 3 },
  ];

  it('are read group by group, as JSON would hold them', async () => {
    assert.deepEqual(await rowsOf('x.parquet', write()), expected);
    assert.deepEqual(await rowsOf('x.parquet', write({ rowGroupSize: 2 })), expected);
    assert.deepEqual(await rowsOf('without-an-ending', write()), expected);
  });

  it('are read whichever way they are compressed', async () => {
    const gzip = (input: Uint8Array): Uint8Array => gzipSync(input);
    const brotli = (input: Uint8Array): Uint8Array => brotliCompressSync(input);
    assert.deepEqual(await rowsOf('x.parquet', write({ codec: 'UNCOMPRESSED' })), expected);
    assert.deepEqual(
      await rowsOf('x.parquet', write({ codec: 'GZIP', compressors: { GZIP: gzip } })),
      expected,
    );
    assert.deepEqual(
      await rowsOf('x.parquet', write({ codec: 'BROTLI', compressors: { BROTLI: brotli } })),
      expected,
    );
    assert.deepEqual(
      await rowsOf('x.parquet', write({ codec: 'ZSTD', compressors: { ZSTD: rawZstd } })),
      expected,
    );
  });

  it('are read a few pages at a time where the file tells their places, and are the same', async () => {
    const n = 20_000;
    const columnData: ParquetWriteOptions['columnData'] = [
      { name: 'n', data: Array.from({ length: n }, (_, i) => i), type: 'INT32', offsetIndex: true },
      // Few values, so that they stand in a dictionary; and lists, whose pages are cut at rows.
      { name: 'kind', data: Array.from({ length: n }, (_, i) => `kind ${i % 7}`), offsetIndex: true },
      { name: 'text', data: Array.from({ length: n }, (_, i) => `text ${i}`), offsetIndex: true },
    ];
    const rows = await rowsOf('x.parquet', write({ columnData, rowGroupSize: 15_000, pageSize: 4096 }));
    assert.equal(rows.length, n);
    rows.forEach((row, i) =>
      assert.deepEqual(row, { row: { n: i, kind: `kind ${i % 7}`, text: `text ${i}` }, line: i + 1 }),
    );
  });

  it('are read in some of their columns alone, where only these are wanted', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.parquet');
      await writeFile(path, write());
      const rows = await collect(readRows(path, { columns: ['text', 'none', 'id'] }));
      assert.deepEqual(rows[1], { row: { id: '9007199254740993', text: 'y' }, line: 2 });
      // Rows without any of them are still rows.
      assert.deepEqual(await collect(readRows(path, { columns: ['none'] })), [
        { row: {}, line: 1 },
        { row: {}, line: 2 },
        { row: {}, line: 3 },
      ]);
    }));

  it('are one error for a file that is cut off or no Parquet', async () => {
    await refuse(rowsOf('x.parquet', write().subarray(0, 100)), /expected a whole Parquet file/);
    await refuse(rowsOf('x.parquet', '{"a": 1}'), /expected a whole Parquet file/);
    await refuse(rowsOf('x.parquet', ''), /expected a whole Parquet file/);
    await refuse(rowsOf('x.parquet', gzipSync(write())), /must be unpacked first/);
  });

  it('are one error that names the rows of a damaged group, after the groups before it', () =>
    inTemporaryFolder(async (folder) => {
      const gzip = (input: Uint8Array): Uint8Array => gzipSync(input);
      const bytes = write({ rowGroupSize: 2, codec: 'GZIP', compressors: { GZIP: gzip } });
      // The start of the last gzip stream, which is a column of the second group.
      const start = Buffer.from(bytes).lastIndexOf(Buffer.from([0x1f, 0x8b, 8]));
      bytes.fill(255, start, start + 12);
      const path = join(folder, 'x.parquet');
      await writeFile(path, bytes);
      const rows: Row[] = [];
      const read = async (): Promise<Row[]> => {
        for await (const row of readRows(path)) rows.push(row);
        return rows;
      };
      await refuse(read(), /x\.parquet, rows 3 to 3: expected a whole Parquet file/);
      assert.deepEqual(rows, expected.slice(0, 2));
    }));

  it('have the columns that the file lists', () =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'x.parquet'), write());
      assert.deepEqual(await columns(join(folder, 'x.parquet')), ['id', 'text', 'when', 'turns']);
    }));
});

describe('the columns and the format of a file', () => {
  const columnsOf = (name: string, content: string): Promise<string[]> =>
    inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, name), content);
      return columns(join(folder, name));
    });

  it('are the keys of the first rows where the format lists none', async () => {
    assert.deepEqual(await columnsOf('x.jsonl', '{"a": 1}\n[]\n{"b": 1, "a": 2}\n'), ['a', 'b']);
    assert.deepEqual(await columnsOf('x.json', '[{"a": 1}, {"b": 2}]'), ['a', 'b']);
  });

  it('are the header of a CSV file, also of one without rows', async () => {
    assert.deepEqual(await columnsOf('x.csv', 'a,b\n1,2\n'), ['a', 'b']);
    assert.deepEqual(await columnsOf('x.csv', 'a,b\n'), ['a', 'b']);
  });

  it('are one error where neither the name nor the content tells', async () => {
    await refuse(rowsOf('x.rows', '{"a": 1}'), /expected a name that ends in \.jsonl/);
    assert.deepEqual(await rowsOf('x.rows', '{"a": 1}', 'jsonl'), [{ row: { a: 1 }, line: 1 }]);
  });
});

/** A Zstandard frame (RFC 8878) of one raw block: nothing is compressed, which every decoder must take. */
function rawZstd(input: Uint8Array): Uint8Array {
  const frame = Buffer.alloc(12);
  frame.writeUInt32LE(0xfd2fb528, 0);
  // Single segment, four bytes of content size.
  frame.writeUInt8(0b1010_0000, 4);
  frame.writeUInt32LE(input.length, 5);
  // Last block, raw.
  frame.writeUIntLE((input.length << 3) | 1, 9, 3);
  return Buffer.concat([frame, input]);
}
