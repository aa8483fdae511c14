import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { ConfigError } from '../../../lib/src/core/errors.js';
import { poolSchema, readPool, SelectionTally } from '../../../lib/src/select/index.js';
import { collect, NEVER } from '../../fixtures/scripted-endpoint.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';
import { dropsOf, jsonl, readFrom, textsOf } from './pool-file.js';

describe('a pool', () => {
  it('is read from files of every format, in their order, each instruction with its place and slice', async () => {
    const parquet = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'prompt', data: ['from parquet'], type: 'STRING' }] }),
    );
    const outcomes = await readFrom(
      {
        'a.jsonl.gz': gzipSync(jsonl({ instruction: 'from jsonl' })),
        'b.csv': 'n,q\n1,"from, csv"\n',
        'c.parquet': parquet,
        'd.txt': 'from text\n\n  second line  \n',
        'e.json': '[{"turns": [{"content": "from json"}], "kind": "math"}]',
      },
      {
        files: [
          { path: 'a.jsonl.gz' },
          { path: 'b.csv', columns: { text: 'q' } },
          { path: 'c.parquet', columns: { text: 'prompt' }, slice: 'code' },
          { path: 'd.txt' },
          { path: 'e.json', columns: { text: 'turns.0.content', slice: 'kind' } },
        ],
      },
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.kind === 'kept'
          ? [outcome.record.text, outcome.record.slice, outcome.record.source]
          : outcome.drop,
      ),
      [
        ['from jsonl', 'all', { file: 'a.jsonl.gz', line: 1 }],
        ['from, csv', 'all', { file: 'b.csv', line: 2 }],
        ['from parquet', 'code', { file: 'c.parquet', line: 1 }],
        ['from text', 'all', { file: 'd.txt', line: 1 }],
        ['second line', 'all', { file: 'd.txt', line: 3 }],
        ['from json', 'math', { file: 'e.json', line: 1 }],
      ],
    );
  });

  it('may put further columns behind the instruction, where they are not empty', async () => {
    const rows = [
      { instruction: 'Translate.', instances: [{ input: 'Guten Tag' }] },
      { instruction: 'Tell a joke.', instances: [{ input: '' }] },
      { instruction: 'Count.', instances: [{ input: 7 }] },
    ];
    const outcomes = await readFrom(
      { 'a.jsonl': jsonl(...rows) },
      { files: [{ path: 'a.jsonl', columns: { append: ['instances.0.input'] } }] },
    );
    assert.deepEqual(textsOf(outcomes), ['Translate.\n\nGuten Tag', 'Tell a joke.']);
    assert.deepEqual(dropsOf(outcomes), [['a.jsonl:3', 'text-not-a-string']]);
  });

  it('takes labels from columns, also from those of an earlier selection, and drops a complexity that is none', async () => {
    const rows = [
      { instruction: 'a', labels: { category: 'Coding', complexity: 7, expectedLength: 'one word' } },
      { instruction: 'b', labels: { category: 'Coding' } },
      { instruction: 'c', labels: { category: 'Coding', complexity: 11 } },
      { instruction: 'd' },
    ];
    const columns = {
      category: 'labels.category',
      complexity: 'labels.complexity',
      expectedLength: 'labels.expectedLength',
    };
    const outcomes = await readFrom({ 'a.jsonl': jsonl(...rows) }, { files: [{ path: 'a.jsonl', columns }] });
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.kind === 'kept' ? outcome.record.labels : outcome.drop.reason)),
      [rows[0]!.labels, { category: 'Coding' }, 'complexity-out-of-range', undefined],
    );
  });

  it('finds files by a pattern, in the order of their names', async () => {
    const content = { 'p-2.txt': 'two', 'p-1.txt': 'one', 'q.txt': 'other' };
    assert.deepEqual(textsOf(await readFrom(content, { files: [{ path: 'p-*.txt' }] })), ['one', 'two']);
  });

  it('reads the files of a data set that was pulled', () =>
    inTemporaryFolder(async (cacheFolder) => {
      const text = '{"question": "How many?"}\n';
      await mkdir(join(cacheFolder, 'gsm8k', 'grade'), { recursive: true });
      await writeFile(join(cacheFolder, 'gsm8k', 'grade', 'train.jsonl'), text);
      const record = {
        schemaVersion: 1,
        name: 'gsm8k',
        source: { kind: 'github', repo: 'a/b', revision: '0' },
        files: [{ path: 'grade/train.jsonl', sha256: '0'.repeat(64), bytes: text.length }],
        pulledAt: '2026-01-01T00:00:00Z',
      };
      await writeFile(join(cacheFolder, 'gsm8k', 'dataset.json'), JSON.stringify(record));
      const pool = poolSchema.parse({ files: [{ dataset: 'gsm8k', columns: { text: 'question' } }] });
      const [outcome] = await collect(readPool(pool, { folder: '.', cacheFolder, seed: 1, signal: NEVER }));
      assert.ok(outcome?.kind === 'kept');
      assert.deepEqual(outcome.record.source, { file: 'gsm8k/grade/train.jsonl', line: 1 });
    }));

  it('is refused at once where a file is missing, named twice, or matches nothing', async () => {
    for (const [files, expected] of [
      [[{ path: 'none.jsonl' }], /files\.0: expected a file, received nothing at/],
      [[{ path: 'a.txt' }, { path: './a.txt' }], /files\.1: expected every file once/],
      [[{ path: 'x*.txt' }], /no file of .* that matches x\*\.txt/],
    ] as const) {
      await assert.rejects(readFrom({ 'a.txt': 'a' }, { files: [...files] }), (thrown: unknown) => {
        assert.ok(thrown instanceof ConfigError);
        assert.match(thrown.message, expected);
        return true;
      });
    }
  });

  it('has a config that tells what does not go together', () => {
    const problems = (file: unknown): string[] =>
      poolSchema.safeParse({ files: [file] }).error?.issues.map(({ message }) => message) ?? [];
    assert.deepEqual(problems({}), ['expected either a path or a dataset']);
    assert.deepEqual(problems({ path: 'a', dataset: 'b' }), ['expected either a path or a dataset']);
    assert.deepEqual(problems({ path: 'a', file: 'b' }), ['has a meaning only with dataset']);
    assert.deepEqual(problems({ path: 'a', slice: 's', columns: { slice: 't' } }), [
      'expected either a slice or columns.slice',
    ]);
    assert.equal(problems({ path: 'a', layout: 'wildchat', columns: { text: 't' } }).length, 1);
    assert.match(problems({ path: 'a', columns: { complexity: 'c' } })[0]!, /name its column too/);
    assert.equal(problems({ path: 'a', colour: 'red' }).length, 1);
    assert.deepEqual(problems({ path: 'a' }), []);
  });

  it('stops when it is called off', async () => {
    const signal = AbortSignal.abort(new Error('called off'));
    await assert.rejects(
      readFrom({ 'a.txt': 'a' }, { files: [{ path: 'a.txt' }] }, { signal }),
      /called off/,
    );
  });
});

