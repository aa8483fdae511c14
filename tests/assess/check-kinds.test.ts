import assert from 'node:assert/strict';
import { assessJudge } from '../../lib/src/assess/index.js';
import { aroundHalf, levelOf } from '../../lib/src/assess/levels.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { AssessmentCheck } from '../../lib/src/schema/assessment.js';
import type { TrivialReport } from '../../lib/src/schema/comparison-report.js';
import type { IterationMetrics } from '../../lib/src/schema/evaluation.js';
import type { OverlapReport } from '../../lib/src/schema/overlap.js';
import {
  against,
  besideTrivial,
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

const checkOf = (
  id: string,
  more: Partial<IterationMetrics>,
  about: Parameters<typeof ground>[1] = {},
): AssessmentCheck | undefined => checkIn(id, ground([seed, figures(1, 20, more)], about));

describe('the borders of a level', () => {
  const limit = { amber: 0.25, red: 0.75 };
  const cases = {
    'red at its size, beyond a third': [0.75, 0.26, 1, 'red'],
    'amber where the interval reaches to a third': [0.75, 0.25, 1, 'amber'],
    'amber at its size': [0.25, 0.01, 0.49, 'amber'],
    'green where the interval has 0': [0.25, 0, 0.5, 'green'],
    'green below amber': [0.24, 0.1, 0.38, 'green'],
    'unknown where the interval reaches twice red': [0, -1.5, 1, 'unknown'],
    'green just below that': [0, -1.49, 1, 'green'],
  } as const;
  for (const [what, [value, low, high, level]] of Object.entries(cases))
    it(`is ${what}, in both directions`, () => {
      assert.equal(levelOf({ value, low, high }, limit), level);
      assert.equal(levelOf({ value: -value, low: -high, high: -low }, limit), level);
    });

  it('is that of twice the distance from a half, for a share', () => {
    assert.deepEqual(aroundHalf({ value: 0.75, low: 0.5, high: 1 }), { value: 0.5, low: 0, high: 1 });
    assert.deepEqual(aroundHalf({ value: null, low: null, high: null }), {
      value: null,
      low: null,
      high: null,
    });
  });
});

describe('the check of trivial judges', () => {
  const beside = (baseline: string, difference: number): TrivialReport['comparisons'][number] => ({
    ...against(difference),
    judge: 'judge-1',
    baseline,
    subset: null,
    finding: difference > 0.05 ? 'better' : difference < -0.05 ? 'worse' : 'within-noise',
    pHolm: 0.01,
    mcNemarMidP: null,
    judgeAccuracy: estimate(0.9),
    baselineAccuracy: estimate(0.9 - difference),
    unscoredReasons: { oneJudgeOnly: 0, noGold: 0, noCommonOrder: 0, noVerdict: 0 },
  });
  const trivial = (...differences: number[]) => ({
    trivial: {
      judge: 'judge-1',
      comparisons: differences.map((difference, i) => beside(i === 0 ? 'first' : 'longer', difference)),
    },
  });

  it('is of the closest: green where the judge is better, amber where that is not shown, red below it', () => {
    for (const [level, differences, found] of [
      ['green', [0.4, 0.2], /better than 2 judges that understand nothing; the closest: .*longer response/],
      ['amber', [0.4, 0.01], /not shown to be better .*of choosing the longer response/],
      ['red', [0.4, 0], /no better than a judge that understands nothing/],
      ['red', [0.4, -0.2], /no better than/],
      ['unknown', [], /texts of the pairs are not known/],
    ] as const) {
      const check = checkOf('trivial-judges', trivial(...differences));
      assert.equal(check?.level, level);
      assert.match(check.found, found);
    }
  });
});

describe('the checks of probes', () => {
  const levelFor = (...probe: Parameters<typeof feature>): string | undefined =>
    checkOf(`shortcut: ${probe[0]}`, audited(feature(...probe)))?.level;

  it('take position in both directions, and one response shown twice for amber at most', () => {
    for (const difference of [0.6, -0.6]) {
      assert.equal(levelFor('position', estimate(difference), { kind: 'position' }), 'red');
      assert.equal(levelFor('same-response', estimate(difference), { kind: 'same-response' }), 'amber');
    }
    assert.equal(levelFor('same-response', estimate(0), { kind: 'same-response' }), 'green');
  });

  it('hold a constant answer against a judge only where it wins', () => {
    const constant = { kind: 'constant' } as const;
    assert.equal(levelFor('constant', estimate(0.4), constant), 'red');
    assert.equal(levelFor('constant', estimate(-0.1), constant), 'green');
    const none = { ...estimate(0), value: null, low: null, high: null, n: 0 };
    assert.equal(levelFor('constant', none, constant), 'unknown');
  });

  it('take accuracy without the instruction for amber where more than half of it is left', () => {
    // 0.9 with it is 0.4 above chance: more than 0.2 of that without it is amber.
    const hidden = (contradicting: number): string | undefined =>
      levelFor('no-instruction', estimate(0.9 - contradicting), { kind: 'hidden-instruction' });
    assert.deepEqual([hidden(0.75), hidden(0.65), hidden(0.5)], ['amber', 'green', 'green']);
  });

  it('say that too few pairs were judged, and which shortcut of the seed training took away', () => {
    assert.equal(levelFor('length', estimate(0.02, 0.4)), 'unknown');
    const mended = feature('length', estimate(0.02), { againstSeed: estimate(-0.5, 0.1) });
    assert.match(checkOf('shortcut: length', audited(mended))?.found ?? '', /the seed model had one of/);
  });
});

describe('the shortcuts that an evaluation shows', () => {
  const { metrics } = figures(1, 20);

  it('are of length and own family at twice the limits, unless a probe says more', () => {
    for (const [share, level] of [
      [0.5, 'green'],
      [0.61, 'amber'],
      [0.66, 'red'],
      [0.34, 'red'],
    ] as const) {
      // Around a half, doubled: 0.61 is 0.22 and 0.66 is 0.32; amber from 0.2 on, red from 0.3 on.
      const observed = { ...metrics, longerChosen: estimate(share), ownFamilyChosen: estimate(share) };
      assert.equal(checkOf('shortcut: length', { metrics: observed })?.level, level);
      assert.equal(checkOf('shortcut: own-family', { metrics: observed })?.level, level);
      const probed = { metrics: observed, ...audited(feature('length', estimate(0.01))) };
      assert.equal(checkOf('shortcut: length', probed)?.level, 'green');
    }
  });
});

describe('the checks of lost items and of identical figures', () => {
  it('has its borders at 2% and 10% of verdicts', () => {
    const lost = (unscored: number): string | undefined => {
      const { metrics } = figures(1, 20);
      const accuracy = { ...metrics.accuracy, n: 1000 - unscored, unscored };
      return checkOf('lost-items', { metrics: { ...metrics, accuracy } })?.level;
    };
    assert.deepEqual([19, 20, 99, 100, 1000].map(lost), ['green', 'amber', 'amber', 'red', 'red']);
  });

  it('are amber on fewer pairs than 100, and of any earlier judge', () => {
    const of = (iteration: number, nWrong: number, n: number): IterationMetrics =>
      figures(iteration, 0, { metrics: judgeMetrics(itemsOf(nWrong, n), { nDropped: {} }) });
    const identical = (n: number): AssessmentCheck | undefined =>
      assessJudge(ground([of(0, 9, n), of(1, 5, n), of(2, 9, n)])).checks.find(
        ({ kind }) => kind === 'identical-iterations',
      );
    assert.deepEqual([identical(99)?.level, identical(100)?.level], ['amber', 'red']);
    assert.match(identical(100)?.found ?? '', /every figure on 100 pairs equals that of the seed model/);
  });
});

describe('the check of overlap', () => {
  const counts = { n: 40, sameText: 1, nearDuplicate: 0, sharedRun: 0 };
  const shown = { id: '1', field: 'instruction', subset: 'all', excerpt: 'x' } as const;
  const report = (nOverlapping: number, nNotWaived: number, action: 'stop' | 'drop'): OverlapReport => ({
    settings: {
      runWords: 8,
      shingleWords: 3,
      share: 0.5,
      minWords: 3,
      boilerplateItems: null,
      action,
      benchmarkFields: ['instruction'],
      trainingFields: ['instruction'],
    },
    items: { all: counts },
    training: { instruction: counts, response: counts },
    overlappingItems: Array.from({ length: nOverlapping }, (_, i) => ({
      itemId: `item-${i}`,
      subset: 'all',
      strongest: {
        kind: 'same-text',
        benchmark: shown,
        training: shown,
        benchmarkShare: null,
        trainingShare: null,
      },
      nTrainingTexts: 1,
      runShare: null,
    })),
    trainingExamples: [],
    nNotWaived,
  });

  it('is red for what is neither left out nor waived', () => {
    const levelFor = (found: OverlapReport) =>
      checkOf('overlap', {}, { overlaps: [{ benchmark: null, iteration: null, report: found }] })?.level;
    assert.equal(checkOf('overlap', {})?.level, 'unknown');
    assert.equal(levelFor(report(0, 0, 'stop')), 'green');
    assert.equal(levelFor(report(2, 1, 'stop')), 'red');
    assert.equal(levelFor(report(2, 0, 'stop')), 'amber');
    assert.equal(levelFor(report(2, 2, 'drop')), 'green');
    assert.equal(levelFor(report(2, 1, 'drop')), 'amber');
  });

  it('is the worst of all benchmarks and trainings, and says which', () => {
    const none = { benchmark: 'one', iteration: null, report: report(0, 0, 'stop') };
    const waived = { benchmark: 'two', iteration: null, report: report(1, 0, 'stop') };
    const trained = { benchmark: 'two', iteration: 2, report: report(2, 2, 'drop') };
    const foundIn = (...overlaps: (typeof none | typeof trained)[]) => {
      const { level, found } = checkOf('overlap', {}, { overlaps }) ?? {};
      return [level, found];
    };
    assert.deepEqual(foundIn(none, { ...none, benchmark: 'two' }), [
      'green',
      'none of 40 held-out pairs of one is among the instructions; none of 40 held-out pairs of two is among the instructions',
    ]);
    assert.deepEqual(foundIn(none, waived), [
      'amber',
      '1 of 40 held-out pairs of two overlap with the instructions, 0 without a waiver',
    ]);
    assert.deepEqual(foundIn(none, waived, trained), [
      'red',
      '2 of 40 held-out pairs of two overlap with what iteration 2 trained on, 2 without a waiver',
    ]);
  });

  it('says that checkpoints were chosen on what the judge is measured on', () => {
    const check = checkOf('overlap: checkpoint', {}, { tunedOn: ['rewardbench'] });
    assert.equal(check?.level, 'amber');
    assert.match(check.found, /chosen on pairs of rewardbench: it is tuned on what it is measured on/);
    const ofSeed = assessJudge(ground([seed], { tunedOn: ['rewardbench'] }));
    assert.ok(!ofSeed.checks.some(({ id }) => id === 'overlap: checkpoint'));
  });
});

describe('the order of checks and the level of the whole', () => {
  it('is by level, then by kind, and the worst that is known', () => {
    const trainingSets = [
      { iteration: 2, value: pairAudit({ value: 0.9, low: 0.88, high: 0.92 }) },
      { iteration: 1, value: pairAudit({}) },
    ];
    const all = { againstSeed: against(-0.2), ...audited(feature('length', estimate(0.6))) };
    const { checks, level, iteration } = assessJudge(ground([seed, figures(1, 20, all)], { trainingSets }));
    assert.deepEqual([level, iteration], ['red', 1]);
    // The latest training set counts, in whatever order they come.
    assert.deepEqual(
      checks.filter((each) => each.level === 'red').map(({ id }) => id),
      ['gain', 'shortcut: length', 'training-set: characters'],
    );
    const known = { againstSeed: against(0.2), ...besideTrivial(0.2) };
    const green = assessJudge(ground([seed, figures(1, 20, known)]));
    assert.equal(green.level, 'green');
    assert.ok(green.checks.some((each) => each.level === 'unknown'));
    assert.throws(() => assessJudge(ground([])), RangeError);
  });
});
