// Who may see a view: a browser that was given its address, under the name of this machine, from no page of another site.
import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../core/hash.js';

/** What is known of a request before it is answered. */
export interface AskedPage {
  host: string | undefined;
  origin: string | undefined;
  /** The first part of the path. */
  token: string;
}

/**
 * Why a request is refused; null: it is let in. A page of another site can make a browser connect to a loopback address, under its own host
 * name (DNS rebinding) or not; both show in the headers.
 * @param ours the token and the port of the view
 */
export function refusalOf(
  { host, origin, token }: AskedPage,
  ours: { token: string; port: number },
): string | null {
  const names = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${ours.port}`);
  if (host === undefined || !names.includes(host.toLowerCase()))
    return `expected one of the hosts ${names.join(', ')}`;
  if (origin !== undefined && !names.some((name) => origin.toLowerCase() === `http://${name}`))
    return 'expected no other site to ask';
  // Digests have one length, so that the comparison tells nothing of the token.
  const isToken = timingSafeEqual(Buffer.from(sha256(token)), Buffer.from(sha256(ours.token)));
  return isToken ? null : 'expected the whole address that autodidact view printed, with its token';
}
