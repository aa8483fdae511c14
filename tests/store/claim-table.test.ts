import assert from 'node:assert/strict';
import { ClaimTable, decodeRecord, encodeRecord, type ClaimRecord } from '../../lib/src/store/claim-table.js';

const [SELF, OTHER, THIRD] = ['selfself', 'otherone', 'thirdone'] as const;
const X = 'x'.repeat(22);
const Y = 'y'.repeat(22);
const process = { pid: 1, startedAt: 'a "quoted"\ntime' };

const claimed = (member: string, claim = X): ClaimRecord => ({ kind: 'claimed', member, claim });
const released = (member: string, claim = X): ClaimRecord => ({ kind: 'released', member, claim });

function tableOf(...records: ClaimRecord[]): ClaimTable {
  const table = new ClaimTable(SELF);
  for (const record of records) table.apply(record);
  return table;
}

describe('records of claims', () => {
  for (const record of [
    { kind: 'joined', member: SELF, process },
    { kind: 'left', member: SELF },
    claimed(SELF),
    released(OTHER, Y),
  ] satisfies ClaimRecord[]) {
    it(`of the kind ${record.kind} are on one line and read back as they were`, () => {
      const line = encodeRecord(record);
      assert.doesNotMatch(line, /\n/);
      assert.deepEqual(decodeRecord(line), record);
    });

    it(`of the kind ${record.kind} are passed over when they are torn or run into another`, () => {
      const line = encodeRecord(record);
      // A record of one who left and a torn one that claims are told apart by their first letter.
      for (let length = 0; length < line.length; length++)
        assert.equal(decodeRecord(line.slice(0, length)), null, line.slice(0, length));
      assert.equal(decodeRecord(line.slice(0, -1) + line), null);
      assert.equal(decodeRecord(line + line), null);
    });
  }
});

describe('the table of claims', () => {
  it('gives a claim to whoever announced it first, then to the next', () => {
    const table = tableOf(claimed(OTHER), claimed(SELF), claimed(THIRD));
    assert.equal(table.holderOf(X), OTHER);
    table.apply(released(OTHER));
    assert.equal(table.holderOf(X), SELF);
    // Who waits may give up.
    table.apply(released(THIRD));
    table.apply(released(SELF));
    assert.equal(table.holderOf(X), null);
  });

  it('keeps the place of one who announces twice, and minds no release without a claim', () => {
    const table = tableOf(released(SELF), claimed(SELF), claimed(OTHER), claimed(SELF), released(SELF));
    assert.equal(table.holderOf(X), OTHER);
  });

  it('frees what a member that left or died had claimed', () => {
    const joined = { kind: 'joined', member: OTHER, process } as const;
    const table = tableOf(joined, claimed(OTHER), claimed(SELF), claimed(OTHER, Y));
    assert.deepEqual([...table.members.keys()], [OTHER]);
    table.apply({ kind: 'left', member: OTHER });
    assert.deepEqual([table.holderOf(X), table.holderOf(Y), table.members.size], [SELF, null, 0]);
    // It may have put something before.
    assert.equal(table.mayHaveChanged(X) && table.mayHaveChanged(Y), true);
  });

  it('tells what others gave back until a look at it has ended, and nothing of this process', () => {
    const table = tableOf(claimed(OTHER), released(OTHER), claimed(SELF, Y), released(SELF, Y));
    const changed = (): boolean[] => [X, Y].map((claim) => table.mayHaveChanged(claim));
    assert.deepEqual(changed(), [true, false]);
    table.startLook();
    table.apply(released(OTHER, Y));
    assert.deepEqual(changed(), [true, true], 'the look is under way');
    table.endLook({ hasFailed: false });
    assert.deepEqual(changed(), [false, true], 'what was given back meanwhile is for the next look');
    table.startLook();
    table.endLook({ hasFailed: true });
    assert.deepEqual(changed(), [true, true], 'a look that failed has seen nothing');
  });

  it('takes everything for changed rather than hold very many names', () => {
    const table = tableOf();
    for (let i = 0; i <= 10_000; i++) table.apply(released(OTHER, String(i).padStart(22, '0')));
    assert.equal(table.mayHaveChanged(Y), true);
    table.startLook();
    table.endLook({ hasFailed: false });
    assert.equal(table.mayHaveChanged(Y), false);
  });
});
