// Pairs whose prompt and responses are texts or lists of messages: TRL's preference format with a prompt of its own or without, and sets
// that repeat the prompt in both conversations (https://huggingface.co/docs/trl/dataset_formats).
import { z } from 'zod';
import { UnusableRow } from '../recorded/recorded-format.js';

const textParts = z
  .array(z.looseObject({ type: z.literal('text'), text: z.string() }))
  .transform((parts) => parts.map(({ text }) => text).join(''));

/** A conversation of one or more messages, as the OpenAI API takes them. */
export const messagesSchema = z
  .array(z.looseObject({ role: z.string().min(1), content: z.union([z.string(), textParts]) }))
  .min(1);
type Messages = readonly { role: string; content: string }[];

/** A conversation as one text: a single message of the user unchanged, anything else under headings of the roles. */
export function conversationText(messages: Messages): string {
  const [first, ...others] = messages;
  if (first?.role === 'user' && others.length === 0) return first.content;
  return messages
    .map(({ role, content }) => `### ${role.charAt(0).toUpperCase()}${role.slice(1)}\n${content}`)
    .join('\n\n');
}

/** A column of a row. */
export interface Cell {
  column: string;
  value: unknown;
}

/**
 * The instruction and the two responses of a pair. Of a list of messages the last one, of the assistant, is the response; those before it
 * are the conversation, which both responses share. The prompt may be absent where the lists hold it.
 * @throws UnusableRow
 */
export function textsOfPair(
  prompt: Cell,
  responses: readonly [Cell, Cell],
): { instruction: string; first: string; second: string } {
  const [first, second] = responses.map(splitResponse);
  if (!first || !second) throw new RangeError('textsOfPair: expected two responses');
  const [before, other] = [first.before, second.before];
  const isSame = (i: number): boolean =>
    before[i]?.role === other[i]?.role && before[i]?.content === other[i]?.content;
  const nShared = before.findIndex((_, i) => !isSame(i));
  if (nShared >= 0 || before.length !== other.length) {
    throw new UnusableRow(
      'prompts-differ',
      `columns ${responses.map(({ column }) => `"${column}"`).join(' and ')}: expected the same messages before the last one, ` +
        `received others from message ${(nShared < 0 ? before.length : nShared) + 1} on; compare only last answers to one conversation`,
    );
  }
  return { instruction: instructionOf(prompt, before), first: first.text, second: second.text };
}

function splitResponse(cell: Cell): { before: Messages; text: string } {
  if (typeof cell.value === 'string') return { before: [], text: cell.value };
  const messages = messagesOf(cell);
  const last = messages.at(-1);
  if (last?.role === 'assistant') return { before: messages.slice(0, -1), text: last.content };
  throw new UnusableRow(
    'no-response',
    `column "${cell.column}": expected a last message of the assistant, received one of ${String(last?.role)}`,
  );
}

function instructionOf(prompt: Cell, before: Messages): string {
  const isAbsent = prompt.value === undefined || prompt.value === null;
  if (isAbsent && before.length > 0) return conversationText(before);
  const given =
    typeof prompt.value === 'string' ? [{ role: 'user', content: prompt.value }] : messagesOf(prompt);
  const isRepeated = given.every(({ content }) =>
    before.some((message) => message.content.trim() === content.trim()),
  );
  if (isRepeated) return conversationText(before);
  // Completions of several messages begin with the assistant.
  if (before.length === 0 || before[0]?.role === 'assistant') return conversationText([...given, ...before]);
  throw new UnusableRow(
    'prompts-differ',
    `column "${prompt.column}": expected a part of the conversation in the responses, or completions without one`,
  );
}

function messagesOf({ column, value }: Cell): Messages {
  const parsed = messagesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UnusableRow('wrong-shape', `column "${column}": expected a text, or messages {role, content}`);
}
