// Checks a request against its schema and reports everything that is wrong with it in one error.
import { z } from 'zod';
import { didYouMean } from '../../core/nearest.js';
import { badRequest } from './api-error.js';

/** What a request may hold. */
export interface BodyRules<Schema extends z.ZodObject> {
  /** An object schema; keys outside it are reported before it is applied. A refinement may name a `code` in its `params`. */
  schema: Schema;
  /** Keys that the OpenAI API has and this server does not offer, each with what to do instead. */
  unsupported?: Readonly<Record<string, string>>;
  /** What the errors call a key. Default `key`. */
  noun?: string;
}

/**
 * The body of a request as its schema describes it.
 * @throws ApiError 400 that names unsupported keys, unknown keys (with near misses), or every field that does not fit.
 */
export function parseBody<Schema extends z.ZodObject>(
  body: unknown,
  rules: BodyRules<Schema>,
): z.output<Schema> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const received = body === undefined ? 'no body' : Array.isArray(body) ? 'a list' : describe(body);
    throw badRequest(
      `Expected a JSON object as the request body, received ${received}. ` +
        'Send {...} with the header "Content-Type: application/json".',
      { code: 'invalid_body' },
    );
  }
  refuseForeignKeys(body as Record<string, unknown>, rules);
  const result = rules.schema.safeParse(body);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const received = describe(valueAt(body, issue.path));
    return `${pathText(issue.path)}: ${issue.message}, received ${received}`;
  });
  const shown = problems.slice(0, 5);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more problems`);
  const [first] = result.error.issues;
  const code = first?.code === 'custom' ? (first.params?.code as string | undefined) : undefined;
  throw badRequest(`The request does not fit the API. ${shown.join('; ')}.`, {
    param: pathText(first?.path ?? []),
    code: code ?? 'invalid_value',
  });
}

/** The parameters of a query as their schema describes them; of a repeated one the last counts. @throws ApiError 400 */
export function parseQuery<Schema extends z.ZodObject>(
  query: Iterable<[string, string]>,
  schema: Schema,
): z.output<Schema> {
  return parseBody(Object.fromEntries(query), { schema, noun: 'query parameter' });
}

function refuseForeignKeys(body: Record<string, unknown>, rules: BodyRules<z.ZodObject>): void {
  const { schema, unsupported = {}, noun = 'key' } = rules;
  const known = Object.keys(schema.shape);
  const foreign = Object.keys(body).filter((key) => !Object.hasOwn(schema.shape, key));
  const refused = foreign.find((key) => Object.hasOwn(unsupported, key) && !isUnset(body[key]));
  if (refused !== undefined) {
    throw badRequest(`"${refused}" is not offered by this server. ${unsupported[refused] ?? ''}`, {
      param: refused,
      code: 'unsupported_parameter',
    });
  }
  const unknown = foreign.filter((key) => !Object.hasOwn(unsupported, key));
  if (unknown.length === 0) return;
  const named = unknown.slice(0, 8).map((key) => `"${key.slice(0, 64)}"${didYouMean(key, known)}`);
  throw badRequest(
    `Unknown ${noun}${unknown.length === 1 ? '' : 's'} in the request: ${named.join(', ')}. ` +
      `Known ${noun}s: ${known.join(', ')}.`,
    { param: (unknown[0] ?? '').slice(0, 64), code: 'unknown_parameter' },
  );
}

/** Values that leave an unsupported setting unchanged: clients send them for what they do not use. */
function isUnset(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A path as people write it: `messages[0].content`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return text.startsWith('.') ? text.slice(1) : text;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  let value = body;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** A value as an error shows it: lists and objects are only named, since they may be nested too deeply to be written. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with keys ${Object.keys(value).slice(0, 8).join(', ')}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
