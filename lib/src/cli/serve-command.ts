// `autodidact serve`: the embedded model behind the OpenAI API, until it is stopped.
import { once } from 'node:events';
import { ConfigError } from '../core/errors.js';
import { SEED_MODEL_ID } from '../micro/seed-model.js';
import { printResult } from './shared-options.js';

/** Options of the command. */
export interface ServeCommandOptions {
  host: string;
  port: number;
  state: string;
  workers?: number;
  apiKeyEnv?: string;
  json: boolean;
}

/** Serves until the signal aborts. @throws ConfigError when the key is missing or the address cannot be used */
export async function serveCommand(options: ServeCommandOptions, signal: AbortSignal): Promise<void> {
  const { host, port, state, workers, apiKeyEnv } = options;
  const apiKey = readKey(apiKeyEnv);
  // Loaded for this command only, so that the others start faster.
  const { startServer } = await import('../micro/server/start.js');
  const server = await startServer({
    host,
    port,
    stateFolder: state,
    ...(workers === undefined ? {} : { nWorkers: workers }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
  printResult({ baseUrl: server.baseUrl, model: SEED_MODEL_ID }, options, ({ baseUrl }) =>
    greeting(baseUrl, apiKeyEnv),
  );
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
}

function readKey(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const key = process.env[name]?.trim() ?? '';
  if (key !== '') return key;
  throw new ConfigError({
    subject: '--api-key-env',
    expected: `an environment variable ${name} that holds the key`,
    received: process.env[name] === undefined ? 'none' : 'an empty one',
    remedy: `Set it: export ${name}=…`,
  });
}

function greeting(baseUrl: string, apiKeyEnv: string | undefined): string {
  const header = apiKeyEnv === undefined ? '' : ` -H "Authorization: Bearer $${apiKeyEnv}"`;
  const body = JSON.stringify({
    model: SEED_MODEL_ID,
    messages: [{ role: 'user', content: 'answer compute 7 + 2 * 6 - 3 * 4' }],
    temperature: 0,
  });
  return `serving ${SEED_MODEL_ID} at ${baseUrl}

try:  curl -s ${baseUrl}/chat/completions${header} -H 'Content-Type: application/json' -d '${body}'
stop: Ctrl-C`;
}