describe('conversations', () => {
  const wildchat = (content: string, more: object = {}, turn: object = {}): object => ({
    conversation: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content, language: 'English', toxic: false, redacted: false, ...turn },
      { role: 'assistant', content: 'Sure.', toxic: false, redacted: false },
      { role: 'user', content: 'And then?', toxic: false, redacted: false },
    ],
    language: 'English',
    toxic: false,
    redacted: false,
    ...more,
  });

  it("of WildChat give the user's first message, and their flags filter", async () => {
    const rows = [
      wildchat('one'),
      wildchat('two', { toxic: true }),
      wildchat('three', {}, { redacted: true }),
      wildchat('four', { language: 'German' }),
      { conversation: [{ role: 'assistant', content: 'Hello' }], language: 'English' },
      { language: 'English' },
      wildchat('five', { language: null }),
    ];
    const outcomes = await readFrom(
      { 'w.jsonl': jsonl(...rows) },
      { files: [{ path: 'w.jsonl', layout: 'wildchat' }], filters: { languages: ['english'] } },
    );
    assert.deepEqual(textsOf(outcomes), ['one']);
    assert.deepEqual(dropsOf(outcomes), [
      ['w.jsonl:2', 'toxic'],
      ['w.jsonl:3', 'redacted'],
      ['w.jsonl:4', 'language'],
      ['w.jsonl:5', 'no-user-message'],
      ['w.jsonl:6', 'text-missing'],
      ['w.jsonl:7', 'language-unknown'],
    ]);
  });

  it('are kept in spite of their flags where the pool says so', async () => {
    const rows = [wildchat('one', { toxic: true }), wildchat('two', { redacted: true })];
    const outcomes = await readFrom(
      { 'w.jsonl': jsonl(...rows) },
      {
        files: [{ path: 'w.jsonl', layout: 'wildchat' }],
        filters: { toxic: 'keep', redacted: 'keep' },
      },
    );
    assert.deepEqual(textsOf(outcomes), ['one', 'two']);
  });

  it('of LMSYS-Chat-1M are read from Parquet, where any flagged message makes one toxic', async () => {
    const conversation = (content: string): object[] => [
      { role: 'user', content },
      { role: 'assistant', content: 'Sure.' },
    ];
    const moderation = (flagged: boolean): object[] => [
      { categories: { hate: false }, category_scores: { hate: 0.1 }, flagged: false },
      { categories: { hate: flagged }, category_scores: { hate: 0.9 }, flagged },
    ];
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'conversation_id', data: ['1', '2', '3'], type: 'STRING' },
        { name: 'conversation', data: ['one', 'two', 'three'].map(conversation), type: 'JSON' },
        { name: 'language', data: ['English', 'English', 'French'], type: 'STRING' },
        { name: 'openai_moderation', data: [false, true, false].map(moderation), type: 'JSON' },
        { name: 'redacted', data: [false, false, true], type: 'BOOLEAN' },
      ],
    });
    const outcomes = await readFrom(
      { 'l.parquet': new Uint8Array(bytes) },
      { files: [{ path: 'l.parquet', layout: 'lmsys-chat' }] },
    );
    assert.deepEqual(textsOf(outcomes), ['one']);
    assert.deepEqual(dropsOf(outcomes), [
      ['l.parquet:2', 'toxic'],
      ['l.parquet:3', 'redacted'],
    ]);
  });

  it('takes the first user message of logs as the OpenAI API has them, keeps system prompts apart and counts the rest', async () => {
    const tally = new SelectionTally();
    const user = { role: 'user', content: 'Plan a trip.' };
    const parts = [
      { type: 'text', text: 'What is' },
      { type: 'text', text: 'this?' },
    ];
    const outcomes = await readFrom(
      {
        'log.jsonl': jsonl(
          {
            messages: [
              { role: 'system', content: 'Be brief.' },
              user,
              { role: 'assistant', content: 'Where?' },
              { role: 'tool', content: '{}' },
              { role: 'user', content: 'Rome.' },
            ],
            lang: 'en-US',
          },
          { messages: [{ role: 'user', content: parts }], lang: 'English' },
          { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }], lang: 'eng' },
          { messages: [{ role: 'user', content: 'Und das?' }], lang: 'de' },
          { messages: [{ role: 'assistant', content: 'Hello' }], lang: 'en' },
          { prompt: 'no messages' },
        ),
      },
      {
        files: [{ path: 'log.jsonl', layout: 'messages', columns: { language: 'lang' } }],
        filters: { languages: ['en'] },
      },
      { onRow: (file, row) => tally.read(file, row) },
    );
    assert.deepEqual(
      outcomes.map((outcome) =>
        outcome.kind === 'kept' ? [outcome.record.text, outcome.record.systemPrompt] : outcome.drop.reason,
      ),
      [
        ['Plan a trip.', 'Be brief.'],
        ['What is\nthis?', undefined],
        'text-not-a-string',
        'language',
        'no-user-message',
        'text-missing',
      ],
    );
    const { byFile } = tally.summary();
    const languages = { 'en-US': 1, English: 1, de: 1 };
    assert.deepEqual(byFile, [{ file: 'log.jsonl', rows: 3, languages, systemPrompts: 1, furtherTurns: 2 }]);
  });

  for (const [kept, given, isKept] of [
    ['English', 'en', true],
    ['de', 'German', true],
    ['deu', 'de_AT', true],
    ['pt-BR', 'pt-br', true],
    ['pt-BR', 'pt-PT', false],
    ['Klingon', 'klingon', true],
    ['fr', 'de', false],
  ] as const)
    it(`with the language ${given} is ${isKept ? 'kept' : 'dropped'} where ${kept} is wanted`, async () => {
      const file = { path: 'a.jsonl', columns: { language: 'lang' } };
      const rows = jsonl({ instruction: 'a', lang: given });
      const outcomes = await readFrom({ 'a.jsonl': rows }, { files: [file], filters: { languages: [kept] } });
      assert.equal(outcomes[0]?.kind === 'kept', isKept);
    });
});
