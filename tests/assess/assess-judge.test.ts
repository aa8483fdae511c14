import assert from 'node:assert/strict';
import { againstTrainingOn, assessJudge, assessTrainingSet } from '../../lib/src/assess/index.js';
import { levelOf } from '../../lib/src/assess/levels.js';
import { judgeMetrics } from '../../lib/src/evaluate/index.js';
import type { PairAudit } from '../../lib/src/schema/pair-audit.js';
import {
  against,
  audited,
  estimate,
  feature,
  figures,
  ground,
  itemsOf,
  levelsOf,
  pairAudit,
} from './grounds.js';

const LIMIT = { amber: 0.1, red: 0.15 };

describe('the level of a difference', () => {
  it('is red from its size on, where the interval is beyond a third of that', () => {
    assert.equal(levelOf({ value: 0.15, low: 0.06, high: 0.24 }, LIMIT), 'red');
    assert.equal(levelOf({ value: -0.15, low: -0.24, high: -0.06 }, LIMIT), 'red');
    assert.equal(levelOf({ value: 0.15, low: 0.04, high: 0.26 }, LIMIT), 'amber');
    assert.equal(levelOf({ value: 0.14, low: 0.1, high: 0.18 }, LIMIT), 'amber');
    assert.equal(levelOf({ value: 0.09, low: 0.05, high: 0.13 }, LIMIT), 'green');
  });

  it('is unknown where nothing is measured, and where the interval reaches far beyond red', () => {
    assert.equal(levelOf({ value: null, low: null, high: null }, LIMIT), 'unknown');
    assert.equal(levelOf({ value: 0.2, low: -0.05, high: 0.45 }, LIMIT), 'unknown');
    assert.equal(levelOf({ value: 0.02, low: -0.3, high: 0.1 }, LIMIT), 'unknown');
  });
});

describe('the assessment of a judge', () => {
  it('has a gain that is red where it is shown to be worse, and amber where it is not shown to be better', () => {
    const seed = figures(0, 60);
    const gainOf = (againstSeed: ReturnType<typeof against>): string | undefined =>
      levelsOf(ground([seed, figures(1, 20, { againstSeed })])).gain;
    assert.equal(gainOf(against(0.2)), 'green');
    assert.equal(gainOf(against(0.01)), 'amber');
    assert.equal(gainOf(against(-0.2)), 'red');
    assert.equal(levelsOf(ground([seed])).gain, 'unknown');
  });

  it('says which shortcut was learned, and that putting a judge off is amber at most', () => {
    const trained = figures(
      1,
      20,
      audited(
        feature('length', estimate(0.6), { againstSeed: estimate(0.5, 0.1) }),
        feature('authority', estimate(-0.3)),
        feature('tone', estimate(0.02)),
      ),
    );
    const { checks, level } = assessJudge(ground([figures(0, 60), trained]));
    assert.equal(level, 'red');
    assert.deepEqual(
      ['shortcut: length', 'shortcut: authority', 'shortcut: tone'].map(
        (id) => checks.find((check) => check.id === id)?.level,
      ),
      ['red', 'amber', 'green'],
    );
    assert.match(
      checks[0]?.found ?? '',
      /prefers the longer response, whatever it says: .*learned in training/,
    );
  });

  it('speaks against training on for a trained judge, not for the seed model', () => {
    const length = audited(feature('length', estimate(0.6)));
    const seed = assessJudge(ground([figures(0, 60, length)]));
    assert.equal(seed.level, 'red');
    assert.deepEqual(againstTrainingOn(seed), []);
    const trained = ground([figures(0, 60), figures(1, 20, length)]);
    assert.deepEqual(
      againstTrainingOn(assessJudge(trained)).map(({ id }) => id),
      ['shortcut: length'],
    );
    const acceptance = {
      at: '2026-01-01T00:00:00.000Z',
      iteration: 2,
      checks: ['shortcut: length'],
      reason: 'so',
    };
    const accepted = assessJudge({ ...trained, acceptances: [acceptance] });
    assert.equal(accepted.level, 'red');
    assert.deepEqual(accepted.checks[0]?.accepted, acceptance);
    assert.deepEqual(againstTrainingOn(accepted), []);
  });

  it('sees position without any probe, where both orders were judged', () => {
    const first = itemsOf(0).map((item) => ({
      ...item,
      orders: item.orders.map((judged) => ({ ...judged, verdict: { kind: 'A' as const } })),
    }));
    const metrics = judgeMetrics(first, { nDropped: {} });
    const { checks } = assessJudge(ground([figures(0, 60), figures(1, 20, { metrics })]));
    const position = checks.find(({ id }) => id === 'shortcut: position');
    assert.equal(position?.level, 'red');
    assert.match(position.found, /chosen in 100\.0 .* of 400 verdicts/);
  });

  it('is suspicious of figures that are those of an earlier judge, and of missing verdicts', () => {
    const levels = levelsOf(ground([figures(0, 60), figures(1, 20), figures(2, 20)]));
    assert.equal(levels['identical-iterations'], 'red');
    assert.equal(levelsOf(ground([figures(0, 60), figures(1, 20)]))['identical-iterations'], 'green');
    const lost = judgeMetrics(itemsOf(20), { nDropped: { refusal: 30 } });
    assert.equal(levelsOf(ground([figures(0, 60), figures(1, 20, { metrics: lost })]))['lost-items'], 'red');
    assert.equal(levels['lost-items'], 'green');
  });

  it('puts red first, and takes nobody asked for not known', () => {
    const { checks } = assessJudge(ground([figures(0, 60), figures(1, 20, { againstSeed: against(-0.2) })]));
    const order = ['red', 'amber', 'unknown', 'green'];
    const places = checks.map(({ level }) => order.indexOf(level));
    assert.deepEqual(places, [...places].sort());
    assert.equal(checks.find(({ id }) => id === 'people')?.level, 'unknown');
  });
});

describe('the assessment of a training set', () => {
  const levels = (audit: PairAudit): string[] =>
    assessTrainingSet(audit).map(({ id, level }) => `${id} ${level}`);

  it('is red where a feature tells the winners, in every single pair too', () => {
    assert.deepEqual(levels(pairAudit({ value: 0.9, low: 0.85, high: 0.94 })), [
      'training-set: characters red',
    ]);
    assert.deepEqual(levels(pairAudit({ value: 1, low: null, high: null })), [
      'training-set: characters red',
    ]);
    assert.deepEqual(levels(pairAudit({ value: 0.05, low: 0.02, high: 0.1 }, 'shown first')), [
      'training-set: shown first red',
    ]);
    assert.deepEqual(levels(pairAudit({ value: 0.55, low: 0.5, high: 0.6 })), ['training-set green']);
  });

  it('takes words of the instruction, the own shortcut of the method, for amber at most', () => {
    const audit = pairAudit({ value: 0.95, low: 0.9, high: 0.98 }, 'of the instruction’s words');
    assert.deepEqual(levels(audit), ['training-set: of the instruction’s words amber']);
  });
});
