// Turns a row of a pool's file into an instruction, by its columns or the first user message of a conversation.
import { columnsOf, fieldReader, type FieldReader } from '../../core/field-reader.js';
import { own } from '../../core/own.js';
import type { RowFormat } from '../../datasets/index.js';
import type { InstructionLabels } from '../../schema/instruction.js';
import type { PoolFile } from './pool-config.js';

/** The contents of a row. */
export interface PoolRow {
  text: string;
  slice: string;
  labels: InstructionLabels | undefined;
  /** As the row gives it; null where it gives none. */
  language: string | null;
  /** Of a conversation; null where it has none. */
  systemPrompt: string | null;
  /** Turns of users and assistants after the first one of the user. */
  furtherTurns: number;
  isToxic: boolean;
  isRedacted: boolean;
}

/** Why a row has no instruction. */
export interface RowProblem {
  reason: string;
  detail?: string;
}

/** The instruction of a row, or why there is none, and the columns of the file that must be read. */
export interface PoolRowReader {
  columns: string[];
  read(row: Record<string, unknown>): PoolRow | RowProblem;
}

/** The values of a row in its layout. */
interface Layout {
  columns: string[];
  text: (row: Record<string, unknown>) => string | RowProblem;
  /** The turns of a conversation; absent for rows that are none. */
  turns?: (row: Record<string, unknown>) => readonly unknown[];
  isToxic: (row: Record<string, unknown>) => boolean;
  isRedacted: (row: Record<string, unknown>) => boolean;
  /** Null: not given by the row. */
  language: string | null;
}

/** The reader of a pool's file. */
export function poolRowReader(file: PoolFile, format: RowFormat): PoolRowReader {
  const { columns: named } = file;
  const layout = file.layout === 'columns' ? columnLayout(file, format) : conversationLayout(file.layout);
  const optional = (path: string | undefined): FieldReader | null =>
    path === undefined ? null : fieldReader(path);
  const slice = optional(named.slice);
  const language = optional(named.language ?? layout.language ?? undefined);
  const toxic = optional(named.toxic);
  const redacted = optional(named.redacted);
  const labels = labelReader(named);
  return {
    columns: columnsOf([
      ...layout.columns,
      ...(layout.language === null ? [] : [layout.language]),
      ...[named.slice, named.language, named.toxic, named.redacted].filter((path) => path !== undefined),
      ...labels.columns,
    ]),
    read: (row) => {
      const text = layout.text(row);
      if (typeof text !== 'string') return text;
      const ownSlice = slice === null ? (file.slice ?? 'all') : asName(slice(row));
      if (ownSlice === null) return { reason: 'slice-missing' };
      const ownLabels = labels.read(row);
      if (ownLabels && 'reason' in ownLabels) return ownLabels;
      return {
        text,
        ...aroundFirstTurn(layout.turns?.(row) ?? []),
        slice: ownSlice,
        labels: ownLabels,
        language: language === null ? null : asName(language(row)),
        isToxic: toxic === null ? layout.isToxic(row) : isTrue(toxic(row)),
        isRedacted: redacted === null ? layout.isRedacted(row) : isTrue(redacted(row)),
      };
    },
  };
}

function columnLayout({ columns }: PoolFile, format: RowFormat): Layout {
  const path = columns.text ?? (format === 'text' ? 'text' : 'instruction');
  const first = fieldReader(path);
  const further = (columns.append ?? []).map(fieldReader);
  return {
    columns: [path, ...(columns.append ?? [])],
    text: (row) => {
      const text = checkedText(first(row), path);
      if (typeof text !== 'string' || further.length === 0) return text;
      const parts = further.map((read) => read(row));
      const strange = parts.findIndex((part) => part != null && typeof part !== 'string');
      if (strange >= 0) return { reason: 'text-not-a-string', detail: columns.append?.[strange] ?? '' };
      return [text, ...parts.filter((part) => typeof part === 'string' && part.trim() !== '')].join('\n\n');
    },
    isToxic: () => false,
    isRedacted: () => false,
    language: null,
  };
}

/**
 * Conversations of users with assistants: the first message of the user is the instruction. `messages`: rows as the chat completions of
 * the OpenAI API take them (https://platform.openai.com/docs/api-reference/chat/create), such as logs and training files. WildChat (Zhao et al. 2024, arXiv 2405.01470)
 * flags the conversation and each message; LMSYS-Chat-1M (Zheng et al. 2023, arXiv 2309.11998) has a moderation result for each message. A
 * conversation is toxic when any part of it is.
 */
