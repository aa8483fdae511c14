// The report of a matrix as Markdown: the arms, how they compare, every run, and how to make it again.
import { withoutControls } from '../core/text.js';
import type { MatrixReport } from '../schema/matrix.js';
import {
  armComparisonTable,
  matrixNotes,
  matrixRunTable,
  matrixTable,
  settingsText,
} from './matrix-table.js';
import { toMarkdown, type Table } from './tables.js';

/** @param options.chartFile name of the chart beside it */
export function renderMatrixReport(report: MatrixReport, { chartFile }: { chartFile: string }): string {
  const { experiment, description, arms, seeds, command } = report;
  const comparisons = armComparisonTable(report);
  const sections = [
    `# ${experiment}: ${arms.length} ${arms.length === 1 ? 'arm' : 'arms'}, loop ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`,
    ...(description === '' ? [] : [withoutControls(description)]),
    `![Accuracy by iteration and arm](${chartFile})`,
    toMarkdown(matrixTable(report)),
    ...(comparisons.rows.length === 0 ? [] : ['## Against the baseline', toMarkdown(comparisons)]),
    matrixNotes(report)
      .map((note) => `- ${escapeText(note)}`)
      .join('\n'),
    '## Settings',
    toMarkdown(settingsTable(report)),
    '## Runs',
    toMarkdown(matrixRunTable(report)),
    '## Make it again',
    `\`\`\`sh\n${withoutControls(command)}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n`;
}

function settingsTable({ arms }: MatrixReport): Table {
  return {
    header: ['arm', 'sets'],
    rows: arms.map((arm) => [arm.label, settingsText(arm) || 'nothing: as the file says']),
  };
}

/** Messages of failures come from servers. */
function escapeText(text: string): string {
  return text.replace(/[\\<>`*_[\]]/g, (character) => `\\${character}`);
}
