// The requests by which pairs are written.
import { deriveSeed } from '../core/random.js';
import type { ChatModel } from '../model/chat-model.js';
import type { Parsed, Prompt, PromptPack } from '../prompt/index.js';
import type { Sampling } from '../schema/chat.js';
import type { LoserSpec } from './losers.js';

/** How responses are written. */
export interface WriteOptions {
  chatModel: ChatModel;
  pack: PromptPack;
  /** The model that writes the responses and the modified instructions. */
  model: string;
  /** Replaces it for winners. */
  winnerModel?: string | undefined;
  /** Replaces it for modified instructions, the answers to them, and worse answers. */
  loserModel?: string | undefined;
  response: Sampling;
  modifiedInstruction: Sampling & {
    /** DEVIATION: the paper writes one modified instruction; here the first usable one of several is taken, so that fewer are dropped. */
    candidates: number;
  };
  /** Absent: one loser by modified instruction. */
  losers?: readonly LoserSpec[] | undefined;
  seed: number;
  signal: AbortSignal;
}

/** One request. */
export interface Asked<Input> {
  prompt: Prompt<Input, Parsed<string>>;
  input: Input;
  model: string;
  sampling: Sampling;
  nSamples: number;
  seed: number;
}

/** Completions of one prompt, read by its parser, in the order of their samples. @throws ModelError */
export async function ask<Input>(
  { prompt, input, ...request }: Asked<Input>,
  { chatModel, pack, signal }: WriteOptions,
): Promise<Parsed<string>[]> {
  const completions = await chatModel.sample(
    { ...request, messages: prompt.render(input), promptVersion: pack.version },
    signal,
  );
  return completions.map((completion) => prompt.parse(completion));
}

/** What a response keeps of how it was read. */
export function readingOf({ thinkingRemoved }: { thinkingRemoved?: true }): { thinkingRemoved?: true } {
  return thinkingRemoved ? { thinkingRemoved } : {};
}

/** One answer to an instruction, modified or not. @throws ModelError */
export async function writeResponse(
  instruction: string,
  { role, model }: { role: 'winner' | 'loser'; model: string },
  options: WriteOptions,
): Promise<Parsed<string>> {
  const { pack, response, seed } = options;
  const [parsed] = await ask(
    {
      prompt: pack.answer,
      input: instruction,
      model,
      sampling: response,
      nSamples: 1,
      seed: deriveSeed(seed, role, instruction),
    },
    options,
  );
  if (!parsed) throw new RangeError('expected a completion, received none');
  return parsed;
}
