// Reports: figures as tables, charts and Markdown.
export * from './chart.js';
export * from './comparison-table.js';
export * from './cost-table.js';
export * from './format.js';
export * from './model-table.js';
export * from './overlap-table.js';
export * from './plan-table.js';
export * from './report.js';
export * from './reproduction.js';
export * from './reproduction-table.js';
export * from './score-tables.js';
export * from './selection-chart.js';
export * from './selection-table.js';
export * from './tables.js';
