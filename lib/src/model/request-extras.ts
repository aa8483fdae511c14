// What settings add to the requests of an endpoint: headers, a query, fields of the body; and what they say about its models.
import { own } from '../core/own.js';
import type { ExtraBody } from './chat-body.js';

/** What holds for one model. */
export interface ModelExtras {
  /** Further fields of each body; a field that the endpoint has as well is replaced. */
  extraBody?: ExtraBody | undefined;
  /** The window: prompt and completion together, in tokens. Absent: what the server tells. */
  contextLength?: number | undefined;
}

/** What holds for an endpoint. Nothing is sent with requests to servers that the settings do not name. */
export interface RequestExtras extends ModelExtras {
  /** Of every request, the rare ones as well, by lower-case name. */
  headers?: Readonly<Record<string, string>> | undefined;
  query?: Readonly<Record<string, string>> | undefined;
  /** Values that no stored text may hold: the key, and headers and queries that are secret. */
  secrets?: readonly string[] | undefined;
  /** Whether fewer completion tokens are asked for where prompt and completion exceed the window. Default: yes. */
  fitToContext?: boolean | undefined;
  /** By model; `identity` is that of the server where this model's extra body differs. */
  models?: Readonly<Record<string, ModelExtras & { identity?: string | undefined }>> | undefined;
}

/** The further fields of requests for a model. */
export function extraBodyOf(
  { extraBody, models }: Pick<RequestExtras, 'extraBody' | 'models'>,
  model: string,
): ExtraBody {
  return { ...extraBody, ...own(models ?? {}, model)?.extraBody };
}

/** The window of a model as settings tell it, in tokens; null where they do not. */
export function contextLengthOf({ contextLength, models }: RequestExtras, model: string): number | null {
  return own(models ?? {}, model)?.contextLength ?? contextLength ?? null;
}

/** The name of a model in the completion store. @param identity of the endpoint */
export function identityWith({ models }: RequestExtras, identity: string, model: string): string {
  return `${own(models ?? {}, model)?.identity ?? identity}:${model}`;
}
