// The registry of export formats. A new format is a file beside this one and a line in FORMATS.
import { axolotlFormat } from './axolotl.js';
import type { DatasetFormat } from './dataset-format.js';
import { fairseq2Format } from './fairseq2.js';
import { inspectFormat } from './inspect.js';
import { llamaFactoryFormat } from './llama-factory.js';
import { openaiFormat } from './openai.js';
import { parquetFormat } from './parquet.js';
import { trlFormat } from './trl.js';

const FORMATS = {
  openai: openaiFormat,
  trl: trlFormat,
  axolotl: axolotlFormat,
  'llama-factory': llamaFactoryFormat,
  fairseq2: fairseq2Format,
  inspect: inspectFormat,
  parquet: parquetFormat,
} satisfies Record<string, DatasetFormat>;

/** The name of a format, see {@link EXPORT_FORMATS}. */
export type ExportFormatName = keyof typeof FORMATS;

/** Names of the formats that a set can be exported in. */
export const EXPORT_FORMATS = Object.keys(FORMATS) as ExportFormatName[];

/** Names of the formats that trainers read. */
export const TRAINER_FORMATS = EXPORT_FORMATS.filter((name) => FORMATS[name].isForTrainers);

/** The format of a name. */
export function formatNamed(name: ExportFormatName): DatasetFormat {
  return FORMATS[name];
}
