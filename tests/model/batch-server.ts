// A Batch API on loopback whose every batch ends as a test decides, and which can be made to misbehave on the way.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A line of an input file, as it came. */
export interface InputLine {
  custom_id: string;
  method: string;
  url: string;
  body: { model: string; n?: number; seed?: number; logprobs?: boolean; messages: { content: string }[] };
}

/** How a batch ends. Values that are texts are written as they are. */
export interface BatchEnd {
  status?: string;
  /** When the server gives it up, in seconds since 1970. */
  expiresAt?: number;
  output?: (object | string)[];
  errors?: (object | string)[];
  /** Reasons of a batch that failed as a whole. */
  problems?: string[];
}

export interface ServedBatch {
  id: string;
  key: string | undefined;
  metadata: Record<string, string>;
  window: string;
  lines: InputLine[];
  end: BatchEnd;
}

export interface BatchServer {
  baseUrl: string;
  batches: ServedBatch[];
  /** Requests so far, as `METHOD /path`. */
  asked: string[];
  /** Looks at a batch before it ends. */
  nLooks: number;
  /** Handles a request in the server's place by answering true. */
  sabotage: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Forgets a batch. */
  forget: (batchId: string) => void;
  close: () => Promise<void>;
}

/** Starts a server. @param script decides how the k-th batch (from 0) ends */
export async function startBatchServer(
  script: (lines: InputLine[], index: number) => BatchEnd,
): Promise<BatchServer> {
  const files = new Map<string, string>();
  const looks = new Map<string, number>();
  const server: BatchServer = {
    baseUrl: '',
    batches: [],
    asked: [],
    nLooks: 1,
    sabotage: () => false,
    forget: (batchId) => {
      server.batches = server.batches.filter(({ id }) => id !== batchId);
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => {
          resolve();
        });
        http.closeAllConnections();
      }),
  };
  const addFile = (content: string): string => {
    const id = `file-${files.size + 1}`;
    files.set(id, content);
    return id;
  };
  const view = (batch: ServedBatch): object => {
    const seen = looks.get(batch.id) ?? 0;
    looks.set(batch.id, seen + 1);
    const { status = 'completed', expiresAt, output, errors, problems } = batch.end;
    const hasEnded = seen > server.nLooks;
    const fileOf = (lines: (object | string)[] | undefined): string | null =>
      hasEnded && lines && lines.length > 0
        ? addFile(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'))
        : null;
    return {
      id: batch.id,
      object: 'batch',
      status: hasEnded ? status : 'in_progress',
      created_at: Math.floor(Date.now() / 1000),
      ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      metadata: batch.metadata,
      output_file_id: fileOf(output),
      error_file_id: fileOf(errors),
      request_counts: { total: batch.lines.length, completed: 0, failed: 0 },
      errors: problems ? { object: 'list', data: problems.map((message) => ({ message, line: 1 })) } : null,
    };
  };
  const answer = (request: IncomingMessage, text: string, response: ServerResponse): void => {
    const path = request.url ?? '';
    const batchId = /^\/v1\/batches\/([^/?]+)/.exec(path)?.[1];
    const fileId = /^\/v1\/files\/([^/?]+)\/content/.exec(path)?.[1];
    if (request.method === 'POST' && path === '/v1/files') {
      // Between the blank line after the part's headers and the boundary: each line of JSON begins with a brace.
      const id = addFile(
        text
          .split(/\r?\n/)
          .filter((line) => line.startsWith('{'))
          .join('\n'),
      );
      send(response, 200, { id, object: 'file', purpose: 'batch' });
    } else if (request.method === 'POST' && path === '/v1/batches') {
      const body = JSON.parse(text) as {
        input_file_id: string;
        metadata: Record<string, string>;
        completion_window: string;
      };
      const lines = (files.get(body.input_file_id) ?? '')
        .split('\n')
        .map((line) => JSON.parse(line) as InputLine);
      const batch: ServedBatch = {
        id: `batch_${server.batches.length + 1}`,
        key: request.headers['idempotency-key'] as string | undefined,
        metadata: body.metadata,
        window: body.completion_window,
        lines,
        end: script(lines, server.batches.length),
      };
      server.batches.push(batch);
      if (!server.sabotage(request, response)) send(response, 200, view(batch));
    } else if (batchId !== undefined) {
      const batch = server.batches.find(({ id }) => id === batchId);
      if (batch) send(response, 200, view(batch));
      else send(response, 404, { error: { message: 'no such batch' } });
    } else if (path.startsWith('/v1/batches')) {
      const data = [...server.batches].reverse().map(view);
      send(response, 200, { object: 'list', data, has_more: false });
    } else if (fileId !== undefined && files.has(fileId)) {
      response.writeHead(200, { 'content-type': 'application/jsonl' }).end(files.get(fileId));
    } else send(response, 404, { error: { message: 'not found' } });
  };
  const http = createServer((request, response) => {
    server.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const isCreation = request.method === 'POST' && request.url === '/v1/batches';
      if (isCreation || !server.sabotage(request, response)) answer(request, text, response);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
  return server;
}

function send(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A result with these texts; `echo` of the prompt where none are given. */
export function answered({ custom_id, body }: InputLine, texts?: string[]): object {
  const said =
    texts ?? Array.from({ length: body.n ?? 1 }, (_, i) => `${body.messages[0]?.content ?? ''} ${i}`);
  return {
    id: `r-${custom_id}`,
    custom_id,
    response: {
      status_code: 200,
      body: {
        choices: said.map((content, index) => ({ index, message: { content }, finish_reason: 'stop' })),
        usage: { prompt_tokens: 7, completion_tokens: 3 * said.length },
      },
    },
    error: null,
  };
}

/** A refusal with this status. */
export function refused({ custom_id }: InputLine, status: number, message = 'the reason'): object {
  return { custom_id, response: { status_code: status, body: { error: { message } } }, error: null };
}
