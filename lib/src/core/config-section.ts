// Building blocks of the schema of experiment files: sections, lists of names, descriptions, and errors that suggest a spelling.
import { z } from 'zod';
import { didYouMean } from './nearest.js';

/** A strict object. An unknown key is answered with the nearest known ones. */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => `unknown key "${key}"${didYouMean(key, known)}`).join(', ') +
          ` (known here: ${known.join(', ')})`
        : undefined,
  });
}

/** A list of one or more names, none of them twice. */
export function distinct<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected every name once');
}

/**
 * What editors and docs/settings.md show of a setting, for zod's `.meta`. The type, the default and the bounds come from the schema.
 * @param description what it is, with its unit, and what happens when it is absent
 * @param examples values that it might have; none for sections, switches and enumerations, whose values are known
 * @example z.int().min(1).optional().meta(about('Most answered requests. Absent: no cap.', 20_000))
 */
export function about(description: string, ...examples: unknown[]): { description: string; examples?: unknown[] } {
  return examples.length === 0 ? { description } : { description, examples };
}

/**
 * Messages for values that are none of the allowed ones: they list these and suggest the nearest. Pass it to `safeParse` as `error`;
 * other issues keep the message that they have.
 */
export function suggestValues(issue: z.core.$ZodRawIssue): string | undefined {
  const allowed = issue.code === 'invalid_value' ? issue.values : discriminatorValues(issue);
  if (allowed === null || allowed.length < 2) return undefined;
  const { received, names } = { received: receivedBy(issue), names: allowed.map(String) };
  const suggestion = typeof received === 'string' ? didYouMean(received, names) : '';
  return `expected one of ${names.join(', ')}; received ${JSON.stringify(received) ?? 'nothing'}${suggestion}`;
}

/** The values of the key that says which kind of section it is, where that value is not one of them. */
function discriminatorValues(issue: z.core.$ZodRawIssue): readonly unknown[] | null {
  return issue.code === 'invalid_union' && Array.isArray(issue.options) ? issue.options : null;
}

/** For a discriminated section the input is the whole section; its key is what is wrong. */
function receivedBy({ code, input, discriminator }: z.core.$ZodRawIssue): unknown {
  if (code !== 'invalid_union' || typeof discriminator !== 'string') return input;
  return (input as Record<string, unknown>)[discriminator];
}
