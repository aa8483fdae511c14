// Notebooks: their files, running them in a kernel, and showing things in their cells.
export * from './compare-outputs.js';
export * from './kernel/install-kernel.js';
export { findKernelSpec } from './kernel/kernel-spec.js';
export * from './notebook-file.js';
export {
  cellSchema,
  notebookSchema,
  outputSchema,
  type Cell,
  type CodeCell,
  type MarkdownCell,
  type MimeBundle,
  type Notebook,
  type Output,
} from './notebook-format.js';
export * from './run-notebook.js';
export * from './display/index.js';
export { renderNotebook } from './html/render-notebook.js';
