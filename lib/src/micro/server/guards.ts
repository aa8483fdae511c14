// Which requests are let in: those with the API key, and none from a web page of another site.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { ApiError } from './api-error.js';

/** Whether a host name or address can only mean this machine. */
export function isLoopback(host: string): boolean {
  const name = bare(host).replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true;
  return isIP(name) === 4 && name.startsWith('127.');
}

/** Whether a server bound to this address accepts connections to every address of the machine. */
function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '[::]';
}

/**
 * Checks that a request was meant for this server. A web page can make a browser connect to a loopback address under the
 * page's own host name (DNS rebinding) or send it simple requests; both show in the Host and Origin headers.
 *
 * @param boundHost the address that the server listens on; a wildcard address accepts any name, since it needs a key
 * @returns a check that throws ApiError 403
 */
export function hostGuard(boundHost: string): (request: Pick<IncomingMessage, 'headers'>) => void {
  if (isWildcard(boundHost)) return () => undefined;
  const bound = bare(boundHost);
  const isOurs = (host: string): boolean => isLoopback(host) || bare(host) === bound;
  // Clients send the same header again and again, so the last good one is remembered.
  let lastGoodHost: string | undefined;
  return ({ headers }) => {
    const { host, origin } = headers;
    if (host !== lastGoodHost || host === undefined) {
      if (host === undefined || !isOurs(withoutPort(host))) throw foreign('Host', host);
      lastGoodHost = host;
    }
    if (origin !== undefined && !isOurs(originHost(origin))) throw foreign('Origin', origin);
  };
}

/** A host name or address without the brackets that an IPv6 address has in a URL. */
function bare(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

function foreign(header: string, value: string | undefined): ApiError {
  const received = value === undefined ? 'none' : `"${value.slice(0, 100)}"`;
  return new ApiError(
    403,
    `The ${header} header must name this server's own address or localhost, received ${received}. ` +
      'Use http://127.0.0.1:<port>, or bind the server to the name that you want to use.',
    { code: 'foreign_host' },
  );
}

function withoutPort(host: string): string {
  return host.replace(/:\d*$/, '');
}

function originHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : origin;
}

/**
 * Checks the API key of a request, in constant time.
 * @returns a check that throws ApiError 401; without a key it lets every request in
 */
export function keyGuard(apiKey: string | undefined): (request: Pick<IncomingMessage, 'headers'>) => void {
  if (apiKey === undefined) return () => undefined;
  // Digests have one length, so that the comparison reveals nothing about the length of the key.
  const expected = digest(apiKey);
  return ({ headers: { authorization } }) => {
    const given = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    throw new ApiError(
      401,
      given === undefined
        ? 'This server needs an API key. Send the header "Authorization: Bearer <key>".'
        : 'This API key is not the one that the server was started with.',
      {
        code: given === undefined ? 'missing_api_key' : 'invalid_api_key',
        headers: { 'www-authenticate': 'Bearer' },
      },
    );
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
