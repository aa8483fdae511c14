// Connections to servers: kept alive and through the proxy of the environment, with undici (https://undici.nodejs.org). It is loaded with
// the first request, so that commands without requests start faster.
import type { Dispatcher, FormData as UndiciFormData } from 'undici';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of connections. */
export interface ConnectionOptions {
  /** Most connections to each server, 1 or more. */
  connections: number;
  /** Source of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Default: no proxy. */
  environment?: Environment | undefined;
}

const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

const UNREACHED_CODES = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

/** Whether an error code means that no connection could be opened. */
export function isUnreachedCode(code: string): boolean {
  return UNREACHED_CODES.includes(code);
}

/** Connections to any number of servers. */
export class Connections {
  readonly #options: ConnectionOptions;
  #dispatcher: Dispatcher | null = null;
  #opening: Promise<Dispatcher> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** The undici dispatcher; null before the first request, see {@link open}. */
  get dispatcher(): Dispatcher | null {
    return this.#dispatcher;
  }

  /** Loads undici. */
  open(): Promise<Dispatcher> {
    return (this.#opening ??= createDispatcher(this.#options).then((dispatcher) => {
      this.#dispatcher = dispatcher;
      return dispatcher;
    }));
  }

  /** The standard `fetch` over these connections. */
  get fetch(): typeof fetch {
    const pooled = async (input: unknown, init: RequestInit = {}): Promise<unknown> => {
      const dispatcher = await this.open();
      const undici = await import('undici');
      const body = init.body instanceof FormData ? copyOf(init.body, new undici.FormData()) : init.body;
      // The types of undici's fetch and of Node's differ in name only.
      const options = { ...init, body, dispatcher } as unknown as Parameters<typeof undici.fetch>[1];
      return undici.fetch(input as Parameters<typeof undici.fetch>[0], options);
    };
    // The `openai` package checks this for uploads.
    return Object.assign(pooled, { Response }) as unknown as typeof fetch;
  }

  /** Closes all connections. */
  async close(): Promise<void> {
    await (await this.#opening)?.destroy();
  }
}

async function createDispatcher({ connections, environment = {} }: ConnectionOptions): Promise<Dispatcher> {
  const { Agent, EnvHttpProxyAgent } = await import('undici');
  const settings = {
    connections,
    // One request at a time on each connection, so that responses cannot be confused.
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // Requests have a time limit of their own.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const value = (name: string): string | undefined => environment[name.toLowerCase()] ?? environment[name];
  const [httpProxy, httpsProxy] = [value('HTTP_PROXY'), value('HTTPS_PROXY')];
  if (!httpProxy && !httpsProxy) return new Agent(settings);
  return new EnvHttpProxyAgent({
    ...settings,
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    // Loopback addresses bypass the proxy.
    noProxy: [value('NO_PROXY'), 'localhost', '127.0.0.1', '::1', '[::1]'].filter(Boolean).join(','),
  });
}

function copyOf(form: FormData, copy: UndiciFormData): UndiciFormData {
  for (const [name, value] of form) {
    if (typeof value === 'string') copy.append(name, value);
    else copy.append(name, value, value.name);
  }
  return copy;
}
