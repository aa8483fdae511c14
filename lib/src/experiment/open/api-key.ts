// The key of an endpoint: from the environment or from a file that the experiment names, never from the experiment itself.
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { AccessSettings } from '../config/request-extras-config.js';
import { ConfigError, hasErrorCode, messageOf } from '../../core/errors.js';

/** Where the key of an experiment is; at most one of them. */
export interface ApiKeySource {
  /** The name of an environment variable. */
  apiKeyEnv?: string | undefined;
  /** A file that holds the key and nothing else; taken from the folder of the experiment file. */
  apiKeyFile?: string | undefined;
}

/** A key, and what the user should know about how it is kept. */
export interface ApiKey {
  /** Absent if the endpoint needs none. */
  apiKey: string | undefined;
  warning: string | null;
}

/** Keys have some hundred characters; a file with more bytes than this is another file. */
const LONGEST_KEY_FILE_BYTES = 16_384;

/**
 * Reads the key of an endpoint; white space around it is ignored. No error message shows any of it.
 * @throws ConfigError where a key is named and there is none, or one that an HTTP header cannot carry
 */
export async function readApiKey(
  { apiKeyEnv, apiKeyFile }: ApiKeySource,
  { environment, configPath }: { environment: NodeJS.ProcessEnv; configPath: string },
): Promise<ApiKey> {
  if (apiKeyEnv !== undefined)
    return {
      apiKey: keyFromEnvironment(apiKeyEnv, { environment, setting: 'endpoint.apiKeyEnv' }),
      warning: null,
    };
  if (apiKeyFile !== undefined) return keyFromFile(resolve(dirname(configPath), apiKeyFile));
  return { apiKey: undefined, warning: null };
}

/** What is sent with each request besides the key, and the values among it that are secret. */
export interface ServerAccess {
  headers: Record<string, string>;
  query: Record<string, string>;
  secrets: string[];
}

/** Reads the values of an endpoint's headers and query. @throws ConfigError for a variable that holds none */
export function readAccess(
  { headers, headersEnv = {}, query, queryEnv = {} }: AccessSettings,
  environment: NodeJS.ProcessEnv,
): ServerAccess {
  const read = (section: string, names: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(names).map(([key, name]) => [
        key,
        keyFromEnvironment(name, { environment, setting: `endpoint.${section}.${key}` }),
      ]),
    );
  const secret = { headers: read('headersEnv', headersEnv), query: read('queryEnv', queryEnv) };
  return {
    headers: { ...headers, ...secret.headers },
    query: { ...query, ...secret.query },
    secrets: [...Object.values(secret.headers), ...Object.values(secret.query)],
  };
}

function keyFromEnvironment(
  name: string,
  { environment, setting }: { environment: NodeJS.ProcessEnv; setting: string },
): string {
  const value = environment[name];
  const key = value?.trim() ?? '';
  const problem = key === '' ? (value === undefined ? 'none' : 'an empty one') : unsendableIn(key);
  if (problem === null) return key;
  throw new ConfigError({
    subject: setting,
    expected: `an environment variable ${name} that holds the key, in ASCII`,
    received: problem,
    remedy: `Set it: export ${name}=…, or remove ${setting} for a server that needs no key.`,
  });
}

async function keyFromFile(path: string): Promise<ApiKey> {
  const { text, othersMayRead } = await readKeyFile(path);
  const key = text.trim();
  if (key === '') throw badKeyFile('an empty file', path);
  if (/\s/.test(key)) throw badKeyFile('several words or lines', path);
  const problem = unsendableIn(key);
  if (problem !== null) throw badKeyFile(problem, path);
  const warning = `endpoint.apiKeyFile ${path} can be read by other users of this machine; keep it to yourself: chmod 600`;
  return { apiKey: key, warning: othersMayRead ? warning : null };
}

async function readKeyFile(path: string): Promise<{ text: string; othersMayRead: boolean }> {
  try {
    const found = await stat(path);
    // A device or a pipe may never end.
    if (!found.isFile()) throw badKeyFile('a folder, a device or a pipe', path);
    if (found.size > LONGEST_KEY_FILE_BYTES) throw badKeyFile(`a file of ${found.size} bytes`, path);
    // Windows stores permissions elsewhere.
    const othersMayRead = process.platform !== 'win32' && (found.mode & 0o044) !== 0;
    return { text: await readFile(path, 'utf8'), othersMayRead };
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    throw badKeyFile(hasErrorCode(thrown, 'ENOENT') ? 'no such file' : messageOf(thrown), path);
  }
}

function badKeyFile(received: string, path: string): ConfigError {
  return new ConfigError({
    subject: `endpoint.apiKeyFile ${path}`,
    expected: 'a file that holds the key, in ASCII, and nothing else',
    received,
    remedy:
      'Fix the file or the path; it is relative to the folder of the experiment file, and ~ is not expanded.',
  });
}

/** Describes a character that an HTTP header cannot carry (RFC 9110, 5.5), without showing it; null if there is none. */
function unsendableIn(key: string): string | null {
  const position = key.search(/[^\x20-\x7e]/);
  return position === -1
    ? null
    : `one whose character ${position + 1} is a control character or outside of ASCII`;
}
