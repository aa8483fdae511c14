// Training sets as trainers and other tools want them.
export { datasetCardSchema, sizeCategory, type DatasetCard } from './dataset-card.js';
export { exportDataset, type ExportedFile, type ExportRequest, type ExportResult } from './export-dataset.js';
export { EXPORT_FORMATS, type ExportFormatName } from './formats.js';
export { toPreferenceJsonl, toSupervisedJsonl } from './openai.js';
export { readExport, type ExportedPlace, type RecordOf } from './read-export.js';
export type { ExportKind, PreferenceRecord, SftRecord, Split } from './row-format.js';
