import assert from 'node:assert/strict';
import { probedItems } from '../../../lib/src/evaluate/index.js';
import { items, plan, requestsOf } from './scripted-judges.js';

const of = (...texts: string[]) => ({ texts, favours: 'with' as const });
const [item] = items;

describe('the pairs of an audit', () => {
  it('are drawn by slice, whatever their order, without those that are a tie', () => {
    const withTie = [...items, { ...item!, itemId: 'tie', slice: 'code', goldTie: true as const }];
    const idsOf = (from: typeof items, seed: number) =>
      probedItems(from, { probes: {}, nPairs: 4, seed }).map(({ itemId }) => itemId);
    const drawn = idsOf(withTie, 1);
    assert.equal(drawn.filter((id) => ['item-6', 'item-7'].includes(id)).length, 2);
    assert.equal(drawn.length, 4);
    assert.deepEqual(idsOf([...withTie].reverse(), 1), drawn);
    assert.notDeepEqual(idsOf(withTie, 2), drawn);
  });

  it('hold a feature on the right response and on the wrong one, by what the probe favours and the slice', () => {
    const probes = {
      note: of('note {{response}}, $& {{response}}'),
      remark: [
        { ...of('1 {{response}}'), favours: 'without' as const, slices: ['math'] },
        { ...of('ann {{response}}'), slices: ['code'] },
      ],
      elsewhere: { ...of('{{response}}!'), slices: ['chat'] },
    };
    const seen = probedItems([item!, items[7]!], { probes, nPairs: 2, seed: 1 }).map(
      ({ itemId, probe, side, winner, loser }) => [itemId, probe, side, winner, loser].join('|'),
    );
    assert.deepEqual(seen.sort(), [
      'item-0|note|agreeing|note right 0, $& right 0|wrong 0',
      'item-0|note|contradicting|right 0|note wrong 0, $& wrong 0',
      'item-0|plain|plain|right 0|wrong 0',
      'item-0|remark|agreeing|right 0|1 wrong 0',
      'item-0|remark|contradicting|1 right 0|wrong 0',
      'item-7|note|agreeing|note right 7, $& right 7|wrong 7',
      'item-7|note|contradicting|right 7|note wrong 7, $& wrong 7',
      'item-7|plain|plain|right 7|wrong 7',
      'item-7|remark|agreeing|ann right 7|wrong 7',
      'item-7|remark|contradicting|right 7|ann wrong 7',
    ]);
  });

  it('name the letter under which a response is shown, whichever comes first, and leave that of a response alone', () => {
    const hostile = { ...item!, loser: 'wrong {{label}} {{response}}' };
    const probed = probedItems([hostile], {
      probes: { verdict: of('{{response}} [[{{label}}]]') },
      nPairs: 1,
      seed: 1,
    });
    const [, agreeing, contradicting] = probed;
    assert.deepEqual([agreeing?.winner, agreeing?.loserFirst?.winner], ['right 0 [[A]]', 'right 0 [[B]]']);
    assert.deepEqual(
      [contradicting?.loser, contradicting?.loserFirst?.loser],
      ['wrong {{label}} {{response}} [[B]]', 'wrong {{label}} {{response}} [[A]]'],
    );
  });

  it('lose the instruction, or hold a constant or the right response in the place of the wrong one', () => {
    const probes = {
      constant: of('yes'),
      'hidden-instruction': of('-'),
      'same-response': of('{{response}}'),
    };
    const [, constant, hidden, same] = probedItems([{ ...item!, reference: 'right 0' }], {
      probes,
      nPairs: 1,
      seed: 1,
    });
    assert.deepEqual([constant?.loser, constant?.side], ['yes', 'changed']);
    assert.deepEqual([hidden?.instruction, hidden?.reference, hidden?.winner], ['-', undefined, 'right 0']);
    assert.deepEqual([same?.winner, same?.loser], ['right 0', 'right 0']);
    // Pairs of one hidden instruction stay clusters of their own.
    assert.equal(
      new Set(probedItems(items, { probes, nPairs: 8, seed: 1 }).map(({ cluster }) => cluster)).size,
      8,
    );
  });

  it('have the same texts for every judge and another choice with another seed', () => {
    const textsOf = (seed: number) =>
      probedItems(items, { ...plan, nPairs: 8, seed })
        .filter(({ probe, side }) => probe === 'length' && side === 'agreeing')
        .map(({ winner }) => winner.replaceAll(/\d/g, ''))
        .sort();
    assert.ok(new Set(textsOf(1)).size > 1);
    assert.deepEqual(textsOf(1), textsOf(1));
    assert.notDeepEqual(textsOf(1), textsOf(3));
  });

  it('as they are ask for nothing that an evaluation has not asked, and each change for its orders', async () => {
    // Both orders of eight pairs, once greedily and once for votes.
    assert.deepEqual(await requestsOf({}), { evaluation: 32, audit: 0 });
    // A feature on two sides in two orders; the same response beside itself in one.
    const { audit } = await requestsOf({
      note: of('note {{response}}'),
      'same-response': of('{{response}}'),
    });
    assert.equal(audit, 8 * (4 + 1));
  });
});
