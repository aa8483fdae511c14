// Report pages: HTML without network access, in which no external text can run.
export { documentToHtml, type PageOptions } from './document-page.js';
export * from './gallery.js';
export { jsonForScript } from './html.js';
export * from './inline-script.js';
export { STYLES } from './styles.js';
