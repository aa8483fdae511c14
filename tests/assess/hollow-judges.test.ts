// Judges that look good and are not, and good ones that look bad: what the assessment says of each.
import assert from 'node:assert/strict';
import { assessJudge, assessTrainingSet } from '../../lib/src/assess/index.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { EvaluatedItem, IterationMetrics } from '../../lib/src/schema/evaluation.js';
import type { ProbeResult } from '../../lib/src/schema/judge-audit.js';
import {
  besideTrivial,
  against,
  audited,
  checkIn,
  estimate,
  feature,
  figures,
  ground,
  itemsOf,
  pairAudit,
} from './grounds.js';

const seed = figures(0, 60);
const checkOf = (id: string, iterations: IterationMetrics[]) => checkIn(id, ground(iterations));

/** A judge that is right on all pairs of n, but names the response shown first, or second in turn, on so many of them. */
function contradicting(nContradicted: number, n = 200): EvaluatedItem[] {
  return itemsOf(0, n).map((item, i) => ({
    ...item,
    orders:
      i < nContradicted
        ? item.orders.map((judged) => ({ ...judged, verdict: { kind: i % 2 === 0 ? 'A' : 'B' } as const }))
        : item.orders,
  }));
}

describe('a judge that contradicts itself', () => {
  const consistency = (items: EvaluatedItem[]) => {
    const metrics = judgeMetrics(items, { nDropped: {} });
    return checkOf('consistency', [seed, figures(1, 20, { metrics, againstSeed: against(0.2) })]);
  };

  it('is red where its orders differ on most pairs, though no side is preferred', () => {
    const check = consistency(contradicting(120));
    assert.equal(check?.level, 'red');
    assert.match(
      check.found,
      /40\.0 \[33\..*\] % of 200 pairs have one verdict in both orders; a coin would have 50/,
    );
    assert.equal(consistency(contradicting(80))?.level, 'amber');
    assert.equal(consistency(contradicting(20))?.level, 'green');
  });

  it('is not known from a few pairs, nor from one order', () => {
    assert.equal(consistency(contradicting(0, 2))?.level, 'unknown');
    const once = itemsOf(0).map((item) => ({ ...item, orders: item.orders.slice(0, 1) }));
    assert.match(consistency(once)?.found ?? '', /no pair has verdicts in both orders/);
  });
});

describe('a judge that says nothing about most pairs of a probe', () => {
  it('is not cleared by the others', () => {
    const levelAt = (unscored: number): string | undefined =>
      checkOf('shortcut: length', [
        seed,
        figures(1, 20, audited(feature('length', { ...estimate(0.01, 0.05, 40), unscored }))),
      ])?.level;
    assert.equal(levelAt(4), 'green');
    assert.equal(levelAt(60), 'unknown');
    const red = audited(feature('length', { ...estimate(0.5, 0.05, 40), unscored: 60 }));
    assert.equal(checkOf('shortcut: length', [seed, figures(1, 20, red)])?.level, 'red');
  });
});

describe('shares of two sides that do not subtract to their difference', () => {
  const lossy = {
    agreeing: { ...estimate(0.479), unscored: 3 },
    contradicting: estimate(0.627),
    difference: { ...estimate(-0.142, 0.02, 60), unscored: 1 },
  };
  const found = (kind: ProbeResult['kind'], probe: string, more: Partial<ProbeResult>) =>
    checkOf(`shortcut: ${probe}`, [
      seed,
      figures(1, 20, audited(feature(probe, estimate(-0.142, 0.02, 60), { kind, ...more }))),
    ])?.found ?? '';

  it('are said with what is unscored of each, and on which pairs the difference is', () => {
    const end = /, difference -14\.2 \[.*\] over the 60 pairs with verdicts on both sides \(unscored 1\)/;
    const sides = {
      length: /: 47\.9% right where that is the right one \(unscored 3\), 62\.7% where it is the wrong one,/,
      constant: /: 47\.9% right against the wrong response \(unscored 3\), 62\.7% against a constant answer,/,
      'hidden-instruction': /: 47\.9% right with the instruction \(unscored 3\), 62\.7% without it,/,
    };
    for (const [probe, said] of Object.entries(sides)) {
      const kind = probe === 'length' ? 'feature' : (probe as ProbeResult['kind']);
      assert.match(found(kind, probe, lossy), said);
      assert.match(found(kind, probe, lossy), end);
      assert.match(found(kind, probe, {}), /difference -14\.2 \[.*\] over 60 pairs/);
    }
  });
});

