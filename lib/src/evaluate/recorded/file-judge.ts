// The judge's name from a file name, where nothing else names it.
import { basename, resolve } from 'node:path';

/** The judge of a file: the file's name, for a run's evaluation the run and iteration; the whole path where the name is not unique. */
export function fileJudgeOf(file: string, files: readonly string[]): string {
  const name = judgeNameOf(file);
  return files.some((other) => other !== file && judgeNameOf(other) === name) ? file : name;
}

/** `run@2` for the evaluation of a run's second iteration, else the file's name without its endings. */
export function judgeNameOf(file: string): string {
  const ofRun = /([^/\\]+)[/\\]iteration-(\d+)[/\\]evaluation\.jsonl$/.exec(resolve(file));
  if (ofRun) return `${ofRun[1]}@${ofRun[2]}`;
  return basename(file).replace(/\.(jsonl|ndjson|json|csv|parquet)(\.gz)?$/, '');
}
