// The package `autodidact`: what a notebook needs, at most 60 names. Everything else is in a subpath, such as `autodidact/statistics`.
export { AutodidactError, BudgetError, ConfigError, DataError, ModelError } from './core/errors.js';
export {
  verdictScore,
  type EvaluatedItem,
  type Instruction,
  type IterationMetrics,
  type JudgeComparison,
  type Judgment,
  type TokenLogprobs,
  type Verdict,
} from './schema/index.js';
export { readTokenLogprobs } from './model/index.js';
export { loadPack, verdictProbability } from './prompt/index.js';
export {
  accuracyChartSpec,
  assumptionLines,
  chartNamed,
  chartsOf,
  comparisonBlocks,
  comparisonSentence,
  comparisonTable,
  count,
  curvesSpec,
  intervalChartSpec,
  iterationTable,
  methodDiagram,
  percent,
  percentWithInterval,
  planTable,
  pointsWithInterval,
  pValue,
  reliabilityChartSpec,
  selectionDropTable,
  selectionTable,
  tokenChartSpec,
} from './report/index.js';
export { showChart, showMarkdown, showProgress, showSvg, showTable } from './notebook/index.js';
export {
  compareInputs,
  exportSet,
  makeReport,
  planExperiment,
  readBenchmark,
  readIteration,
  readIterations,
  runExperiment,
  runHere,
  runMatrixHere,
  scoreRecorded,
  selectToFile,
  showBlocks,
  showExplorer,
  showSection,
  startEmbeddedServer,
  writeReport,
  type RunResult,
} from './experiment/index.js';
