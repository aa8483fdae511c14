// Report pages: HTML that needs no network and lets no text of others run.
export { documentToHtml } from './document-page.js';
export * from './gallery.js';
