// Reports of runs, from their folders to files.
export * from './gallery.js';
export * from './make-report.js';
export { makePaperPage, type PaperPageOptions } from './paper-page.js';
export * from './read-run.js';
export * from './write-report.js';
