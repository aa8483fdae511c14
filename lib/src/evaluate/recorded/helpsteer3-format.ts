// A judge's preferences in the form of HelpSteer3-Preference (https://huggingface.co/datasets/nvidia/HelpSteer3): its rows, in their order,
// with the judge's `overall_preference`.
import { helpSteer3Id, helpSteer3RowSchema } from '../benchmarks/helpsteer3.js';
import { parseRow, UnusableRow, verdictOfScores, type RecordedFormat } from './recorded-format.js';

export const helpSteer3Format: RecordedFormat = {
  name: 'helpsteer3',
  fits: (row) => 'overall_preference' in row && 'response1' in row,
  read(row, { itemOf, judge, fileJudge, index }) {
    const { response1, response2, overall_preference } = parseRow(helpSteer3RowSchema, row);
    const itemId = helpSteer3Id(index);
    const known = itemOf(itemId);
    const lengths = known?.responses?.map(({ nCharacters }) => nCharacters) ?? [];
    if (known && (lengths[0] !== response1.length || lengths[1] !== response2.length))
      throw new UnusableRow(
        'other-pair',
        `${itemId}: other responses than row ${index + 1} of the benchmark`,
      );
    return [
      {
        kind: 'judgment',
        judge: judge ?? fileJudge,
        subset: known?.subset ?? 'all',
        item: known ?? { itemId, gold: null },
        shown: 'given',
        rule: 'recorded',
        verdict: verdictOfScores([-overall_preference, overall_preference]),
      },
    ];
  },
};
