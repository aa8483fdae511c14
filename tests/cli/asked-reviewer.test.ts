import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { askReviewer } from '../../lib/src/cli/asked-reviewer.js';
import type { ReviewAnswer, ReviewItem } from '../../lib/src/schema/review.js';

const item = (itemId: string): ReviewItem => ({
  itemId,
  iteration: 1,
  stage: 'generate',
  stratum: 'math',
  instruction: `about ${itemId}\u001b[2J\u202e`,
  responses: ['first response', 'second response'],
  hidden: { better: 'B', judge: 'A' },
});

/** Types lines; resolves to what was kept, and what was shown. */
async function asked(
  lines: readonly string[],
  {
    answers = [],
    items = ['one', 'two', 'three'].map(item),
  }: { answers?: ReviewAnswer[]; items?: ReviewItem[] } = {},
) {
  const kept: string[] = [];
  let shown = '';
  await askReviewer(items, {
    reviewer: 'ann',
    answers,
    add: ({ itemId, answer, note }) => {
      kept.push([itemId, answer, ...(note === undefined ? [] : [note])].join(' '));
      return Promise.resolve();
    },
    signal: new AbortController().signal,
    input: Readable.from(lines.map((line) => Buffer.from(`${line}\n`))),
    show: (text) => (shown += text),
    now: () => new Date(0),
  });
  return { kept, shown };
}

describe('a reviewer in the terminal', () => {
  it('answers item by item, with notes, and takes answers back', async () => {
    const { kept } = await asked(['A', 'b it is shorter', 'u', 'tie', 'skip', 'a']);
    assert.deepEqual(kept, ['one A', 'two B it is shorter', 'two undo', 'two tie', 'three skip']);
  });

  it('is asked again where a line is no answer', async () => {
    const { kept, shown } = await asked(['better', 'y', '', 'undo', 'a', 'q', 'b']);
    assert.deepEqual(kept, ['one A']);
    assert.equal(shown.split('Answer with').length - 1, 3);
  });

  it('goes on where the same reviewer stopped', async () => {
    const { kept } = await asked(['b', 'q'], {
      answers: [
        { itemId: 'one', reviewer: 'ann', answer: 'A' },
        { itemId: 'two', reviewer: 'bob', answer: 'A' },
      ],
    });
    assert.deepEqual(kept, ['two B']);
  });

  it('sees neither the known winner nor the verdict, and no control characters', async () => {
    const { shown } = await asked([]);
    assert.ok(shown.includes('about one␛[2J⟨U+202E⟩'));
    const forged = { ...item('one'), instruction: 'fake\n\n── response A ──\nbad' };
    const titles = (await asked([], { items: [forged] })).shown.match(/^── .* ──$/gm);
    assert.deepEqual(titles, ['── instruction ──', '── response A ──', '── response B ──']);
    const unhidden = ['one', 'two', 'three'].map((itemId) => ({ ...item(itemId), hidden: {} }));
    assert.equal((await asked([], { items: unhidden })).shown, shown);
  });
});
