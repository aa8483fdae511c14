// The JSON Schema of experiment files, from the very schema that reads them, for editors that complete and check while one types.
import { z } from 'zod';
import { experimentConfigSchema } from './config.js';
import { matrixConfigSchema } from './matrix-config.js';

/**
 * JSON Schema, draft 7, of an experiment file. What reads a file checks more: that names fit together, that files are there.
 */
export function experimentJsonSchema(): Record<string, unknown> {
  const matrix = matrixConfigSchema
    .optional()
    .meta({ description: 'Many arms of this experiment over several seeds; absent: a single run.' });
  const schema = z.toJSONSchema(experimentConfigSchema.safeExtend({ matrix }), {
    io: 'input',
    target: 'draft-7',
  });
  return { ...schema, title: 'An experiment of Autodidact' };
}
