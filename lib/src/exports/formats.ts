// The formats that there are, by name.
import { axolotlFormat } from './axolotl.js';
import type { DatasetFormat } from './dataset-format.js';
import { fairseq2Format } from './fairseq2.js';
import { inspectFormat } from './inspect.js';
import { llamaFactoryFormat } from './llama-factory.js';
import { openaiFormat } from './openai.js';
import { parquetFormat } from './parquet.js';
import { trlFormat } from './trl.js';

/** Names of the formats that a set can be exported in. */
export const EXPORT_FORMATS = [
  'openai',
  'trl',
  'llama-factory',
  'axolotl',
  'fairseq2',
  'inspect',
  'parquet',
] as const;
/** See {@link EXPORT_FORMATS}. */
export type ExportFormatName = (typeof EXPORT_FORMATS)[number];

const FORMATS: Record<ExportFormatName, DatasetFormat> = {
  openai: openaiFormat,
  trl: trlFormat,
  'llama-factory': llamaFactoryFormat,
  axolotl: axolotlFormat,
  fairseq2: fairseq2Format,
  inspect: inspectFormat,
  parquet: parquetFormat,
};

/** The format of a name. */
export function formatNamed(name: ExportFormatName): DatasetFormat {
  return FORMATS[name];
}
