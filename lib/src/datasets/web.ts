// HTTP requests whose redirects never lead from https to http, and never carry a token to another host.
import type { z } from 'zod';
import { DataError } from '../core/errors.js';
import { parseJson } from '../core/jsonl.js';
import { retryAfterMs } from '../core/retry-after.js';
import { printable } from '../core/text.js';
import { TransientFailure, withWebRetries, type WebRetries } from './web-retries.js';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** A token and the only server that may see it. */
export interface Authorization {
  /** Scheme, host and port, as in `URL.origin`. */
  origin: string;
  token: string;
}

/** What every request needs. */
export interface WebOptions {
  fetch: typeof fetch;
  /** Null sends none. */
  authorization: Authorization | null;
  retries: WebRetries;
  signal: AbortSignal;
}

/**
 * Asks for a document and follows redirects.
 * @returns the answer, whatever its status
 * @throws DataError for a redirect that is not followed; what `fetch` throws
 */
export async function request(
  address: string,
  options: Pick<WebOptions, 'fetch' | 'authorization' | 'signal'> & { headers: Record<string, string> },
): Promise<Response> {
  const { signal, headers } = options;
  let url = new URL(address);
  let { authorization } = options;
  for (let nRedirects = 0; nRedirects <= MAX_REDIRECTS; nRedirects++) {
    // Once a redirect has left the host of the token, the token is not sent again, even if a later redirect leads back.
    if (authorization?.origin !== url.origin) authorization = null;
    const bearer = authorization === null ? {} : { authorization: `Bearer ${authorization.token}` };
    const response = await options.fetch(url, {
      headers: { ...headers, ...bearer },
      redirect: 'manual',
      signal,
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || location === null) return response;
    await response.body?.cancel();
    url = redirected(location, url, address);
  }
  throw refusedRedirect(address, `more than ${MAX_REDIRECTS} redirects`);
}

function redirected(location: string, from: URL, address: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to === null || !['http:', 'https:'].includes(to.protocol)) {
    throw refusedRedirect(address, `a redirect to ${printable(location, 80)}`);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw refusedRedirect(address, `a redirect from https to http (${to.host})`);
  }
  return to;
}

function refusedRedirect(address: string, received: string): DataError {
  return new DataError({
    subject: address,
    expected: 'a few redirects to http or https addresses, never from https to http',
    received,
    remedy: 'Check the address of the server.',
  });
}

/** Throws the failure that an unsuccessful status stands for: a TransientFailure or a DataError. */
export function failForStatus({ status, headers }: Response, address: string): never {
  if (status === 408 || status === 429 || status >= 500) {
    const asked = retryAfterMs(headers.get('retry-after'), { date: headers.get('date'), now: Date.now() });
    throw new TransientFailure(`HTTP status ${status}`, asked);
  }
  const isForbidden = status === 401 || status === 403;
  throw new DataError({
    subject: address,
    expected: 'a file',
    received: `HTTP status ${status}`,
    remedy: isForbidden
      ? 'If the data set requires you to accept its terms, accept them on its page and set HF_TOKEN.'
      : 'The file is not there (any more), or a mirror lacks it.',
  });
}

/** Runs a step that fails when nothing happens for `stallMs`; the step calls `isAlive` when something did. */
export async function unlessStalled<Result>(
  options: { retries: WebRetries; signal: AbortSignal },
  step: (context: { signal: AbortSignal; isAlive: () => void }) => Promise<Result>,
): Promise<Result> {
  const { stallMs } = options.retries;
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    const signal = AbortSignal.any([options.signal, stalled.signal]);
    return await step({ signal, isAlive: () => timer.refresh() });
  } catch (thrown) {
    options.signal.throwIfAborted();
    if (!stalled.signal.aborted) throw thrown;
    throw new TransientFailure(`nothing for ${stallMs / 1000} s`);
  } finally {
    clearTimeout(timer);
  }
}

/** Largest JSON document, in bytes: a page of the hub's listing has about half a megabyte. */
const MOST_JSON_BYTES = 64 * 1024 ** 2;

/** @throws DataError for a document that is too long, of which no more is read */
async function boundedText({ body }: Response, address: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let nBytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    nBytes += chunk.length;
    if (nBytes > MOST_JSON_BYTES) {
      throw new DataError({
        subject: address,
        expected: `a JSON document of at most ${MOST_JSON_BYTES / 1024 ** 2} MiB`,
        received: 'a longer one',
        remedy: 'Check the address of the hub.',
      });
    }
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * Gets a JSON document.
 * @returns the document and the address of the next page, from the `Link` header (RFC 8288)
 * @throws DataError when the server cannot be reached, refuses, or answers something else; the signal's reason when it aborts
 */
export async function getJson<Schema extends z.ZodType>(
  address: string,
  schema: Schema,
  options: WebOptions,
): Promise<{ value: z.output<Schema>; next: string | null }> {
  const headers = { accept: 'application/json' };
  const attempt = (): Promise<{ text: string; link: string }> =>
    unlessStalled(options, async ({ signal }) => {
      const response = await request(address, { ...options, headers, signal });
      if (!response.ok) failForStatus(response, address);
      return { text: await boundedText(response, address), link: response.headers.get('link') ?? '' };
    });
  const { text, link } = await withWebRetries(attempt, { ...options, url: address });
  const parsed = parseJson(text, schema);
  if (!parsed.ok) {
    throw new DataError({
      subject: address,
      expected: 'a JSON document as the hub gives it',
      // Not quoted: a server may repeat the token that it was sent.
      received: parsed.problems,
      remedy: 'Check the address of the hub.',
    });
  }
  const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link)?.[1];
  return { value: parsed.value, next: next ? new URL(next, address).href : null };
}
