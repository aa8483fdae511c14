// A prompt pack that remembers the kind of each prompt it wrote.
import type { Prompt, PromptPack } from '../../prompt/index.js';
import type { ChatMessage } from '../../schema/chat.js';

/** What a request asks for: an answer to an instruction or to a modified one, and so on. */
export const REQUEST_KINDS = [
  'winner',
  'modified-instruction',
  'loser',
  'judgment',
  'grade',
  'classification',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** A pack that knows the kind of each of its prompts. */
export interface TaggedPack {
  pack: PromptPack;
  /** Does the same to another pack. */
  tag: (other: PromptPack) => PromptPack;
  /** What one of their prompts is for. @throws RangeError for messages of other packs */
  kindOf: (messages: readonly ChatMessage[]) => RequestKind;
  /** Sets the instructions whose answers are winners; answers to any other text are losers. */
  expectInstructions: (texts: Iterable<string>) => void;
}

/** Wraps a pack so that the kind of each of its prompts is known. */
export function tagPrompts(pack: PromptPack): TaggedPack {
  const kinds = new WeakMap<readonly ChatMessage[], RequestKind>();
  let instructions: ReadonlySet<string> = new Set();
  const tagged = <Input, Output>(
    prompt: Prompt<Input, Output>,
    kindOf: (input: Input) => RequestKind,
  ): Prompt<Input, Output> => ({
    parse: (completion) => prompt.parse(completion),
    render: (input) => {
      const messages = prompt.render(input);
      kinds.set(messages, kindOf(input));
      return messages;
    },
  });
  const tag = (one: PromptPack): PromptPack => {
    const { answer, modifiedInstruction, worseAnswer, judge, grade, selection } = one;
    return {
      ...one,
      answer: tagged(answer, (text) => (instructions.has(text) ? 'winner' : 'loser')),
      modifiedInstruction: tagged(modifiedInstruction, () => 'modified-instruction'),
      worseAnswer: worseAnswer && tagged(worseAnswer, () => 'loser'),
      judge: { ...judge, ...tagged(judge, () => 'judgment') },
      grade: grade && { ...grade, ...tagged(grade, () => 'grade') },
      selection: selection && { ...selection, ...tagged(selection, () => 'classification') },
    };
  };
  return {
    pack: tag(pack),
    tag,
    expectInstructions: (texts) => {
      instructions = new Set(texts);
    },
    kindOf: (messages) => {
      const kind = kinds.get(messages);
      if (!kind) throw new RangeError('expected a prompt of this pack');
      return kind;
    },
  };
}
