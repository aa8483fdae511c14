// Reads a training file: JSON Lines of `{messages: [..., assistant]}`, each line checked with its number.
// Reference: https://platform.openai.com/docs/guides/supervised-fine-tuning#formatting-your-data
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf } from '../../core/errors.js';
import { schemaProblems } from '../../core/jsonl.js';
import { encodeTrainingChat } from '../tokenizer.js';
import type { TrainingSequence } from '../types.js';
import { badRequest, type ApiError } from './api-error.js';

const trainingLine = z.strictObject({
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'user', 'assistant']),
        content: z.string(),
        weight: z.union([z.literal(0), z.literal(1)]).optional(),
      }),
    )
    .min(2),
});

/** How many wrong lines an error shows. */
const MAX_SHOWN = 5;
/** After this many lines other requests get their turn. */
const LINES_PER_TURN = 500;

/**
 * The training sequences of a file. Loss falls on the last message, which is the assistant's; blank lines are passed over.
 * @param options.param the field of the request that named the file, for the error
 * @throws ApiError 400 with code `invalid_training_file` that names the wrong lines
 */
export async function readTrainingFile(
  content: Buffer,
  options: { contextLength: number; param: string; signal?: AbortSignal },
): Promise<TrainingSequence[]> {
  const sequences: TrainingSequence[] = [];
  const problems: string[] = [];
  let nWrong = 0;
  for (const [index, line] of decodeUtf8(content, options.param).split('\n').entries()) {
    if (index % LINES_PER_TURN === LINES_PER_TURN - 1) {
      await setImmediate();
      options.signal?.throwIfAborted();
    }
    if (line.trim() === '') continue;
    try {
      sequences.push(readLine(line, options.contextLength));
    } catch (thrown) {
      nWrong++;
      if (problems.length < MAX_SHOWN) problems.push(`line ${index + 1}: ${messageOf(thrown)}`);
    }
  }
  if (nWrong > 0) {
    const more = nWrong > problems.length ? `; and ${nWrong - problems.length} more lines` : '';
    throw wrongFile(`${problems.join('; ')}${more}`, options.param);
  }
  if (sequences.length === 0) throw wrongFile('it holds no examples', options.param);
  return sequences;
}

function readLine(line: string, contextLength: number): TrainingSequence {
  const result = trainingLine.safeParse(parseLine(line));
  if (!result.success) throw new Error(schemaProblems(result.error));
  const { messages } = result.data;
  for (const [index, { role, weight }] of messages.entries()) {
    if (weight === undefined) continue;
    const isLast = index === messages.length - 1;
    // DEVIATION from the OpenAI API, which can also learn from earlier replies of the assistant.
    if (role !== 'assistant' || weight !== (isLast ? 1 : 0)) {
      throw new Error(`messages.${index}.weight: only the last reply is learned from; leave weights out`);
    }
  }
  const sequence = encodeTrainingChat(messages);
  const nTokens = sequence.tokens.length;
  if (nTokens > contextLength) {
    throw new Error(
      `expected at most ${contextLength} tokens, received ${nTokens}; shorten or remove the example`,
    );
  }
  return sequence;
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new Error(`expected one JSON object, received ${line.slice(0, 60)}`, { cause });
  }
}

function decodeUtf8(content: Buffer, param: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw wrongFile('it is not UTF-8 text', param);
  }
}

function wrongFile(problem: string, param: string): ApiError {
  return badRequest(
    `Invalid training file: ${problem}. Expected JSON Lines of {"messages": [{"role": "user", "content": "..."}, ` +
      '{"role": "assistant", "content": "..."}]} in the words of the embedded model.',
    { param, code: 'invalid_training_file' },
  );
}
