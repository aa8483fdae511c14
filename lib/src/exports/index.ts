// Training sets as trainers and other tools read them.
export { datasetCardSchema, type DatasetCard } from './dataset-card.js';
export type { ExportedFile } from './dataset-format.js';
export { exportDataset, type ExportRequest, type ExportResult } from './export-dataset.js';
export { EXPORT_FORMATS, TRAINER_FORMATS, type ExportFormatName } from './formats.js';
export {
  EXPORT_KINDS,
  type ExampleOf,
  type ExportKind,
  type PreferenceRecord,
  type RecordOf,
  type SftRecord,
  type Split,
} from './row-format.js';
export { writeRewardFile } from './reward-rows.js';
export { keptApart, readExport, writeTrainingFile, type Examples } from './write-rows.js';
