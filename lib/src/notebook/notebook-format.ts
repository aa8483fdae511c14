// Jupyter notebooks, version 4.5 of the format (https://nbformat.readthedocs.io/en/latest/format_description.html), read strictly.
import { z } from 'zod';

/** Text, in files one string or a list of lines; here one string. */
const text = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))]);
const metadata = z.record(z.string(), z.unknown());
/** Texts and base64 by MIME type; JSON types hold any value. */
const mimeBundle = z.record(z.string(), z.unknown()).transform((bundle) => mapValues(bundle, joined));

const streamOutput = z.strictObject({
  output_type: z.literal('stream'),
  name: z.enum(['stdout', 'stderr']),
  text,
});
const displayFields = { data: mimeBundle, metadata };
const displayOutput = z.strictObject({ output_type: z.literal('display_data'), ...displayFields });
const resultOutput = z.strictObject({
  output_type: z.literal('execute_result'),
  execution_count: z.int().nullable(),
  ...displayFields,
});
const errorOutput = z.strictObject({
  output_type: z.literal('error'),
  ename: z.string(),
  evalue: z.string(),
  traceback: z.array(z.string()),
});

/** An output of a cell: text, something to show, a result, or an error. */
export const outputSchema = z.discriminatedUnion('output_type', [
  streamOutput,
  displayOutput,
  resultOutput,
  errorOutput,
]);
export type Output = z.infer<typeof outputSchema>;
export type DisplayOutput = z.infer<typeof displayOutput>;
export type ErrorOutput = z.infer<typeof errorOutput>;
/** Texts, base64 and JSON values by MIME type. */
export type MimeBundle = DisplayOutput['data'];

const cellId = z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected 1 to 64 letters, digits, - or _');
const cellFields = { id: cellId, metadata, source: text };
const codeCell = z.strictObject({
  cell_type: z.literal('code'),
  ...cellFields,
  outputs: z.array(outputSchema),
  execution_count: z.int().nullable(),
});
const textFields = { ...cellFields, attachments: z.record(z.string(), mimeBundle).optional() };
const markdownCell = z.strictObject({ cell_type: z.literal('markdown'), ...textFields });
const rawCell = z.strictObject({ cell_type: z.literal('raw'), ...textFields });

/** One cell: code with its outputs, Markdown, or raw text. */
export const cellSchema = z.discriminatedUnion('cell_type', [codeCell, markdownCell, rawCell]);
export type Cell = z.infer<typeof cellSchema>;
export type CodeCell = z.infer<typeof codeCell>;
export type MarkdownCell = z.infer<typeof markdownCell>;

/** A whole notebook. Texts are single strings here, lists of lines in the file. */
export const notebookSchema = z.strictObject({
  nbformat: z.literal(4, 'expected 4: open it in a current Jupyter and save it'),
  nbformat_minor: z.literal(5, 'expected 5: open it in a current Jupyter and save it'),
  metadata,
  cells: z.array(cellSchema).superRefine((cells, context) => {
    const seen = new Set<string>();
    for (const [i, { id }] of cells.entries()) {
      if (seen.has(id))
        context.addIssue({ code: 'custom', path: [i, 'id'], message: `"${id}" occurs twice` });
      seen.add(id);
    }
  }),
});
export type Notebook = z.infer<typeof notebookSchema>;

function joined(value: unknown, mimeType: string): unknown {
  const isLines = Array.isArray(value) && value.every((line) => typeof line === 'string');
  return isLines && !isJson(mimeType) ? value.join('') : value;
}

/** Whether content of this MIME type is a JSON value, not a text. */
export function isJson(mimeType: string): boolean {
  return /^application\/(?:json|.*\+json)$/.test(mimeType);
}

/** A record with every value replaced. */
export function mapValues<Value, Result>(
  record: Readonly<Record<string, Value>>,
  replace: (value: Value, key: string) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, replace(value, key)]));
}
