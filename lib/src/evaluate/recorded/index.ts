// Recorded judgments: their formats by name. A new format is one file and one line here.
import { DataError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
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

/** The format of that name. @throws DataError for another name */
export function formatNamed(name: string): RecordedFormat {
  const format = RECORDED_FORMATS.find((candidate) => candidate.name === name);
  if (format) return format;
  throw new DataError({
    subject: '--format',
    expected: `one of ${RECORDED_FORMAT_NAMES.join(', ')}`,
    received: name,
    remedy: 'Leave it out to detect the format from the first row.',
  });
}

/** The error for a file whose rows fit no format. @param columns of its first row */
export function unknownFormat(file: string, { line, columns }: { line: number; columns: string }): DataError {
  return new DataError({
    subject: `${file}:${line}`,
    expected: `a row of one of the formats ${RECORDED_FORMAT_NAMES.join(', ')}`,
    received: `the columns ${printable(columns)}`,
    remedy:
      "Rename the columns: lines are {itemId, text, shown?, judge?, subset?, gold?}, where text is the judge's whole answer and shown is given or swapped.",
  });
}
