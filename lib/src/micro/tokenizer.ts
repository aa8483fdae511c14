// Word-level tokenizer of the embedded model: a fixed list of words, and the chat template around them.
import { DataError } from '../core/errors.js';
import type { TrainingSequence } from './types.js';

/** One chat message. The embedded model knows the same three roles as the OpenAI API. */
export interface ChatTurn {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const words: readonly string[] = [
  ...['<pad>', '<eos>', '<system>', '<user>', '<assistant>'],
  // What a prompt asks for.
  ...['answer', 'modify', 'judge', '[[A]]', '[[B]]', '='],
  ...['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  // Math.
  ...['compute', '+', '-', '*'],
  // Code.
  ...['run', 'rev', 'inc', 'dec', 'rot', 'swp', 'srt', 'on', ','],
  // Reasoning.
  ...['rank', '>', 'first', 'second', 'third', 'fourth', 'lowest', 'highest'],
  ...['ann', 'bob', 'cal', 'dee', 'eve', 'fay', 'gus', 'hal'],
  // Skills that are practised apart from the tasks: notes that stand in the way, and looking a word up.
  ...['note', 'recall', 'red', 'blue', 'gold', 'pink', 'teal', 'grey'],
];

/** All words, in order of their ids; the tail is filled up to a multiple of 8, the width of the kernels. */
export const vocabulary: readonly string[] = padded(words, 8);

/** Id of the token that ends a completion. */
export const endOfSequence = words.indexOf('<eos>');

/** A text holds words that the embedded model has never seen. */
export class UnknownWordError extends DataError {
  /** The unknown words, each with its position in the text, counted from 0 in words. */
  readonly unknown: readonly { word: string; position: number }[];

  constructor(unknown: readonly { word: string; position: number }[]) {
    const shown = unknown
      .slice(0, 8)
      .map(({ word, position }) => `"${word.slice(0, 40)}" (word ${position + 1})`);
    if (unknown.length > shown.length) shown.push(`and ${unknown.length - shown.length} more`);
    super({
      subject: 'text for the embedded model',
      expected: `only words of its vocabulary: ${spokenWords.join(' ')}`,
      received: shown.join(', '),
      remedy:
        'Write in the language of the embedded model, or point the experiment at a model that reads free text.',
    });
    this.unknown = unknown;
  }
}

const idOfWord: ReadonlyMap<string, number> = new Map(words.map((word, id) => [word, id]));
const roleWords = { system: '<system>', user: '<user>', assistant: '<assistant>' } as const;
const spokenWords = words.filter((word) => !word.startsWith('<'));

/**
 * Token ids of words separated by white space. Special tokens such as `<eos>` cannot be written as text.
 * @throws UnknownWordError
 */
export function encodeText(text: string): number[] {
  const unknown: { word: string; position: number }[] = [];
  const tokens = splitWords(text).map((word, position) => {
    const id = word.startsWith('<') ? undefined : idOfWord.get(word);
    if (id === undefined) unknown.push({ word, position });
    return id ?? 0;
  });
  if (unknown.length > 0) throw new UnknownWordError(unknown);
  return tokens;
}

/** The words of these tokens, separated by blanks. @throws RangeError for an id outside the vocabulary. */
export function decodeTokens(tokens: readonly number[]): string {
  return tokens.map(wordOf).join(' ');
}

/**
 * The prompt of a conversation: each message is its role token and its words; `<assistant>` at the end asks for the reply.
 * @throws UnknownWordError
 */
export function encodeChat(messages: readonly ChatTurn[]): number[] {
  return [...messages.flatMap(encodeTurn), tokenOf(roleWords.assistant)];
}

/**
 * A training sequence whose loss falls on the words of the last message and the `<eos>` after it.
 * @throws DataError when the last message is not the assistant's, or a word is unknown.
 */
export function encodeTrainingChat(messages: readonly ChatTurn[]): TrainingSequence {
  const reply = messages.at(-1);
  if (reply?.role !== 'assistant') {
    throw new DataError({
      subject: 'training conversation',
      expected: "an assistant's message at the end",
      received: reply === undefined ? 'no message' : `a message of the ${reply.role}`,
      remedy: 'End every training conversation with the reply that the model shall learn.',
    });
  }
  const prompt = encodeChat(messages.slice(0, -1));
  return { tokens: [...prompt, ...encodeText(reply.content), endOfSequence], lossFrom: prompt.length };
}

function encodeTurn(turn: ChatTurn): number[] {
  const content = encodeText(turn.content);
  const reply = turn.role === 'assistant' ? [...content, endOfSequence] : content;
  return [tokenOf(roleWords[turn.role]), ...reply];
}

function tokenOf(word: string): number {
  const id = idOfWord.get(word);
  if (id === undefined) throw new RangeError(`tokenOf: "${word}" is not in the vocabulary`);
  return id;
}

function wordOf(token: number): string {
  const word = vocabulary[token];
  if (word === undefined)
    throw new RangeError(`decodeTokens: expected an id below ${vocabulary.length}, received ${token}`);
  return word;
}

function splitWords(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function padded(list: readonly string[], multiple: number): string[] {
  const nSpare = (multiple - (list.length % multiple)) % multiple;
  return [...list, ...Array.from({ length: nSpare }, (_, i) => `<spare-${i + 1}>`)];
}
