// Checks a request against its schema and says everything that is wrong with it in one error.
import type { z } from 'zod';
import { badRequest } from './api-error.js';
import { nearMiss } from './near-miss.js';

/** What a request may hold. */
export interface BodyRules<Schema extends z.ZodObject> {
  /** An object schema; keys outside it are reported before it is applied. */
  schema: Schema;
  /** Keys that the OpenAI API has and this server does not offer, each with what to do instead. */
  unsupported?: Readonly<Record<string, string>>;
}

/**
 * The request as its schema describes it.
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
  throw badRequest(`The request does not fit the API. ${shown.join('; ')}.`, {
    param: pathText(result.error.issues[0]?.path ?? []),
    code: 'invalid_value',
  });
}

function refuseForeignKeys(body: Record<string, unknown>, rules: BodyRules<z.ZodObject>): void {
  const known = rules.schema.shape;
  let unknown: string[] | null = null;
  for (const key of Object.keys(body)) {
    if (Object.hasOwn(known, key)) continue;
    const remedy = rules.unsupported?.[key];
    if (remedy === undefined || !Object.hasOwn(rules.unsupported ?? {}, key)) (unknown ??= []).push(key);
    else if (!isUnset(body[key])) {
      throw badRequest(`"${key}" is not offered by this server. ${remedy}`, {
        param: key,
        code: 'unsupported_parameter',
      });
    }
  }
  if (unknown === null) return;
  const named = unknown.slice(0, 8).map((key) => {
    const meant = nearMiss(key, Object.keys(known));
    return meant === null ? `"${key.slice(0, 64)}"` : `"${key}" (did you mean "${meant}"?)`;
  });
  throw badRequest(
    `Unknown ${unknown.length === 1 ? 'key' : 'keys'} in the request: ${named.join(', ')}. ` +
      `Known keys: ${Object.keys(known).join(', ')}.`,
    { param: (unknown[0] ?? '').slice(0, 64), code: 'unknown_parameter' },
  );
}

/** Values that leave an unsupported setting as it is: clients send them for what they do not use. */
function isUnset(value: unknown): boolean {
  if (value === null || value === undefined || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A path as people write it: `messages[0].content`. */
export function pathText(path: readonly PropertyKey[]): string {
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

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with keys ${Object.keys(value).slice(0, 8).join(', ')}`;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
