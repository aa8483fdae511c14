// Lists of names in an experiment file.
import { z } from 'zod';

/** A list of one or more names, none of them twice. */
export function distinct<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected every name once');
}
