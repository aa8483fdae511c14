// Whether a server of the OpenAI API still has a model, asked so that only a certain absence counts.
import type OpenAI from 'openai';
import { isApiError } from '../model/index.js';

/**
 * Whether a model is certainly gone.
 * @throws the failure of a server that does not answer
 */
export async function isModelGone(client: OpenAI, model: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.models.retrieve(model, { signal });
    return false;
  } catch (thrown) {
    if (isForbidden(thrown)) return false;
    if (!isMissing(thrown)) throw thrown;
  }
  // Some servers can list models but not retrieve one, or neither.
  try {
    let nListed = 0;
    for await (const { id } of client.models.list({ signal })) {
      if (id === model) return false;
      nListed++;
    }
    return nListed > 0;
  } catch (thrown) {
    if (isForbidden(thrown) || isMissing(thrown)) return false;
    throw thrown;
  }
}

/** Whether a server does not have what was asked for. */
export function isMissing(thrown: unknown): boolean {
  return isApiError(thrown) && (thrown.status === 404 || thrown.status === 405);
}

/** Whether this key may create jobs but not look at models. */
function isForbidden(thrown: unknown): boolean {
  return isApiError(thrown) && (thrown.status === 401 || thrown.status === 403);
}
