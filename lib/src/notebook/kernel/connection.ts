// Where a kernel listens: free ports on loopback and a key, in a file that only this user can read.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const HOST = '127.0.0.1';
const SOCKETS = ['shell', 'iopub', 'stdin', 'control', 'hb'] as const;

/** The addresses of one kernel and the key that signs its messages. */
export interface KernelConnection {
  /** Path of the connection file. */
  path: string;
  key: string;
  /** E.g. `tcp://127.0.0.1:4711`. */
  addresses: Readonly<Record<(typeof SOCKETS)[number], string>>;
  /** Removes the file. */
  remove(): Promise<void>;
}

/** Writes the connection file of a kernel that is about to start. */
export async function createConnection(): Promise<KernelConnection> {
  const ports = await freePorts(SOCKETS.length);
  const key = randomBytes(32).toString('hex');
  const portOf = Object.fromEntries(SOCKETS.map((socket, i) => [`${socket}_port`, ports[i]]));
  const folder = await mkdtemp(join(tmpdir(), 'autodidact-kernel-'));
  const path = join(folder, 'connection.json');
  const content = { ...portOf, ip: HOST, transport: 'tcp', key, signature_scheme: 'hmac-sha256' };
  await writeFile(path, JSON.stringify(content), { mode: 0o600 });
  const addresses = Object.fromEntries(
    SOCKETS.map((socket, i) => [socket, `tcp://${HOST}:${ports[i] ?? 0}`]),
  ) as KernelConnection['addresses'];
  return {
    path,
    key,
    addresses,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Ports that are free now; all are held until the last is found, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => resolve(server));
  });
}
