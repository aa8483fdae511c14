// A server of files and jobs on loopback whose answers a test decides, for what the embedded server does not do.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI from 'openai';

/** A request as it came. */
export interface SeenRequest {
  method: string;
  path: string;
  body: string;
}

/** Answers a request: a status and a JSON value. */
export type Answer = (request: SeenRequest) => { status?: number; json: unknown };

/** A running server. */
export interface ScriptedTrainerServer {
  client: OpenAI;
  seen: SeenRequest[];
  /** The JSON body of the only request to a path. */
  bodyOf: (path: string) => unknown;
  close: () => Promise<void>;
}

/** Starts a server below `/v1`. */
export async function startScriptedTrainer(answer: Answer): Promise<ScriptedTrainerServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const path = (request.url ?? '').replace(/^\/v1/, '');
      const one = { method: request.method ?? '', path, body };
      seen.push(one);
      const { status = 200, json } = answer(one);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new OpenAI({
    baseURL: `http://127.0.0.1:${port}/v1`,
    apiKey: 'none',
    maxRetries: 0,
    organization: null,
    project: null,
    logLevel: 'off',
  });
  return {
    client,
    seen,
    bodyOf: (path) => {
      const [only, ...others] = seen.filter((one) => one.method === 'POST' && one.path === path);
      if (only === undefined || others.length > 0)
        throw new Error(`${others.length + 1} requests to ${path}`);
      return JSON.parse(only.body) as unknown;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
