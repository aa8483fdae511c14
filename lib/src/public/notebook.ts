// `autodidact/notebook`: notebooks and their files, running them without Jupyter, pages of them, and displays for cells.
export * from '../notebook/index.js';
export { runHere, type RunHereOptions, runMatrixHere } from '../experiment/index.js';
export { showBlocks, showExplorer, showSection } from '../experiment/index.js';
