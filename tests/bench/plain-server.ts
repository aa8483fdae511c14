// A chat completions server that answers everything alike after a fixed time: what it costs is the client's to show. Started through
// compiled-script.ts; writes its address as its one line, and ends when its standard input does.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server behaves. */
export interface PlainServerTask {
  latencyMs: number;
  /** Length of an answer's text. */
  answerCharacters: number;
}

function start({ latencyMs, answerCharacters }: PlainServerTask): void {
  const content = 'The first answer is better. '.repeat(Math.ceil(answerCharacters / 28));
  const answer = Buffer.from(
    JSON.stringify({
      id: 'chatcmpl-0',
      object: 'chat.completion',
      created: 0,
      model: 'bench',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop', logprobs: null }],
      usage: { prompt_tokens: 256, completion_tokens: 128, total_tokens: 384 },
    }),
  );
  const headers = { 'content-type': 'application/json', 'content-length': answer.length };
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      setTimeout(() => {
        response.writeHead(200, headers);
        response.end(answer);
      }, latencyMs);
    });
  });
  // Longer than any client is measured.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1\n`);
  });
}

start(JSON.parse(process.argv[2] ?? '') as PlainServerTask);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
