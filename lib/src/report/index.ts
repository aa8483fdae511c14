// Reports: figures as tables, charts and Markdown.
export * from './chart.js';
export * from './format.js';
export * from './report.js';
export * from './tables.js';