describe('a judge without many of its verdicts', () => {
  const unscored = { unscored: 30, unscoredReasons: { 'content-filter': 30 } };
  const lossy = judgeMetrics(itemsOf(20), { nDropped: { refusal: 30 } });
  const foundIn = (id: string, more: Partial<IterationMetrics>): [string, string] | undefined => {
    const check = checkOf(id, [seed, figures(1, 20, more)]);
    return check && [check.level, check.found];
  };

  it('is said to be so on every benchmark, beside its gain, and beside trivial judges', () => {
    const other = { benchmark: 'other', rule: 'strict', metrics: lossy };
    assert.deepEqual(foundIn('lost-items: other', { benchmark: 'first', others: [other] }), [
      'red',
      '13.0% of 460 verdicts are missing on other (refusal 60)',
    ]);
    assert.match(
      foundIn('lost-items', { benchmark: 'first', others: [other] })?.[1] ?? '',
      /0% .* on first$/,
    );
    const fine = { ...other, metrics: figures(1, 20).metrics };
    assert.equal(foundIn('lost-items: other', { others: [fine] }), undefined);
    assert.deepEqual(foundIn('lost-items: other', { others: [{ ...fine, problem: 'no server' }] }), [
      'unknown',
      'not measured on other: no server',
    ]);
    const gain = foundIn('gain', { metrics: lossy, againstSeed: { ...against(0.2), unscored: 30 } });
    assert.match(
      gain?.[1] ?? '',
      /over 200 pairs \(unscored 30\), p .*; accuracy 90\.0% \(unscored refusal 60\)$/,
    );
    const { trivial } = besideTrivial(0.2);
    const comparisons = trivial?.comparisons.map((each) => ({ ...each, unscored: 30 })) ?? [];
    assert.match(
      foundIn('trivial-judges', { trivial: { judge: 'judge-1', comparisons } })?.[1] ?? '',
      /over 200 pairs \(unscored 30\)$/,
    );
  });

  it('needs the instruction though it says nothing without it, unless those pairs were lost', () => {
    const hidden = (nDropped?: Record<string, number>) =>
      foundIn(
        'shortcut: hidden-instruction',
        audited({
          ...feature('hidden-instruction', { ...estimate(0.4), ...unscored }, nDropped ? { nDropped } : {}),
          kind: 'hidden-instruction',
        }),
      )?.[0];
    assert.equal(hidden(), 'green');
    assert.equal(hidden({ 'content-filter': 30 }), 'unknown');
  });
});

describe('a judge about which too little is known', () => {
  it('is not green for what nobody looked at', () => {
    const once = itemsOf(0, 1).map((item) => ({ ...item, orders: item.orders.slice(0, 1) }));
    const metrics = judgeMetrics(once, { nDropped: {} });
    assert.equal(assessJudge(ground([figures(0, 0, { metrics })])).level, 'unknown');
    assert.equal(
      assessJudge(ground([seed, figures(1, 0, { metrics, againstSeed: against(0.2) })])).level,
      'unknown',
    );
  });
});

describe('a training set of a few examples', () => {
  it('is not green where its intervals reach to red, or where there are none', () => {
    const levels = (...of: Parameters<typeof pairAudit>): string[] =>
      assessTrainingSet(pairAudit(...of)).map(({ level }) => level);
    assert.deepEqual(levels({ value: 0.6, low: 0.2, high: 0.9 }, 'characters', 6), ['unknown']);
    assert.deepEqual(levels({ value: 1, low: null, high: null }, 'characters', 3), ['unknown']);
    assert.deepEqual(levels({ value: 0.5, low: null, high: null }), ['green']);
  });
});

describe('a good judge', () => {
  it('is not red for being right on every pair twice', () => {
    const check = checkOf('identical-iterations', [seed, figures(1, 0), figures(2, 0)]);
    assert.equal(check?.level, 'unknown');
    assert.match(check.found, /right on all 200 pairs too/);
  });

  it('is not red beside trivial judges for the chance of a few pairs', () => {
    const levelAt = (margin: number): string | undefined =>
      checkOf('trivial-judges', [seed, figures(1, 20, besideTrivial(-0.01, margin))])?.level;
    assert.equal(levelAt(0.3), 'amber');
    assert.equal(levelAt(0.05), 'red');
  });
});
