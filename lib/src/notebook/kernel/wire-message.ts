// Messages between a client and a kernel, signed (https://jupyter-client.readthedocs.io/en/stable/messaging.html, protocol 5.3).
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DataError, messageOf } from '../../core/errors.js';
import { printable } from '../../core/text.js';

/** Ends the routing prefix. */
const DELIMITER = '<IDS|MSG>';
/** Signature, header, parent header, metadata, content. */
const N_PARTS = 5;

const headerSchema = z.object({ msg_id: z.string(), msg_type: z.string() });
const contentSchema = z.record(z.string(), z.unknown());
const parentSchema = z.object({ msg_id: z.string().optional() });

/** A message as a kernel sends it. */
export interface KernelMessage {
  /** E.g. `stream`, `execute_reply`. */
  type: string;
  /** Id of the request that it belongs to, or null. */
  parentId: string | null;
  content: Readonly<Record<string, unknown>>;
}

/** A request, ready to be signed. */
export interface Request {
  id: string;
  type: string;
  session: string;
  content: Readonly<Record<string, unknown>>;
}

/** A request with an id of its own. */
export function requestOf(type: string, session: string, content: Request['content']): Request {
  return { id: randomUUID(), type, session, content };
}

/** The frames of a request, signed with the connection's key. */
export function signedFrames(request: Request, key: string): string[] {
  const header = {
    msg_id: request.id,
    session: request.session,
    username: 'autodidact',
    date: new Date().toISOString(),
    msg_type: request.type,
    version: '5.3',
  };
  const parts = [header, {}, {}, request.content].map((part) => JSON.stringify(part));
  return [DELIMITER, signatureOf(parts, key), ...parts];
}

/**
 * Reads the frames of a message.
 * @throws DataError when they are not a message, or not signed with this key
 */
export function verifiedMessage(frames: readonly Uint8Array[], key: string): KernelMessage {
  const buffers = frames.map((frame) => Buffer.from(frame));
  const start = buffers.findIndex((frame) => frame.toString('latin1') === DELIMITER);
  const [signature, ...parts] = buffers.slice(start + 1, start + 1 + N_PARTS);
  if (start < 0 || signature === undefined || parts.length < N_PARTS - 1) throw unreadable('too few frames');
  const expected = Buffer.from(signatureOf(buffers.slice(start + 2), key), 'latin1');
  if (expected.length !== signature.length || !timingSafeEqual(expected, signature)) {
    throw new DataError({
      subject: 'a message of the kernel',
      expected: "the signature of this connection's key",
      received: 'a different signature',
      remedy: 'Another process uses the ports of this kernel; run it again.',
    });
  }
  try {
    const [header, parent, , content] = parts.map((part): unknown => JSON.parse(part.toString('utf8')));
    return {
      type: headerSchema.parse(header).msg_type,
      parentId: parentSchema.parse(parent).msg_id ?? null,
      content: contentSchema.parse(content),
    };
  } catch (cause) {
    throw unreadable(messageOf(cause), cause);
  }
}

function signatureOf(parts: readonly (string | Uint8Array)[], key: string): string {
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

function unreadable(received: string, cause?: unknown): DataError {
  return new DataError({
    subject: 'a message of the kernel',
    expected: 'a message of protocol 5.3',
    received: printable(received),
    remedy: 'Check the version of the kernel.',
    cause,
  });
}
