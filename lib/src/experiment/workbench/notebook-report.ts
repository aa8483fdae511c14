// Parts of a report in a cell of a notebook.
import { showChart, showMarkdown, showTable } from '../../notebook/index.js';
import { blocksToMarkdown, sectionNamed, type Block, type ReportDocument } from '../../report/index.js';

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
    if (block.kind === 'chart') await showChart(block.chart.spec, { title: block.chart.alt });
    else if (block.kind === 'table') showTable(block.table);
    else if (block.kind === 'folded') await showBlocks(block.blocks);
    else showMarkdown(blocksToMarkdown([block]));
  }
}
