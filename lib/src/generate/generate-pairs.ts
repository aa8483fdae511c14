// Pairs: a good answer to the instruction, and a good answer to a slightly different one (paper, section 3.1).
import { contentHash } from '../core/hash.js';
import { deriveSeed } from '../core/random.js';
import type { ChatModel } from '../model/chat-model.js';
import type { Parsed, PromptPack } from '../prompt/index.js';
import type { Completion, Sampling } from '../schema/chat.js';
import { dropped, kept, type Outcome } from '../schema/drop.js';
import type { Instruction } from '../schema/instruction.js';
import type { ResponsePair } from '../schema/response-pair.js';

/** How pairs are written. */
export interface GenerateOptions {
  chatModel: ChatModel;
  pack: PromptPack;
  /** The model that writes the responses and the modified instructions. */
  model: string;
  response: Sampling;
  modifiedInstruction: Sampling & {
    /** DEVIATION: the paper writes one modified instruction; of several the first usable one is taken, so that fewer are lost. */
    candidates: number;
  };
  seed: number;
  signal: AbortSignal;
}

/** Writes a pair for every instruction, in input order. @throws ModelError when the endpoint as a whole fails */
export function generatePairs(
  instructions: AsyncIterable<Instruction> | Iterable<Instruction>,
  options: GenerateOptions,
): AsyncGenerator<Outcome<ResponsePair>> {
  return options.chatModel.outcomes(
    instructions,
    (instruction, signal) => writePair(instruction, { ...options, signal }),
    {
      subjectOf: ({ instructionId }) => instructionId,
      signal: options.signal,
    },
  );
}

async function writePair(instruction: Instruction, options: GenerateOptions): Promise<Outcome<ResponsePair>> {
  const { instructionId, text, slice } = instruction;
  const [winner, modified] = await Promise.all([
    writeResponse(text, 'winner', options),
    modifyInstruction(text, options),
  ]);
  if (!winner.ok) return dropped(instructionId, `winner-${winner.reason}`);
  if (!modified.ok) return dropped(instructionId, `modified-instruction-${modified.reason}`);
  const loser = await writeResponse(modified.value, 'loser', options);
  if (!loser.ok) return dropped(instructionId, `loser-${loser.reason}`, modified.value);
  if (loser.value === winner.value) return dropped(instructionId, 'identical-responses', modified.value);
  return kept({
    pairId: `pair-${contentHash([instructionId, winner.value, loser.value]).slice(0, 16)}`,
    instructionId,
    instruction: text,
    slice,
    winner: { text: winner.value, model: options.model, method: 'answer' },
    loser: {
      text: loser.value,
      model: options.model,
      method: 'answer-to-modified-instruction',
      modifiedInstruction: modified.value,
    },
  });
}

async function writeResponse(
  instruction: string,
  role: 'winner' | 'loser',
  options: GenerateOptions,
): Promise<Parsed<string>> {
  const { chatModel, pack, model, response, seed, signal } = options;
  const [completion] = await chatModel.sample(
    {
      model,
      messages: pack.answer.render(instruction),
      sampling: response,
      nSamples: 1,
      seed: deriveSeed(seed, role, instruction),
      promptVersion: pack.version,
    },
    signal,
  );
  return pack.answer.parse(completion as Completion);
}

/** The first candidate that can be read and is not the instruction itself. */
async function modifyInstruction(instruction: string, options: GenerateOptions): Promise<Parsed<string>> {
  const { chatModel, pack, model, seed, signal } = options;
  const { candidates, ...sampling } = options.modifiedInstruction;
  const completions = await chatModel.sample(
    {
      model,
      messages: pack.modifiedInstruction.render(instruction),
      sampling,
      nSamples: candidates,
      seed: deriveSeed(seed, 'modified-instruction', instruction),
      promptVersion: pack.version,
    },
    signal,
  );
  let reason = 'unchanged';
  for (const completion of completions) {
    const parsed = pack.modifiedInstruction.parse(completion);
    if (!parsed.ok) reason = parsed.reason;
    else if (parsed.value !== instruction) return parsed;
  }
  return { ok: false, reason };
}
