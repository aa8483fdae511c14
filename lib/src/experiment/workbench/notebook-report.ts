// Parts of a report in a cell of a notebook.
import { showChart, showMarkdown, showTable } from '../../notebook/index.js';
import { blocksToMarkdown, explorerBlocks, sectionNamed } from '../../report/index.js';
import type { Block, ReportDocument } from '../../report/index.js';
import type { MatrixResult } from '../matrix/index.js';

/**
 * Shows a section of a report: its texts, its tables and, drawn, its charts.
 * @param title of the section, as the report has it
 * @throws RangeError for one that the report does not have
 * @example await showSection(report, 'Iterations');
 */
export async function showSection(document: ReportDocument, title: string): Promise<void> {
  await showBlocks(sectionNamed(document, title).blocks);
}

/**
 * Shows parts of a report one after the other.
 * @example await showBlocks(report.lead);
 */
export async function showBlocks(blocks: readonly Block[]): Promise<void> {
  for (const block of blocks) {
    if (block.kind === 'chart') {
      const { spec, alt, still } = block.chart;
      await showChart(spec, { title: alt, ...(still ? { still } : {}) });
    } else if (block.kind === 'table') showTable(block.table);
    else if (block.kind === 'folded') await showBlocks(block.blocks);
    else showMarkdown(blocksToMarkdown([block]));
  }
}

/**
 * Shows the finished arms of a matrix in one chart with a control for each axis and for the loop seed: curves with their intervals, and
 * each arm's paired difference to the baseline. Readers that draw no controls show a small picture of each arm.
 * @example await showExplorer(await runMatrixHere({ configPath: '../experiments/questions/judgments-n.yaml' }));
 */
export async function showExplorer({ report }: Pick<MatrixResult, 'report'>): Promise<void> {
  await showBlocks(explorerBlocks(report));
}
