// Reads notebook files strictly and writes them in one form, so that running a notebook again changes little but its outputs.
import { DataError, messageOf } from '../core/errors.js';
import { readTextIfPresent, writeFileAtomic } from '../core/files.js';
import { printable } from '../core/text.js';
import {
  isJson,
  mapValues,
  notebookSchema,
  type Cell,
  type Notebook,
  type Output,
} from './notebook-format.js';

/** Metadata of cells that changes with every run. */
const VOLATILE_CELL_METADATA = new Set(['execution', 'ExecuteTime']);
/** Most problems that one message lists. */
const MOST_PROBLEMS = 10;

/** Reads a notebook. @throws DataError when the file is missing or not a notebook of version 4.5 */
export async function readNotebook(path: string): Promise<Notebook> {
  const text = await readTextIfPresent(path);
  if (text !== null) return parseNotebook(text, path);
  throw new DataError({
    subject: path,
    expected: 'a notebook',
    received: 'no file',
    remedy: 'Check the path.',
  });
}

/**
 * Reads a notebook from the text of its file.
 * @param subject names the text in messages
 * @throws DataError that lists the problems and their places
 */
export function parseNotebook(text: string, subject: string): Notebook {
  const parsed = notebookSchema.safeParse(jsonOf(text, subject));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const lines = issues
    .slice(0, MOST_PROBLEMS)
    .map(({ path, message }) => `  ${path.map(String).join('.') || '(top)'}: ${printable(message)}\n`);
  if (issues.length > MOST_PROBLEMS) lines.push(`  and ${issues.length - MOST_PROBLEMS} more\n`);
  throw new DataError({
    subject,
    expected: 'a Jupyter notebook of version 4.5',
    received: `\n${lines.join('')}`,
    remedy: 'Open it in Jupyter and save it, or fix these places.',
  });
}

function jsonOf(text: string, subject: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError({
      subject,
      expected: 'a Jupyter notebook',
      received: printable(messageOf(cause)),
      remedy: 'The file is not JSON; check that it is a notebook.',
      cause,
    });
  }
}

/**
 * The text of a notebook's file: keys in order, texts as lists of lines, one blank of indentation, a line end at the end, as
 * Jupyter writes it; without times of execution.
 */
export function formatNotebook(notebook: Notebook): string {
  const { cells, ...rest } = notebook;
  return `${JSON.stringify(ordered({ ...rest, cells: cells.map(fileCell) }), null, 1)}\n`;
}

/** Writes a notebook atomically. @throws DataError */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  await writeFileAtomic(path, formatNotebook(notebook));
}

function fileCell(cell: Cell): unknown {
  const kept = Object.entries(cell.metadata).filter(([key]) => !VOLATILE_CELL_METADATA.has(key));
  const common = { ...cell, metadata: Object.fromEntries(kept), source: linesOf(cell.source) };
  return cell.cell_type === 'code' ? { ...common, outputs: cell.outputs.map(fileOutput) } : common;
}

function fileOutput(output: Output): unknown {
  switch (output.output_type) {
    case 'stream':
      return { ...output, text: linesOf(output.text) };
    case 'display_data':
    case 'execute_result':
      return { ...output, data: mapValues(output.data, fileContent) };
    case 'error':
      return output;
  }
}

/** Jupyter keeps images that are base64 as one string, texts as lines. */
function fileContent(content: unknown, mimeType: string): unknown {
  const isText = mimeType.startsWith('text/') || mimeType === 'image/svg+xml';
  return typeof content === 'string' && isText && !isJson(mimeType) ? linesOf(content) : content;
}

/** The lines of a text, each with its line end. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The same value with the keys of every object in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}
