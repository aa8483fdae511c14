// Reads a file of training examples of any format: JSON Lines, each line checked with its number.
import { setImmediate } from 'node:timers/promises';
import type { z } from 'zod';
import { messageOf } from '../../core/errors.js';
import { schemaProblems } from '../../core/jsonl.js';
import type { TrainingSequence } from '../types.js';
import { badRequest, type ApiError } from './api-error.js';

/** How wrong lines of a file are reported, and what its examples have to fit. */
export interface ExampleFileOptions {
  /** Longest example, in tokens. */
  contextLength: number;
  /** The field of the request that named the file. */
  param: string;
  signal?: AbortSignal;
}

/** One kind of example. */
export interface ExampleFormat<Example> {
  /** What a line should look like, for the error. */
  shape: string;
  /** @throws Error saying what is wrong with the line */
  readLine: (parsed: unknown, contextLength: number) => Example;
}

/** How many wrong lines an error shows. */
const MAX_SHOWN = 5;
/** After this many lines other requests are served. */
const LINES_PER_TURN = 500;

/**
 * The examples of a file; blank lines are skipped.
 * @throws ApiError 400 with code `invalid_training_file` that names the wrong lines
 */
export async function readExamples<Example>(
  content: Buffer,
  format: ExampleFormat<Example>,
  { contextLength, param, signal }: ExampleFileOptions,
): Promise<Example[]> {
  const examples: Example[] = [];
  const problems: string[] = [];
  let nWrong = 0;
  const refuse = (problem: string): ApiError =>
    badRequest(
      `Invalid training file: ${problem}. Expected JSON Lines of ${format.shape} in the words of the embedded model.`,
      { param, code: 'invalid_training_file' },
    );
  const text = decodeUtf8(content);
  if (text === null) throw refuse('it is not UTF-8 text');
  for (const [index, line] of text.split('\n').entries()) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    if (line.trim() === '') continue;
    try {
      examples.push(format.readLine(parseLine(line), contextLength));
    } catch (thrown) {
      nWrong++;
      if (problems.length < MAX_SHOWN) problems.push(`line ${index + 1}: ${messageOf(thrown)}`);
    }
  }
  if (nWrong > 0) {
    const more = nWrong > problems.length ? `; and ${nWrong - problems.length} more lines` : '';
    throw refuse(`${problems.join('; ')}${more}`);
  }
  if (examples.length === 0) throw refuse('it holds no examples');
  return examples;
}

/** A line as its schema describes it. @throws Error naming what does not fit */
export function fitting<Schema extends z.ZodType>(parsed: unknown, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(parsed);
  if (!result.success) throw new Error(schemaProblems(result.error));
  return result.data;
}

/** @throws Error when a sequence is longer than the model's context */
export function assertLength({ tokens }: TrainingSequence, contextLength: number): void {
  if (tokens.length <= contextLength) return;
  throw new Error(
    `expected at most ${contextLength} tokens, received ${tokens.length}; shorten or remove the example`,
  );
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`expected one JSON object, received ${line.slice(0, 60)}`, { cause });
  }
}

function decodeUtf8(content: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}
