// Checkpoints of the embedded model as safetensors files (https://github.com/huggingface/safetensors#format), f32.
import { readFile } from 'node:fs/promises';
import { DataError, messageOf } from '../core/errors.js';
import { readError, writeFileAtomic } from '../core/files.js';
import { contentHash, sha256 } from '../core/hash.js';
import { layoutOf, problemsOfShape, type Parameter } from './parameters.js';
import type { ModelShape } from './types.js';

/** A model: its shape, its weights in the layout of parameters.ts, and free text about it. */
export interface Checkpoint {
  shape: ModelShape;
  weights: Float32Array;
  /** Free text by key; `vocabulary_sha256` (see {@link vocabularyHash}) identifies the words that the ids stand for. */
  metadata: Record<string, string>;
}

/** What a checkpoint must fit. */
export interface CheckpointExpectation {
  /** {@link vocabularyHash} of the tokenizer in use; a checkpoint of another vocabulary is refused. */
  vocabularySha256?: string;
}

const metadataKey = '__metadata__';
const shapeKey = 'shape';
const shapeFields = ['vocabularySize', 'width', 'layers', 'heads', 'hidden', 'contextLength'] as const;

/** Identity of a vocabulary: SHA-256 of its words in order. */
export function vocabularyHash(words: readonly string[]): string {
  return contentHash(words);
}

/** Identity of a model: SHA-256 of its weights as little-endian f32. */
export function fingerprintOf(weights: Float32Array): string {
  return sha256(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength));
}

/**
 * A checkpoint as the bytes of a safetensors file. The same checkpoint always gives the same bytes.
 * @throws DataError when the number of weights does not fit the shape.
 */
export function encodeCheckpoint({ shape, weights, metadata }: Checkpoint): Uint8Array {
  const layout = layoutOf(shape);
  if (weights.length !== layout.size) {
    throw new DataError({
      subject: 'weights of a checkpoint',
      expected: `${layout.size} numbers`,
      received: String(weights.length),
      remedy: 'Pass the weights of a model of this shape.',
    });
  }
  const entries = Object.entries(metadata).filter(([key]) => key !== shapeKey);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  const ordered = Object.fromEntries(shapeFields.map((field) => [field, shape[field]]));
  const header: Record<string, unknown> = {
    [metadataKey]: { ...Object.fromEntries(entries), [shapeKey]: JSON.stringify(ordered) },
  };
  for (const parameter of layout.all) header[parameter.name] = tensorEntry(parameter);
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + weights.byteLength).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, 8);
  file.set(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength), 8 + headerBytes);
  return file;
}

/**
 * Reads the bytes of a safetensors file, strictly: exactly the tensors of its shape, without gaps, all finite.
 * @param subject what the error messages call the file.
 * @throws DataError for anything else.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  subject: string,
  { vocabularySha256 }: CheckpointExpectation = {},
): Checkpoint {
  const reject = (expected: string, received: string): DataError =>
    new DataError({
      subject,
      expected,
      received,
      remedy: 'Use a checkpoint that this version wrote, or make it again.',
    });
  const { header, dataStart } = readHeader(bytes, reject);
  const { [metadataKey]: metadata, ...tensors } = header;
  if (!isTextRecord(metadata)) throw reject(`text by key in ${metadataKey}`, typeof metadata);
  const { [shapeKey]: shapeText, ...rest } = metadata;
  const shape = readShape(shapeText, reject);
  if (vocabularySha256 !== undefined && rest.vocabulary_sha256 !== vocabularySha256) {
    throw reject(
      `a model of the vocabulary ${vocabularySha256}`,
      rest.vocabulary_sha256 ?? 'one that names none',
    );
  }
  const layout = layoutOf(shape);
  for (const parameter of layout.all) {
    const [expected, found] = [tensorEntry(parameter), tensors[parameter.name]];
    if (found === undefined || contentHash(found) !== contentHash(expected)) {
      throw reject(
        `tensor ${parameter.name} as ${JSON.stringify(expected)}`,
        found === undefined ? 'none' : JSON.stringify(found),
      );
    }
  }
  const unknown = Object.keys(tensors).filter(
    (name) => !layout.all.some((parameter) => parameter.name === name),
  );
  if (unknown.length > 0) throw reject('only the tensors of its shape', unknown.join(', '));
  const nBytes = bytes.length - dataStart;
  if (nBytes !== 4 * layout.size) throw reject(`${4 * layout.size} bytes of weights`, String(nBytes));
  // A copy of its own: the tensors need not stand at a multiple of 4 in `bytes`.
  const weights = new Float32Array(Uint8Array.from(bytes.subarray(dataStart)).buffer);
  const broken = weights.findIndex((weight) => !Number.isFinite(weight));
  if (broken >= 0) throw reject('finite weights', `${String(weights[broken])} at place ${broken}`);
  return { shape, weights, metadata: rest };
}

/** Reads a checkpoint file. @throws DataError when it cannot be read or is not a checkpoint of this model. */
export async function readCheckpoint(
  path: string,
  expectation: CheckpointExpectation = {},
): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw readError(path, cause);
  });
  return decodeCheckpoint(bytes, path, expectation);
}

/** Writes a checkpoint file; a reader sees the old file or the new. @throws DataError */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeCheckpoint(checkpoint));
}

type Reject = (expected: string, received: string) => DataError;

function tensorEntry({ rows, columns, offset }: Parameter): unknown {
  return { dtype: 'F32', shape: [rows, columns], data_offsets: [4 * offset, 4 * (offset + rows * columns)] };
}

function readHeader(
  bytes: Uint8Array,
  reject: Reject,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) throw reject('a safetensors file of at least 8 bytes', `${bytes.length} bytes`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(bytes.length - 8)) {
    throw reject(`a header of ${length} bytes, as the file says`, `a file of ${bytes.length} bytes`);
  }
  const dataStart = 8 + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch (cause) {
    throw reject('a header in JSON', messageOf(cause));
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw reject('a JSON object as the header', JSON.stringify(header));
  }
  return { header: header as Record<string, unknown>, dataStart };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((text) => typeof text === 'string');
}

function readShape(text: string | undefined, reject: Reject): ModelShape {
  let found: unknown;
  try {
    found = JSON.parse(text ?? '');
  } catch (cause) {
    throw reject(
      `the model's shape in ${metadataKey}.${shapeKey}`,
      text === undefined ? 'none' : messageOf(cause),
    );
  }
  const record = typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  const keys = Object.keys(record);
  if (
    keys.length !== shapeFields.length ||
    !shapeFields.every((field) => typeof record[field] === 'number')
  ) {
    throw reject(`numbers ${shapeFields.join(', ')} as the model's shape`, text ?? 'none');
  }
  const shape = record as unknown as ModelShape;
  const problems = problemsOfShape(shape);
  if (problems.length > 0) throw reject('a shape that the kernels can work with', problems.join('; '));
  return shape;
}
