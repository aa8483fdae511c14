// Data sets: the registry, downloads into the cache, and readers of rows.
export {
  datasetFolder,
  datasetPath,
  datasetPaths,
  readCachedDataset,
  verifyCachedDataset,
  type CachedDataset,
  type CacheProblem,
} from './cache.js';
export { downloadFile, type DownloadOptions, type DownloadProgress } from './download.js';
export { datasetPlaces, DEFAULT_DATASETS_FOLDER, type DatasetPlaces } from './places.js';
export { pullDataset, type PullOptions, type PullProgress, type PullResult } from './pull.js';
export { revisionOf, type Dataset, type DatasetFile } from './dataset.js';
export { datasetNamed, DATASETS } from './registry.js';
export { ROW_FORMATS, type ReadableRow, type Row, type RowFormat, type UnreadableRow } from './row.js';
export { columns, formatOf, readRows } from './rows.js';
