// Content hashes: SHA-256 over bytes, or over the canonical JSON (RFC 8785) of a value.
import { createHash, hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import canonicalizeModule from 'canonicalize';

// The package is CommonJS with types for a default export; under Node the import is the function itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** SHA-256 as 64 lower-case hex digits. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/**
 * SHA-256 of a JSON value, the same whatever the order of its keys.
 * @throws TypeError for a value that JSON cannot hold.
 */
export function contentHash(value: unknown): string {
  const canonical = canonicalize(value);
  if (canonical === undefined) throw new TypeError('contentHash: expected a JSON value, received undefined');
  return sha256(canonical);
}

/** SHA-256 of a file, read as a stream. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
