import assert from 'node:assert/strict';
import { judgeAudit, judgeMetrics } from '../../lib/src/evaluate/index.js';
import {
  judgeAuditBlocks,
  judgeAuditSentences,
  judgeAuditTable,
  runDocument,
  sectionNamed,
} from '../../lib/src/report/index.js';
import type { IterationMetrics } from '../../lib/src/schema/index.js';
import { auditOf, judges, recordsOf } from '../evaluate/probes/scripted-judges.js';

describe('the audit of a judge in a report', () => {
  it('has a row for each probe, and the seed beside it where there is one', async () => {
    const audit = await auditOf(judges.longer);
    const { header, rows } = judgeAuditTable(audit);
    assert.equal(rows.length, audit.probes.length);
    assert.deepEqual(
      rows.find(([probe]) => probe === 'length'),
      // Eight pairs that are all alike: z^2 / (8 + z^2) = 0.324 of others; flipped is Wilson's of 8 of 8.
      [
        'length',
        '100.0 [67.6, 100.0]',
        '0.0 [0.0, 32.4]',
        '+100.0 [+35.1, +100.0]',
        '100.0 [67.6, 100.0]',
        '8',
        '0',
      ],
    );
    assert.ok(!header.some((title) => title.includes('seed')));
    const against = judgeAuditTable(await auditOf(judges.longer, await recordsOf(judges.perfect)));
    assert.ok(against.header.some((title) => title.includes('seed')));
    assert.ok(
      against.rows.find(([probe]) => probe === 'length')?.some((cell) => cell.startsWith('+100.0 [')),
    );
  });

  it('says what moves the judge, the strongest first, and nothing of what does not', async () => {
    const [pairs, ...found] = judgeAuditSentences(await auditOf(judges.longer));
    assert.match(pairs!, /^8 held-out pairs in 8 clusters; as they are, 50\.0 \[/);
    assert.ok(
      found.some((line) =>
        /feature length moves it by \+100\.0 .* 100\.0 \[67\.6, 100\.0\]% are right where it speaks for the right response, 0\.0 \[0\.0, 32\.4\]% where/.test(
          line,
        ),
      ),
    );
    assert.ok(found.some((line) => line.includes('order of the responses')));
    const nothing = judgeAuditSentences(await auditOf(judges.perfect));
    assert.ok(nothing.includes('No difference can be told from 0.'), nothing.join('\n'));
    assert.ok(nothing.some((line) => /instruction is hidden, 50\.0 .* a guess would be 50/.test(line)));
    const blind = judgeAuditSentences(await auditOf(judges.blind));
    assert.ok(blind.some((line) => /instruction is hidden, 100\.0 .* in the responses alone/.test(line)));
    const first = judgeAuditSentences(await auditOf(judges.first));
    assert.ok(
      first.some((line) => line.includes('Shown the right response twice, it takes the first one in 100.0 ')),
    );
  });

  it('is that of the last judge that has one, and names what was lost', async () => {
    const audit = { ...(await auditOf(judges.first)), nDropped: { 'too-long': 3 } };
    const iteration = (n: number, more: object) => ({ iteration: n, ...more }) as IterationMetrics;
    assert.deepEqual(judgeAuditBlocks([iteration(0, {})]), []);
    const shown = JSON.stringify(
      judgeAuditBlocks([iteration(0, {}), iteration(1, { audit }), iteration(2, {})]),
    );
    assert.match(shown, /of iteration ","1","'s judge/);
    assert.match(shown, /could not be judged: too-long 3\./);
  });

  it('is a section of the report of a run, with hostile names of probes shown as text', async () => {
    const records = (await recordsOf(judges.longer)).map((record) =>
      record.probe === 'length' ? { ...record, probe: 'length\u001b[31m' } : record,
    );
    const metrics = judgeMetrics(records.filter(({ probe }) => probe === 'plain'));
    const audit = judgeAudit(records);
    const iteration = { iteration: 1, model: 'm', metrics, rule: 'strict', audit };
    const parts = { name: 'run', description: '', config: {}, manifests: [], manifest: null, command: '' };
    const { blocks } = sectionNamed(runDocument({ ...parts, iterations: [iteration] }), 'Audit of the judge');
    assert.ok(blocks.some(({ kind }) => kind === 'table'));
    assert.ok(!JSON.stringify(blocks).includes('\\u001b'));
  });
});
