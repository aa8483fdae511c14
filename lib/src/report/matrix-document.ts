// The report of a matrix as a document: arms, their comparison, accuracy by slice, runs, and the command.
import type { MatrixReport } from '../schema/matrix.js';
import { assemble, codeBlock, listBlock, tableBlock, text, type ReportDocument } from './document.js';
import { counted } from './format.js';
import { explorerBlocks } from './explorer-chart.js';
import {
  armComparisonTable,
  armTable,
  matrixBenchmark,
  matrixNotes,
  matrixRunTable,
  matrixTable,
} from './matrix-table.js';
import { sliceBlocks } from './slice-grid.js';

/** The report of a matrix. */
export function matrixDocument(report: MatrixReport): ReportDocument {
  const { experiment, description, arms, seeds, command } = report;
  // Seed models that are only measured have no curves.
  const hasOnlySeeds = arms.every(({ byIteration }) => byIteration.length === 1);
  return assemble({
    title: `${experiment}: ${counted(arms.length, 'arm')}, loop ${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`,
    lead: [
      description.trim() === '' ? [] : text`${description.trim()}`,
      matrixBenchmark(report).map((line) => text`${line}`),
      hasOnlySeeds ? [] : explorerBlocks(report),
    ],
    sections: {
      Arms: [tableBlock(matrixTable(report)), listBlock(matrixNotes(report))],
      'Against the baseline': tableBlock(armComparisonTable(report)),
      'By slice': sliceBlocks(
        arms.map(({ label, byIteration }) => ({
          name: label,
          bySlice: byIteration.at(-1)?.accuracyBySlice ?? {},
        })),
        {
          rows: 'arm',
          alt: 'Accuracy of each arm’s last judge by slice of the benchmark',
          columns: [
            ['seeds', ({ bySlice }) => String(Math.max(0, ...Object.values(bySlice).map(({ n }) => n)))],
          ],
        },
      ),
      Settings: tableBlock(armTable(report)),
      Runs: tableBlock(matrixRunTable(report)),
      Reproduce: [codeBlock('sh', command)],
    },
  });
}
