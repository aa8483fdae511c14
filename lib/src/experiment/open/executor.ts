// How the requests of a run are asked: one by one as they come, or gathered into batches.
import { join } from 'node:path';
import { BatchEndpoint, type ChatEndpoint, type EngineListener } from '../../model/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { baseUrlsOf, RUN_RETRIES, serverIdentity, type ConnectedEndpoint } from './endpoint.js';

/** Something that asks. */
export interface Executor {
  endpoint: ChatEndpoint;
  /** Inputs of a stage that should be under way at once. */
  lookAhead: number;
  /** What the user should know once it has asked. */
  warnings: () => string[];
  /** Ends it; what was answered stays. */
  close: () => Promise<void>;
}

/** Inputs under way for each request that may be in flight, so that one slow request does not hold up those behind it. */
const INPUTS_PER_REQUEST = 4;
/** Inputs of a stage that are held in memory while they wait for their batch. */
const MOST_GATHERED = 20_000;

/**
 * The executor that an experiment asks for.
 * @param options.completionsFolder also remembers which batches were handed in, for all runs that share it
 * @throws DataError
 */
export async function executorOf(
  config: ExperimentConfig,
  { endpoint, redact }: ConnectedEndpoint,
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
    // A batch takes hours: a server that is away meanwhile is waited for, as it is between requests.
    retry: {
      ...RUN_RETRIES,
      giveUpAfterMs: 'giveUpAfterMs' in settings ? settings.giveUpAfterMs : undefined,
    },
    redact,
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

/** Results of batches that were no request's. */
function strayWarning({ nUnknown, nDuplicate, nUnreadable }: BatchEndpoint['strays']): string[] {
  if (nUnknown + nDuplicate + nUnreadable === 0) return [];
  return [
    `lines in the results of batches were passed over: ${nUnknown} of unknown requests, ${nDuplicate} of requests answered before, ${nUnreadable} that cannot be read`,
  ];
}
