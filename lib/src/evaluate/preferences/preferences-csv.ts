// Preferences as rows of a CSV file.
import { csvCell } from '../../core/csv-cell.js';
import type { Preference } from '../../schema/preference.js';

type Column = readonly [name: string, cell: (preference: Preference) => string | number | null | undefined];

const COLUMNS: readonly Column[] = [
  ['id', ({ pairId }) => pairId],
  ['system_a', ({ systems }) => systems?.[0]],
  ['system_b', ({ systems }) => systems?.[1]],
  ['verdict', ({ verdict }) => verdict],
  ['confidence', ({ confidence }) => confidence?.value?.toFixed(3)],
  ['confidence_low', ({ confidence }) => confidence?.low?.toFixed(3)],
  ['confidence_high', ({ confidence }) => confidence?.high?.toFixed(3)],
  ['confidence_n', ({ confidence }) => confidence?.n],
  ...(['a', 'b'] as const).flatMap((shown): Column[] => {
    const of = ({ orders }: Preference) => orders.find(({ shownFirst }) => shownFirst === shown);
    return [
      [`verdict_${shown}_first`, (preference) => verdictText(of(preference)?.verdict)],
      [`reasoning_${shown}_first`, (preference) => of(preference)?.text],
    ];
  }),
  ...(['a', 'b'] as const).flatMap((side): Column[] => [
    [`grade_${side}`, ({ grades }) => grades?.[side].grade],
    [`reasoning_grade_${side}`, ({ grades }) => grades?.[side].text],
  ]),
  ['refused', ({ refused }) => refused && [refused.reason, refused.detail ?? []].flat().join(': ')],
];

/** A verdict names what is shown: A is the first. */
function verdictText(verdict: Preference['orders'][number]['verdict'] | undefined): string | undefined {
  return verdict?.kind === 'unparsed' ? `unparsed: ${verdict.reason}` : verdict?.kind;
}

/** The head of the file. */
export const PREFERENCES_HEAD = `${COLUMNS.map(([name]) => name).join(',')}\r\n`;

/** A row of it; cells that a spreadsheet would take for formulas are texts. */
export function preferenceRow(preference: Preference): string {
  return `${COLUMNS.map(([, cell]) => csvCell(String(cell(preference) ?? ''))).join(',')}\r\n`;
}
