// Building blocks of the schema of experiment files: sections, lists of names, descriptions, and errors that suggest a spelling.
import { z } from 'zod';
import { plainProblem } from './jsonl.js';
import { didYouMean } from './nearest.js';

/** The description of a setting: its unit and what its absence means, optionally with example values. */
export type SettingNote = string | readonly [description: string, ...examples: unknown[]];

/**
 * A strict object. An unknown key is answered with the nearest known ones.
 * @param shape its keys: types, bounds and defaults
 * @param notes descriptions for editors and docs/settings.md, through zod's `.meta`; a schema that is used in several places can have its
 * own
 * @example section({ tokens: int(1).optional() }, { tokens: ['Most tokens of a run. Absent: no cap.', 5_000_000] })
 */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  notes: { readonly [Key in keyof Shape]?: SettingNote } = {},
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  const described = Object.entries<SettingNote>(notes as Record<string, SettingNote>).map(([key, note]) => [
    key,
    (shape[key] as z.ZodType).meta(about(...([note].flat(1) as [string]))),
  ]);
  return z.strictObject({ ...shape, ...Object.fromEntries(described) } as Shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key "${key}"${didYouMean(key, known)}`).join(', ') +
          ` (known here: ${known.join(', ')})`
        : undefined,
  });
}

/** A non-empty text. */
export const nonEmpty = z.string().min(1);

/** An address of the web. Its value is not shown: it may hold a secret. */
export const webAddress = z.url({
  protocol: /^https?$/,
  error: 'expected an address that begins with http:// or https://',
});

/** A whole number within bounds, both included. */
export function int(least: number, most?: number): z.ZodInt {
  return most === undefined ? z.int().min(least) : z.int().min(least).max(most);
}

/** A list of one or more distinct names. */
export function distinct<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected every name once');
}

/** The same for a schema by itself: `samples.meta(about('Losers of this kind.', 2))`. */
export function about(
  description: string,
  ...examples: unknown[]
): { description: string; examples?: unknown[] } {
  return examples.length === 0 ? { description } : { description, examples };
}

/**
 * Messages for values that are not allowed: they list the allowed values and suggest the nearest. Pass it to `safeParse` as `error`; other
 * issues keep their messages.
 */
export function suggestValues(issue: z.core.$ZodRawIssue): string | undefined {
  const allowed = issue.code === 'invalid_value' ? issue.values : discriminatorValues(issue);
  if (allowed === null || allowed.length < 2) return undefined;
  const received = receivedBy(issue);
  const names = allowed.map(String);
  const suggestion = typeof received === 'string' ? didYouMean(received, names) : '';
  return `expected one of ${names.join(', ')}; received ${received === undefined ? 'nothing' : JSON.stringify(received)}${suggestion}`;
}

/** The allowed values of a section's discriminator, where its value is not one of them. */
function discriminatorValues(issue: z.core.$ZodRawIssue): readonly unknown[] | null {
  return issue.code === 'invalid_union' && Array.isArray(issue.options) ? issue.options : null;
}

/** For a discriminated section the input is the whole section, and the wrong value is that of its key. */
function receivedBy({ code, input, discriminator }: z.core.$ZodRawIssue): unknown {
  if (code !== 'invalid_union' || typeof discriminator !== 'string') return input;
  return (input as Record<string, unknown>)[discriminator];
}

/**
 * The message for a value that fits no alternative of a union, whose own says nothing: what is wrong with it by the alternative whose type it
 * has; without one, what each expected. Pass it to `z.union` as `error`.
 */
export function unionProblem(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'invalid_union' || !Array.isArray(issue.errors)) return undefined;
  const alternatives = issue.errors as readonly (readonly z.core.$ZodIssue[])[];
  const fitting = alternatives.find(
    (problems) =>
      !problems.some(
        ({ path, code }) => path.length === 0 && ['invalid_type', 'invalid_value'].includes(code),
      ),
  );
  const told = (fitting ?? alternatives.flat()).map(({ path, message }) =>
    [...path.map(String), plainProblem(message)].join(': '),
  );
  return told.join(fitting ? '; ' : ', or ');
}
