// Judgments of PandaLM's test set (Wang et al. 2024, arXiv 2306.05087; https://github.com/WeOpenML/PandaLM): one per pair, in one order.
import { z } from 'zod';
import { parseVerdict } from '../../prompt/index.js';
import { parseRow, UnusableRow, type RecordedFormat } from './recorded-format.js';

const rowSchema = z.looseObject({ idx: z.int().min(0) });
const resultSchema = z.union([z.string(), z.int()]).transform(String);

/** Each judge has a column named after it: `gpt_result`, `pandalm_result`. */
const RESULT_COLUMN = /^(.+)_result$/;

export const pandalmFormat: RecordedFormat = {
  name: 'pandalm',
  fits: (row) => 'idx' in row && Object.keys(row).some((key) => RESULT_COLUMN.test(key)),
  read(row, { itemOf, judge, rule = 'pandalm' }) {
    const { idx } = parseRow(rowSchema, row);
    const itemId = String(idx);
    const columns = Object.keys(row).filter((key) => RESULT_COLUMN.test(key));
    if (judge !== undefined && columns.length > 1)
      throw new UnusableRow('several-judges', `${columns.join(', ')} cannot all be ${judge}`);
    if (columns.length === 0) throw new UnusableRow('wrong-shape', 'no column named <judge>_result');
    return columns.map((column) => {
      const result = parseRow(resultSchema, row[column]);
      const known = itemOf(itemId);
      // PandaLM's own files write a tie as 0.
      const text = result === '0' ? 'Tie' : result;
      return {
        kind: 'judgment',
        judge: judge ?? RESULT_COLUMN.exec(column)?.[1] ?? column,
        subset: 'all',
        item: known ?? { itemId, gold: null },
        shown: 'given',
        rule,
        verdict: parseVerdict(rule, { text, finishReason: 'stop' }),
        text,
      };
    });
  },
};
