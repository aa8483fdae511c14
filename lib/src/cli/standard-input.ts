// Input of a stage that another program writes into a pipe: kept in a file first, since stages look it through before they begin.
import { addAbortSignal, type Readable } from 'node:stream';
import { PartialFile } from '../core/files.js';

/** Where input is kept, and from where it comes. */
export interface InputPlace {
  /** The file of what the stage keeps; the input stands beside it as `<out>.input.jsonl`. */
  out: string;
  /** Default: standard input. */
  stream?: Readable;
  signal: AbortSignal;
}

/**
 * The file of an input: the one that is named, or, for `-`, the one in which standard input was kept.
 * @throws DataError when it cannot be kept; the signal's reason when it aborts
 */
export async function inputFile(
  name: string,
  { out, stream = process.stdin, signal }: InputPlace,
): Promise<string> {
  if (name !== '-') return name;
  const path = `${out}.input.jsonl`;
  const file = await PartialFile.create(path);
  try {
    for await (const chunk of addAbortSignal(signal, stream)) await file.append(chunk as Uint8Array);
    await file.commit();
  } catch (thrown) {
    await file.discard();
    signal.throwIfAborted();
    throw thrown;
  }
  return path;
}
