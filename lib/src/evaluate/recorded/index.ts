// Recorded judgments: their formats by name. A new format is one file and one line here.
import { autodidactFormat } from './autodidact-format.js';
import { helpSteer3Format } from './helpsteer3-format.js';
import { judgeBenchFormat } from './judgebench-format.js';
import { llmbarFormat } from './llmbar-format.js';
import { mtBenchFormat } from './mt-bench-format.js';
import { pandalmFormat } from './pandalm-format.js';
import { rewardBench2Format } from './rewardbench2-format.js';
import type { RecordedFormat } from './recorded-format.js';

export type { KnownItem, ReadGrade, ReadJudgment, Reading, RecordedFormat } from './recorded-format.js';

/** All formats, in the order in which a file is tried. */
export const RECORDED_FORMATS: readonly RecordedFormat[] = [
  autodidactFormat,
  judgeBenchFormat,
  llmbarFormat,
  mtBenchFormat,
  pandalmFormat,
  rewardBench2Format,
  helpSteer3Format,
];
/** Names of all formats. */
export const RECORDED_FORMAT_NAMES = RECORDED_FORMATS.map(({ name }) => name);

export { judgeNameOf, UnusableRow } from './recorded-format.js';
