import assert from 'node:assert/strict';
import { answersOfRow, argillaSettings, toArgilla } from '../../lib/src/review/index.js';
import type { ReviewItem } from '../../lib/src/schema/review.js';

const HOSTILE = '<script>alert(1)</script>\u202e=cmd()';

const ITEM: ReviewItem = {
  itemId: 'generate/1/pair-1',
  iteration: 1,
  stage: 'generate',
  stratum: 'math',
  instruction: HOSTILE,
  responses: ['one', HOSTILE],
  hidden: { better: 'B', judge: 'A' },
};
const items = new Map([[ITEM.itemId, ITEM]]);

describe('records of Argilla', () => {
  it('show the texts as text, and nothing that is hidden', () => {
    const text = toArgilla([ITEM]);
    const [record] = JSON.parse(text) as {
      id: string;
      suggestions: object;
      fields: Record<string, string>;
    }[];
    assert.equal(record?.id, ITEM.itemId);
    assert.deepEqual(record.suggestions, {});
    assert.ok(Object.values(record.fields).some((field) => field.includes('<script>')));
    assert.ok(!text.includes('\u202e'));
    assert.doesNotMatch(text, /better|hidden|judge/);
    assert.match(argillaSettings([ITEM]), /"use_markdown": false/);
  });

  it('come back as answers of each user; what was discarded is a skip, and a draft is none', () => {
    const response = (value: string, user_id: string, status = 'submitted') => ({ value, user_id, status });
    const record = {
      id: ITEM.itemId,
      responses: {
        answer: [response('B', 'u1'), response('A', 'u2', 'discarded'), response('A', 'u3', 'draft')],
        note: [response('shorter', 'u1')],
      },
    };
    const read = answersOfRow(record, { items });
    assert.deepEqual(
      read.flatMap((one) => ('answer' in one ? [one.answer] : [])),
      [
        { itemId: ITEM.itemId, reviewer: 'u1', answer: 'B', note: 'shorter' },
        { itemId: ITEM.itemId, reviewer: 'u2', answer: 'skip' },
      ],
    );
    assert.deepEqual(
      read.flatMap((one) => ('drop' in one ? [one.drop] : [])),
      ['no-answer'],
    );
  });

  it('come back from flat rows too, without a draft, and from a record that nobody answered', () => {
    const flat = {
      id: ITEM.itemId,
      'answer.responses': ['A', 'B', 'B'],
      'answer.responses.users': ['u1', 'u2', 'u3'],
      'answer.responses.status': ['submitted', 'discarded', 'draft'],
      'note.responses': ['odd'],
      'note.responses.users': ['u1'],
    };
    assert.deepEqual(answersOfRow(flat, { items }), [
      { answer: { itemId: ITEM.itemId, reviewer: 'u1', answer: 'A', note: 'odd' } },
      { answer: { itemId: ITEM.itemId, reviewer: 'u2', answer: 'skip' } },
      { drop: 'no-answer', detail: ITEM.itemId },
    ]);
    const [exported] = JSON.parse(toArgilla([ITEM])) as Record<string, unknown>[];
    assert.deepEqual(answersOfRow(exported ?? {}, { items }), [{ drop: 'no-answer', detail: ITEM.itemId }]);
  });

  it('come back as `to_json` writes them, which tells no status', () => {
    const [record] = JSON.parse(toArgilla([ITEM])) as Record<string, unknown>[];
    const responses = {
      answer: [{ value: 'tie', user_id: 'u1' }],
      note: [{ value: HOSTILE, user_id: 'u1' }],
    };
    assert.deepEqual(answersOfRow({ ...record, responses }, { items }), [
      { answer: { itemId: ITEM.itemId, reviewer: 'u1', answer: 'tie', note: HOSTILE } },
    ]);
  });
});
