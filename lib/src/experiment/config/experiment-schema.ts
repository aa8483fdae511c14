// The JSON Schema of experiment files, generated from the schema that reads them: editors complete and check with it.
import { z } from 'zod';
import { experimentConfigSchema } from './config.js';
import { matrixConfigSchema } from './matrix-config.js';

/**
 * JSON Schema, draft 7, of an experiment file. Every setting has a description, and every value examples: its own, or the values of an
 * enumeration, or the default. Reading a file checks more than it: that names fit together, that files exist.
 */
export function experimentJsonSchema(): Record<string, unknown> {
  const matrix = matrixConfigSchema
    .optional()
    .meta({ description: 'Many arms of this experiment over several seeds. Absent: a single run.' });
  const schema = z.toJSONSchema(experimentConfigSchema.safeExtend({ matrix }), {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) =>
      addExamples(jsonSchema, z.globalRegistry.get(zodSchema)?.examples),
  });
  return { ...schema, title: 'An experiment of Autodidact' };
}

/** @param own the setting's own examples, which zod leaves out where reading a value changes it */
function addExamples(schema: z.core.JSONSchema.BaseSchema, own: unknown): void {
  const { description, const: only, enum: values, type, default: filledIn } = schema;
  if (description === undefined || schema.examples !== undefined) return;
  if (Array.isArray(own)) schema.examples = own;
  else if (only !== undefined) schema.examples = [only];
  else if (values !== undefined) schema.examples = values;
  else if (type === 'boolean') schema.examples = [true, false];
  else if (filledIn !== undefined && type !== 'object') schema.examples = [filledIn];
}
