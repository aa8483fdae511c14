import assert from 'node:assert/strict';
import {
  documentToMarkdown,
  overlapPlacesTable,
  overlappingItemsTable,
  runDocument,
} from '../../lib/src/report/index.js';
import type { OverlapReport } from '../../lib/src/schema/index.js';

const shown = { field: 'instruction', subset: 's' } as const;
const REPORT: OverlapReport = {
  settings: {
    runWords: 13,
    shingleWords: 5,
    share: 0.7,
    minWords: 8,
    boilerplateItems: null,
    benchmarkFields: ['instruction'],
    trainingFields: ['instruction', 'response'],
  },
  items: {
    math: { n: 200, sameText: 1, nearDuplicate: 0, sharedRun: 1 },
    code: { n: 100, sameText: 0, nearDuplicate: 1, sharedRun: 0 },
  },
  training: {
    instruction: { n: 5000, sameText: 1, nearDuplicate: 1, sharedRun: 2 },
    response: { n: 0, sameText: 0, nearDuplicate: 0, sharedRun: 0 },
  },
  overlappingItems: [
    {
      itemId: 'm|1',
      subset: 'math',
      nTrainingTexts: 2,
      runShare: null,
      waivedBecause: 'known',
      strongest: {
        kind: 'same-text',
        benchmark: { ...shown, id: 'm|1', excerpt: 'compute <b>' },
        training: { ...shown, id: 't', source: { file: 'pool.jsonl', line: 3 }, excerpt: 'compute\n# <b>' },
        benchmarkShare: null,
        trainingShare: null,
      },
    },
    {
      itemId: 'c2',
      subset: 'code',
      nTrainingTexts: 1,
      runShare: 0.5,
      strongest: {
        kind: 'near-duplicate',
        benchmark: { ...shown, id: 'c2', excerpt: 'write' },
        training: { ...shown, id: 't9', excerpt: 'write it' },
        benchmarkShare: 0.75,
        trainingShare: 0.5,
      },
    },
  ],
  trainingExamples: [],
  nNotWaived: 1,
};

describe('the tables of an overlap audit', () => {
  it('count by subset and in all', () => {
    assert.deepEqual(overlappingItemsTable(REPORT).rows, [
      ['math', '200', '1', '0', '1', '2', '1.0'],
      ['code', '100', '0', '1', '0', '1', '1.0'],
      ['in all', '300', '1', '1', '1', '3', '1.0'],
    ]);
  });

  it('name item and place, with shares where there are any', () => {
    assert.deepEqual(overlapPlacesTable(REPORT, { most: 20 }).rows, [
      ['m|1', 'math', 'same-text', '–', '–', '–', '2', 'pool.jsonl:3', 'known'],
      ['c2', 'code', 'near-duplicate', '75.0', '50.0', '50.0', '1', 't9', '–'],
    ]);
    assert.equal(overlapPlacesTable(REPORT, { most: 1 }).rows.length, 1);
  });

  it('stand in the report of a run, where no text of others is markup, and which says what it leaves out', () => {
    const items = REPORT.overlappingItems.flatMap((item) => Array<typeof item>(11).fill(item));
    const text = documentToMarkdown(
      runDocument({
        name: 'a run',
        description: '',
        config: {},
        iterations: [],
        manifests: [],
        manifest: null,
        command: 'npx autodidact run',
        overlap: { ...REPORT, overlappingItems: items },
      }),
    );
    assert.match(text, /\n## Overlap of training and benchmark\n/);
    assert.match(text, /\| m\\\|1 \| math \|/);
    assert.match(text, /5,000 instructions of the pool were checked; 22 benchmark items overlap/);
    assert.match(text, /Not shown: 2 more items\./);
  });
});
