// Report pages: HTML without network access, in which no external text can run.
export { documentToHtml, type PageOptions } from './document-page.js';
export * from './gallery.js';
export { STYLES } from './styles.js';
