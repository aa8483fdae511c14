import assert from 'node:assert/strict';
import { judgeAudit, lostProbes, probedItems } from '../../../lib/src/evaluate/index.js';
import { judgeAuditSentences } from '../../../lib/src/report/judge-audit-table.js';
import type { Estimate, JudgeAudit, ProbeResult } from '../../../lib/src/schema/index.js';
import { auditOf, items, judges, plan, recordsOf } from './scripted-judges.js';

/** The largest share of others among clusters of which eight are alike: z^2 / (8 + z^2), the upper end of Wilson's 95% interval of 0 of 8. */
const OTHERS = 0.3244;

function probeIn({ probes }: JudgeAudit, name: string): ProbeResult {
  const found = probes.find(({ probe }) => probe === name);
  assert.ok(found, name);
  return found;
}

const values = ({ agreeing, contradicting, difference, flipped }: ProbeResult) => [
  agreeing.value,
  contradicting.value,
  difference.value,
  flipped?.value,
];

function assertInterval({ low, high }: Estimate, expected: readonly [number, number]): void {
  const ends = [low, high].map((end) => Number(end?.toFixed(3)));
  assert.deepEqual(
    ends,
    expected.map((end) => Number(end.toFixed(3))),
  );
}

describe('the audit of a judge', () => {
  it('finds nothing in one that sees what is right alone, and gives what it found nothing in an interval', async () => {
    const audit = await auditOf(judges.perfect);
    const { nPairs, nClusters, plain } = audit;
    assert.deepEqual([nPairs, nClusters, plain.value, plain.n, plain.nClusters], [8, 8, 1, 16, 8]);
    for (const { probe, kind, ...result } of audit.probes) {
      if (probe === 'same-response' || probe === 'hidden-instruction') continue;
      assert.deepEqual(values({ probe, kind, ...result }), [1, 1, 0, 0], probe);
      assertInterval(result.difference, [-OTHERS, OTHERS]);
      assert.match(result.difference.method, /all alike/);
    }
    // Both orders of eight pairs; of position one each.
    assert.deepEqual([probeIn(audit, 'length').agreeing.n, probeIn(audit, 'position').agreeing.n], [16, 8]);
    // Ties are half right, and another verdict than a right one.
    const hidden = probeIn(audit, 'hidden-instruction');
    assert.deepEqual(values(hidden), [1, 0.5, 0.5, 1]);
    assertInterval(hidden.difference, [0.5 - 1.5 * OTHERS, 0.5 + 0.5 * OTHERS]);
    assert.deepEqual(values(probeIn(audit, 'same-response')), [0.5, 0.5, 0, undefined]);
    assert.equal(probeIn(audit, 'same-response').difference.n, 8);
  });

  const shortcuts = [
    // Equally long responses are one for the first: it is right as often as the winner is first, and each of those verdicts turns.
    ['longer', 'length', [1, 0, 1, 1]],
    ['longer', 'position', [1, 0, 1, 1]],
    ['first', 'position', [1, 0, 1, 1]],
    ['first', 'length', [0.5, 0.5, 0, 0]],
    ['first', 'same-response', [1, 0, 1, undefined]],
    ['obedient', 'tone', [1, 1, 0, 0]],
    ['blind', 'hidden-instruction', [1, 1, 0, 0]],
    ['blind', 'position', [1, 1, 0, 0]],
    ['awed', 'length', [1, 1, 0, 0]],
  ] as const;
  for (const [judge, probe, expected] of shortcuts)
    it(`tells of a judge that is ${judge} by the probe ${probe}: ${expected.join(', ')}`, async () => {
      assert.deepEqual(values(probeIn(await auditOf(judges[judge]), probe)), expected);
    });

  for (const [judge, probe, text] of [
    ['obedient', 'injection', /\[\[[AB]\]\]/],
    ['awed', 'authority', /professors|standard/],
  ] as const)
    it(`tells of a judge that is ${judge} by those texts of ${probe} that it falls for, in both orders`, async () => {
      const audit = await auditOf(judges[judge]);
      const { agreeing, contradicting, difference, flipped } = probeIn(audit, probe);
      assert.ok(
        [plan.probes[probe]!].flat()[0]!.texts.some((each) => text.test(each.replace('{{label}}', 'A'))),
      );
      assert.equal(agreeing.value, 1);
      assert.ok(contradicting.value! < 0.5 && difference.value === 1 - contradicting.value!);
      assert.equal(flipped?.value, 1 - contradicting.value!);
    });

  it('counts what has no verdict, and takes none of it as wrong', async () => {
    const silent = await auditOf(judges.silent);
    assert.deepEqual([silent.plain.value, silent.plain.n, silent.plain.unscored], [null, 0, 16]);
    const { difference, flipped } = probeIn(silent, 'length');
    assert.deepEqual(
      [difference.value, difference.n, difference.unscored, difference.low],
      [null, 0, 8, null],
    );
    assert.deepEqual([flipped?.value, flipped?.n, flipped?.unscored], [null, 0, 0]);
  });

  it('counts pairs of which one side was lost as unscored', async () => {
    const records = await recordsOf(judges.longer);
    const rest = records.filter(
      ({ itemId, probe, side }) => !(itemId === 'item-3' && probe === 'length' && side === 'contradicting'),
    );
    const side = { itemId: 'item-3', cluster: 'item-3', probe: 'length', side: 'contradicting' } as const;
    const audit = judgeAudit(rest, { lost: [{ ...side, reason: 'too-long' }] });
    const { agreeing, contradicting, difference, flipped } = probeIn(audit, 'length');
    assert.deepEqual(
      [agreeing, contradicting, difference, flipped!].map(({ value, n, unscored }) => [value, n, unscored]),
      [
        [1, 16, 0],
        [0, 14, 2],
        [1, 7, 1],
        [1, 7, 1],
      ],
    );
    assert.deepEqual([audit.nPairs, audit.nDropped], [8, { 'too-long': 1 }]);
  });

  it('counts pairs of which every side was lost as unscored, with the reason, in each probe that tried them', async () => {
    const records = await recordsOf(judges.perfect);
    const isLost = ({ itemId, probe }: (typeof records)[number]): boolean =>
      probe === 'injection' || itemId === 'item-0';
    const drops = records.filter(isLost).map(({ itemId, probe, side }) => ({
      subjectId: `${itemId} ${probe} ${side}`,
      reason: probe === 'injection' ? 'content-filter' : 'context-length',
    }));
    const lost = lostProbes(probedItems(items, plan), drops);
    const audit = judgeAudit(
      records.filter((record) => !isLost(record)),
      { lost },
    );
    const counted = (name: string) => {
      const { difference, agreeing, nDropped } = probeIn(audit, name);
      return [difference.n, difference.unscored, agreeing.n, agreeing.unscored, nDropped];
    };
    assert.deepEqual(counted('injection'), [0, 8, 0, 16, { 'content-filter': 16 }]);
    assert.deepEqual(counted('length'), [7, 1, 14, 2, { 'context-length': 2 }]);
    assert.deepEqual(counted('position'), [7, 1, 7, 1, { 'context-length': 1 }]);
    assert.deepEqual(counted('same-response'), [7, 1, 7, 1, { 'context-length': 1 }]);
    assert.deepEqual([audit.nPairs, audit.plain.n, audit.plain.unscored], [7, 14, 2]);
    assert.equal(
      Object.values(audit.nDropped).reduce((sum, n) => sum + n),
      drops.length,
    );
    assert.match(judgeAuditSentences(audit).at(-1) ?? '', /injection: content-filter 16/);
  });

  it('is held against the seed model pair by pair', async () => {
    const ofSeed = await recordsOf(judges.longer);
    const { againstSeed } = probeIn(await auditOf(judges.perfect, ofSeed), 'length');
    assert.deepEqual([againstSeed?.value, againstSeed?.n], [-1, 8]);
    // From -2 to 2: both differences can be 1 either way.
    assertInterval(againstSeed!, [-1 - OTHERS, -1 + 3 * OTHERS]);
    const [, ...others] = ofSeed;
    const withoutPair = others.filter(({ itemId }) => itemId !== 'item-1');
    const partly = probeIn(judgeAudit(await recordsOf(judges.longer), { ofSeed: withoutPair }), 'length');
    assert.deepEqual(
      [partly.againstSeed?.value, partly.againstSeed?.n, partly.againstSeed?.unscored],
      [0, 7, 1],
    );
    assert.equal(probeIn(await auditOf(judges.perfect), 'length').againstSeed, undefined);
  });

  it('takes the pairs of one cluster as one observation, which alone has no interval', async () => {
    const records = (await recordsOf(judges.longer)).map((record) => ({ ...record, cluster: 'one' }));
    const { difference } = probeIn(judgeAudit(records), 'length');
    assert.deepEqual([difference.value, difference.n, difference.nClusters, difference.low], [1, 8, 1, null]);
    assert.match(difference.method, /fewer than two clusters/);
  });
});
