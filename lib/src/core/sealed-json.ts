// JSON objects with a checksum of their content: one that was changed on disk is not taken for what was written.
import { z } from 'zod';
import { contentHash } from './hash.js';

/** An object with the SHA-256 of its content, as JSON has it, in the key `sha256`. */
export function sealed(value: object): object {
  // Without keys whose value is undefined, as it will be read.
  return { ...value, sha256: contentHash(JSON.parse(JSON.stringify(value))) };
}

/** The schema of a value that may be {@link sealed}: the checksum is verified and taken off. One without a checksum is taken as it is. */
export function unsealed<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>> {
  const content = z.unknown().transform((value, context) => {
    if (typeof value !== 'object' || value === null || !('sha256' in value)) return value;
    const { sha256, ...rest } = value;
    if (sha256 === contentHash(rest)) return rest;
    context.addIssue({ code: 'custom', message: 'its checksum is not that of its content' });
    return z.NEVER;
  });
  return content.pipe(schema);
}
