// Showing things in the cells of a notebook; outside one, the same functions print plain text.
export { isInCell } from './cell-display.js';
export * from './show-chart.js';
export * from './show-markdown.js';
export * from './show-progress.js';
export * from './show-table.js';
export type { TableRows, Tabular } from './table-rows.js';
