// Markdown in a cell.
import { show } from './cell-display.js';

/**
 * Shows Markdown, e.g. a sentence with figures that the cell has computed. Texts of models belong in {@link showTable}.
 * @example showMarkdown('The seed judges **64 %** right.');
 */
export function showMarkdown(markdown: string): void {
  show({ data: { 'text/markdown': markdown, 'text/plain': markdown } });
}
