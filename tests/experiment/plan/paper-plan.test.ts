// The paper's experiments are planned, with small files in the place of the data sets that they name.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { makePaperPage } from '../../../lib/src/experiment/index.js';
import { count, documentToMarkdown, paperDocument, usd } from '../../../lib/src/report/index.js';
import { inTemporaryFolder } from '../../fixtures/temporary-folder.js';

const FOLDER = 'experiments/paper';
const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const ROWS = Array.from({ length: 24 }, (_, i) => {
  const text = `Please explain number ${i}: ${'one two three four five six seven eight '.slice(0, 20 + i)}`;
  const messages = [
    { role: 'user', content: text, toxic: false, redacted: false },
    { role: 'assistant', content: 'So.', toxic: false, redacted: false },
  ];
  return {
    conversation: messages,
    language: 'English',
    toxic: false,
    redacted: false,
    chosen: messages,
    question: text,
  };
});
const PAIRS = [0, 1].map((i) => {
  return {
    itemId: `${i}`,
    instruction: `Which is ${i}?`,
    winner: 'this',
    loser: 'that',
    slice: 'a',
    errorKind: 'b',
  };
});

/** The same settings with files of a test: data sets become the pool, benchmarks the pairs, and little is taken. */
function small(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => small(each));
  if (typeof value !== 'object' || value === null) return /perIteration$|^most$/.test(key) ? 8 : value;
  const of = value as Record<string, unknown>;
  if (of.dataset !== undefined) {
    const rest = { ...of, path: 'pool.jsonl' } as Record<string, unknown>;
    delete rest.dataset;
    delete rest.file;
    return rest;
  }
  if (of.source === 'registry') return { source: 'jsonl', path: 'pairs.jsonl' };
  return Object.fromEntries(Object.entries(of).map(([name, inner]) => [name, small(inner, name)]));
}

describe("the paper's experiments", () => {
  it('are planned, and the page of the paper has their prices', () =>
    inTemporaryFolder(async (folder) => {
      const paper = join(folder, FOLDER);
      await mkdir(paper, { recursive: true });
      await writeFile(join(paper, 'pool.jsonl'), jsonl(ROWS));
      await writeFile(join(paper, 'pairs.jsonl'), jsonl(PAIRS));
      const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.yaml'));
      for (const file of files) {
        const settings: unknown = parse(await readFile(join(FOLDER, file), 'utf8'));
        await writeFile(join(paper, file), stringify(small(settings)));
      }
      const page = await makePaperPage({
        root: folder,
        resultsFolder: join(folder, 'results'),
        completionsFolder: join(folder, 'completions'),
        signal: new AbortController().signal,
      });
      const planned = page.experiments.filter(({ scale }) => scale === 'paper');
      assert.deepEqual(
        new Set(planned.map(({ file }) => file)),
        new Set(files.map((file) => `${FOLDER}/${file}`)),
      );
      const markdown = documentToMarkdown(paperDocument(page));
      for (const { file, obstacle, total } of planned) {
        assert.equal(obstacle, null, file);
        assert.ok(total!.requests > 0 && total!.costUsd! > 0, file);
        const price = `${usd(total!.costUsd)}, ${count(total!.requests)} requests`;
        assert.ok(markdown.includes(`| ${file} | of the paper | 0 of `) && markdown.includes(price), file);
      }
      const runs = planned.map(({ file, nRuns }) => [file.split('/').at(-1), nRuns]);
      assert.deepEqual(Object.fromEntries(runs), {
        'rewardbench.yaml': 1,
        'mt-bench.yaml': 1,
        'sources.yaml': 4,
        'losers.yaml': 2,
      });
    })).timeout(20_000);
});
