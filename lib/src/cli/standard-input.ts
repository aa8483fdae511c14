// Input of a stage from a pipe: written to a file first, since stages read it through before they start.
import { addAbortSignal, type Readable } from 'node:stream';
import { writeChunksAtomic } from '../core/files.js';

/** Where the input comes from, and where it is written. */
export interface InputPlace {
  /** The output file of the stage; the input is written beside it as `<out>.input.jsonl`. */
  out: string;
  /** Default: standard input. */
  stream?: Readable;
  signal: AbortSignal;
}

/**
 * The file of an input: the one that is named, or for `-` the one to which standard input was written.
 * @throws DataError when it cannot be written; the signal's reason when it aborts
 */
export async function inputFile(
  name: string,
  { out, stream = process.stdin, signal }: InputPlace,
): Promise<string> {
  if (name !== '-') return name;
  const path = `${out}.input.jsonl`;
  try {
    await writeChunksAtomic(path, addAbortSignal(signal, stream) as AsyncIterable<Uint8Array>);
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  }
  return path;
}
