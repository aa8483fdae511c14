// Matrices: many arms of one experiment.
export * from './list-matrix.js';
export { loadMatrix, matrixArms, type Matrix, type MatrixArm } from './load-matrix.js';
export { MATRIX_FILES, readMatrix } from './matrix-record.js';
export * from './run-matrix.js';