function conversationLayout(layout: 'messages' | 'wildchat' | 'lmsys-chat'): Layout {
  const column = layout === 'messages' ? 'messages' : 'conversation';
  const turns = (row: Record<string, unknown>): readonly unknown[] => {
    const value = own(row, column);
    return Array.isArray(value) ? value : [];
  };
  const text = (row: Record<string, unknown>): string | RowProblem => {
    if (!Array.isArray(own(row, column))) return { reason: 'text-missing', detail: column };
    const message = turns(row).find((turn) => roleOf(turn) === 'user');
    if (message === undefined) return { reason: 'no-user-message' };
    return checkedText(contentOf(message), `${column}: content`);
  };
  if (layout === 'messages')
    return { columns: [column], text, turns, isToxic: () => false, isRedacted: () => false, language: null };
  const flags = layout === 'wildchat' ? ['toxic', 'redacted'] : ['openai_moderation', 'redacted'];
  return {
    columns: [column, ...flags],
    text,
    turns,
    isToxic:
      layout === 'wildchat'
        ? (row) => isTrue(row.toxic) || someHas(row.conversation, 'toxic')
        : (row) => someHas(row.openai_moderation, 'flagged'),
    isRedacted: (row) => isTrue(row.redacted) || someHas(row.conversation, 'redacted'),
    language: 'language',
  };
}

function roleOf(turn: unknown): unknown {
  return property(turn, 'role');
}

/** The text of a message; of a list of parts, as the OpenAI API takes them, the texts. A part that is none, such as an image, is no text. */
function contentOf(message: unknown): unknown {
  const content = property(message, 'content');
  if (!Array.isArray(content)) return content;
  const texts = (content as unknown[]).map((part) => property(part, 'text'));
  return texts.every((text) => typeof text === 'string') ? texts.join('\n') : content;
}

/** What a conversation holds besides the first turn of its user. */
function aroundFirstTurn(turns: readonly unknown[]): Pick<PoolRow, 'systemPrompt' | 'furtherTurns'> {
  const first = turns.findIndex((turn) => roleOf(turn) === 'user');
  const systemPrompts = turns.slice(0, Math.max(0, first)).flatMap((turn) => {
    const content = ['system', 'developer'].includes(String(roleOf(turn))) ? contentOf(turn) : null;
    return typeof content === 'string' && content.trim() !== '' ? [content.toWellFormed()] : [];
  });
  const isTurn = (turn: unknown): boolean => ['user', 'assistant'].includes(String(roleOf(turn)));
  return {
    systemPrompt: systemPrompts.length === 0 ? null : systemPrompts.join('\n\n'),
    furtherTurns: turns.filter((turn, i) => i !== first && isTurn(turn)).length,
  };
}

/** The pool's own labels; undefined where a row has no category. */
function labelReader({ category, complexity, expectedLength }: PoolFile['columns']): {
  columns: string[];
  read: (row: Record<string, unknown>) => InstructionLabels | RowProblem | undefined;
} {
  const columns = [category, complexity, expectedLength].filter((path) => path !== undefined);
  if (category === undefined) return { columns, read: () => undefined };
  const [readCategory, readComplexity, readLength] = [
    fieldReader(category),
    fieldReader(complexity ?? ''),
    fieldReader(expectedLength ?? ''),
  ];
  return {
    columns,
    read: (row) => {
      const name = asName(readCategory(row));
      if (name === null) return undefined;
      const length = expectedLength === undefined ? null : asName(readLength(row));
      const degree = complexity === undefined ? null : readComplexity(row);
      const number = degree === null || degree === undefined || degree === '' ? undefined : Number(degree);
      if (number !== undefined && !(Number.isInteger(number) && number >= 1 && number <= 10))
        return { reason: 'complexity-out-of-range', detail: complexity ?? '' };
      return {
        category: name,
        ...(number === undefined ? {} : { complexity: number }),
        ...(length === null ? {} : { expectedLength: length }),
      };
    },
  };
}

function checkedText(value: unknown, column: string): string | RowProblem {
  if (value === undefined || value === null) return { reason: 'text-missing', detail: column };
  if (typeof value !== 'string') return { reason: 'text-not-a-string', detail: column };
  if (value.trim() === '') return { reason: 'text-empty', detail: column };
  // A lone surrogate cannot be sent to a model or written to a file.
  return value.isWellFormed() ? value : { reason: 'text-not-unicode', detail: column };
}

/** A name: a text or a number. */
function asName(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** A number, or a number as CSV text. */
function isTrue(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|yes|1)$/i.test(value.trim()));
}

function someHas(list: unknown, flag: string): boolean {
  return Array.isArray(list) && (list as unknown[]).some((entry) => isTrue(property(entry, flag)));
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? own(value as Record<string, unknown>, name)
    : undefined;
}
