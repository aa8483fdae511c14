import assert from 'node:assert/strict';
import { Confidence } from '../../../lib/src/evaluate/index.js';
import type { EvaluatedItem, OrderedEvaluation, Verdict } from '../../../lib/src/schema/index.js';

type Orders = [OrderedEvaluation, OrderedEvaluation];

/** Verdicts with the winner, or `a`, first and last. */
function orders(first: Verdict['kind'], last: Verdict['kind'], more: object[] = [{}, {}]): Orders {
  const said = (kind: Verdict['kind']): Verdict =>
    kind === 'unparsed' ? { kind, reason: 'no-marker' } : { kind };
  return [
    { order: 'winner-first', text: '', verdict: said(first), ...more[0] },
    { order: 'loser-first', text: '', verdict: said(last), ...more[1] },
  ];
}

const items = (n: number, of: Orders, more: Partial<EvaluatedItem> = {}): EvaluatedItem[] =>
  Array.from({ length: n }, (_, i) => ({
    itemId: `${i} ${JSON.stringify(of)}`,
    slice: 'all',
    errorKind: 'none',
    orders: of,
    ...more,
  }));

const RIGHT = orders('A', 'B');
const WRONG = orders('B', 'A');

describe('the confidence of a preference', () => {
  it('is the share right among held-out pairs that were alike in both orders', () => {
    const confidence = Confidence.from([
      ...items(18, RIGHT),
      ...items(6, WRONG),
      // Contradictions, ties and what is unread are no verdict for one response; a gold tie has no right one.
      ...items(5, orders('A', 'A')),
      ...items(2, orders('tie', 'B')),
      ...items(1, orders('A', 'unparsed')),
      ...items(1, orders('tie', 'tie')),
      ...items(9, RIGHT, { goldTie: true }),
    ]);
    assert.deepEqual([confidence.share.value, confidence.share.n, confidence.nAbstained], [18 / 24, 24, 9]);
    for (const each of [RIGHT, WRONG]) assert.deepEqual(confidence.of({ orders: each }), confidence.share);
    for (const each of [orders('A', 'A'), orders('tie', 'B'), orders('tie', 'tie'), orders('A', 'unparsed')])
      assert.equal(confidence.of({ orders: each }), null);
  });

  it('is none where fewer than 20 held-out pairs were like it', () => {
    assert.equal(Confidence.from(items(19, RIGHT)).of({ orders: RIGHT }), null);
    assert.equal(Confidence.from(items(20, RIGHT)).of({ orders: RIGHT })?.n, 20);
    assert.equal(Confidence.from([]).of({ orders: RIGHT }), null);
    // A benchmark that was run in one order says nothing of both.
    const one = items(30, RIGHT).map((item) => ({ ...item, orders: item.orders.slice(0, 1) }));
    assert.equal(Confidence.from(one).share.n, 0);
  });

  it('goes by the share of votes for the response that both orders name', () => {
    const votes = (
      first: [number, number, number],
      last: [number, number, number],
      verdicts = RIGHT,
    ): Orders =>
      orders(verdicts[0].verdict.kind, verdicts[1].verdict.kind, [
        { votes: { A: first[0], B: first[1], tie: first[2], unparsed: 3 } },
        { votes: { A: last[0], B: last[1], tie: last[2], unparsed: 0 } },
      ]);
    const confidence = Confidence.from(
      [
        // 1.0; 0.8 and 0.9; 0.6 and 0.5, where wrong ones have their votes for the loser.
        ...items(40, votes([10, 0, 0], [0, 10, 0])),
        ...items(15, votes([8, 2, 0], [1, 9, 0])),
        ...items(10, votes([2, 8, 0], [9, 1, 0], WRONG)),
        ...items(12, votes([6, 2, 2], [5, 5, 0])),
        // No votes were read in one order: in the share of all alone.
        ...items(3, votes([0, 0, 0], [0, 10, 0])),
      ],
      'votes',
    );
    assert.deepEqual(
      confidence.groups.map(({ least, share: { value, n } }) => [least, value, n]),
      [
        [0, 1, 12],
        [0.75, 15 / 25, 25],
        [0.95, 1, 40],
      ],
    );
    assert.equal(confidence.share.n, 80);
    const of = (each: Orders): number | null | undefined => confidence.of({ orders: each })?.n;
    assert.equal(of(votes([10, 0, 0], [0, 10, 0])), 40);
    assert.equal(of(votes([3, 1, 0], [1, 3, 0])), 25);
    assert.equal(of(votes([7, 3, 0], [3, 7, 0])), undefined);
    assert.equal(of(RIGHT), undefined);
  });

  it('goes by the probability of the response that both orders name', () => {
    const sure = (p: number): Orders => orders('A', 'B', [{ probabilityOfA: p }, { probabilityOfA: 1 - p }]);
    const wrong = orders('B', 'A', [{ probabilityOfA: 0.2 }, { probabilityOfA: 0.8 }]);
    const confidence = Confidence.from(
      [...items(25, sure(0.99)), ...items(20, sure(0.8)), ...items(5, wrong)],
      'probabilities',
    );
    assert.deepEqual(
      confidence.groups.map(({ share: { value, n } }) => [value, n]),
      [
        [null, 0],
        [0.8, 25],
        [1, 25],
      ],
    );
    assert.equal(confidence.of({ orders: wrong })?.value, 0.8);
    assert.equal(confidence.of({ orders: sure(0.6) }), null);
  });
});
