// Settings of what an endpoint's requests carry besides what the engine decides: headers, a query, fields of the body, the window.
import { z } from 'zod';
import { int, nonEmpty } from '../../core/config-section.js';
import { ENGINE_FIELDS } from '../../model/chat-body.js';

/** The NAME of an environment variable: a key itself is never in a file of the experiment. */
export const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the NAME of an environment variable, not a key');

/** Names under which keys are sent. */
const SECRET_NAME =
  /^(?:proxy-)?authorization$|^cookie$|(?:^|[-_.])(?:api[-_]?key|subscription[-_]?key|key|token|secret|password|signature|sig|code)$/i;
/** Headers that the engine or the connection decides. */
const ENGINE_HEADERS =
  /^(?:content-.*|accept|host|connection|transfer-encoding|idempotency-key|expect|te|upgrade)$/;

const headerName = z
  .string()
  .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/, 'expected the name of an HTTP header, in lower case')
  .refine((name) => !ENGINE_HEADERS.test(name), 'the engine sends this header itself; leave it out');

const texts = (name: z.ZodString, setting: string): z.ZodType<Record<string, string>> =>
  z
    .record(name, z.string().regex(/^[\x20-\x7e]*$/, 'expected a text in ASCII'))
    .superRefine((values, context) => {
      const message = `a key does not belong into the file; give the NAME of its environment variable in ${setting}`;
      for (const [key, value] of Object.entries(values))
        if (SECRET_NAME.test(key) || isBearer(value))
          context.addIssue({ code: 'custom', path: [key], message });
    });

const extraBody = z.record(nonEmpty, z.unknown()).superRefine((body, context) => {
  const engine =
    'the engine sends this field itself: sampling is set in generate, judge and evaluate (null: not sent); leave it out here';
  for (const key of Object.keys(body))
    if (ENGINE_FIELDS.includes(key)) context.addIssue({ code: 'custom', path: [key], message: engine });
  const message = 'a key does not belong into the file; send it as a header, through headersEnv';
  for (const path of keysIn(body)) context.addIssue({ code: 'custom', path, message });
});

/** Where a body holds keys, at any depth: gateways take those of other providers in lists of models. */
function keysIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) {
    const name = String(path.at(-1));
    const isKey = /api[-_]?key|authorization|password|secret/i.test(name) || isBearer(value);
    return typeof value === 'string' && isKey ? [path] : [];
  }
  const inside = Array.isArray(value) ? value.entries() : Object.entries(value);
  return [...inside].flatMap(([key, each]) => keysIn(each, [...path, key]));
}

/** Whether a value is a key, whatever it is called. */
function isBearer(value: unknown): boolean {
  return typeof value === 'string' && /^(?:bearer|basic) +\S/i.test(value);
}

/** What holds for a model. */
export const modelExtras = { extraBody: extraBody.optional(), contextLength: int(16).optional() };
export const modelExtraNotes = {
  extraBody: [
    'Further fields of each request, such as chat_template_kwargs, reasoning_effort, provider or top_k. Absent: none.',
    { chat_template_kwargs: { enable_thinking: false } },
  ],
  contextLength: [
    "The model's window, prompt and completion together, in tokens. Absent: what the server tells.",
    8192,
  ],
} as const;

/** What holds for the servers of an address. */
export const requestExtras = {
  headers: texts(headerName, 'headersEnv').optional(),
  headersEnv: z.record(headerName, environmentName).optional(),
  query: texts(nonEmpty, 'queryEnv').optional(),
  queryEnv: z.record(nonEmpty, environmentName).optional(),
  ...modelExtras,
};
export const requestExtraNotes = {
  ...modelExtraNotes,
  headers: ['Further headers of each request. Absent: none.', { 'x-title': 'judges' }],
  headersEnv: [
    'Headers whose values are in environment variables, by their NAMES: for keys. Absent: none.',
    { 'api-key': 'AZURE_OPENAI_API_KEY' },
  ],
  query: ['Query of each request. Absent: none.', { 'api-version': '2024-10-21' }],
  queryEnv: [
    'Parts of the query whose values are in environment variables, by their NAMES. Absent: none.',
    { key: 'GATEWAY_KEY' },
  ],
} as const;

/** The settings of {@link requestExtras} that say where values are. */
export interface AccessSettings {
  headers?: Readonly<Record<string, string>> | undefined;
  headersEnv?: Readonly<Record<string, string>> | undefined;
  query?: Readonly<Record<string, string>> | undefined;
  queryEnv?: Readonly<Record<string, string>> | undefined;
}
