// How the requests of a run are sent: one by one, or gathered into batches.
import { join } from 'node:path';
import { BatchEndpoint, type ChatEndpoint, type EngineListener } from '../../model/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { baseUrlsOf, RUN_RETRIES, serverIdentity, type ConnectedEndpoint } from './endpoint.js';

/** Sends requests. */
export interface Executor {
  endpoint: ChatEndpoint;
  /** Inputs of a stage that should be in progress at once. */
  lookAhead: number;
  /** Warnings for the user after the last request. */
  warnings: () => string[];
  /** Closes it; answers are kept. */
  close: () => Promise<void>;
}

/** Inputs in progress per request in flight, so that one slow request does not block those behind it. */
const INPUTS_PER_REQUEST = 4;
/** Inputs of a stage that are held in memory while they wait for their batch. */
const MOST_GATHERED = 20_000;

/**
 * The executor that an experiment asks for.
 * @param options.completionsFolder also records submitted batches, for all runs that share it
 * @throws DataError
 */
export async function executorOf(
  config: ExperimentConfig,
  { endpoint, redact, extras }: ConnectedEndpoint,
  { completionsFolder, onEvent }: { completionsFolder: string; onEvent: EngineListener },
): Promise<Executor> {
  const { endpoint: settings } = config;
  const { batch, concurrency } = settings;
  if (!batch) {
    const nServers = settings.provider === 'openai' ? baseUrlsOf(settings).length : 1;
    const lookAhead = INPUTS_PER_REQUEST * concurrency * nServers;
    return { endpoint, lookAhead, warnings: () => [], close: () => Promise.resolve() };
  }
  const gathering = await BatchEndpoint.open({
    ...batch,
    client: await endpoint.openClient(),
    // A batch takes hours: an unreachable server is waited for, as between requests.
    retry: {
      ...RUN_RETRIES,
      giveUpAfterMs: 'giveUpAfterMs' in settings ? settings.giveUpAfterMs : undefined,
    },
    redact,
    extras,
    identity: await serverIdentity(config),
    folder: join(completionsFolder, 'batches'),
    onEvent,
  });
  return {
    endpoint: gathering,
    lookAhead: Math.min(gathering.lookAhead, MOST_GATHERED),
    warnings: () => strayWarning(gathering.strays),
    close: () => gathering.close(),
  };
}

/** Results of batches that belong to no request. */
function strayWarning({ nUnknown, nDuplicate, nUnreadable }: BatchEndpoint['strays']): string[] {
  if (nUnknown + nDuplicate + nUnreadable === 0) return [];
  return [
    `lines in the results of batches were skipped: ${nUnknown} of unknown requests, ${nDuplicate} of requests answered before, ${nUnreadable} that cannot be read`,
  ];
}
