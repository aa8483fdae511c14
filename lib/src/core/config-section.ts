// Sections of an experiment file.
import { z } from 'zod';

/** A strict object whose unknown keys fail with the list of the known ones. */
export function section<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; known here: ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}
