// A client whose program is stopped at one of its requests: before the request is sent, or after the server has handled it.
import OpenAI from 'openai';

/**
 * Does some work with a client that is interrupted at a step. Each request has two: it is not sent, or its answer is lost.
 * @param step from 1
 * @returns whether the work came to its end before that step
 */
export async function interruptedClient(
  { baseURL, step }: { baseURL: string; step: number },
  work: (client: OpenAI, signal: AbortSignal) => Promise<unknown>,
): Promise<boolean> {
  const stop = new AbortController();
  let nRequests = 0;
  const client = new OpenAI({
    baseURL,
    apiKey: 'none',
    maxRetries: 0,
    organization: null,
    project: null,
    logLevel: 'off',
    fetch: async (url, options) => {
      nRequests++;
      if (nRequests < Math.ceil(step / 2)) return fetch(url, options);
      if (step % 2 === 0) await (await fetch(url, options)).text();
      stop.abort(new Error('interrupted'));
      throw new TypeError('the connection is lost');
    },
  });
  try {
    await work(client, stop.signal);
  } catch (thrown) {
    if (!stop.signal.aborted) throw thrown;
  }
  return !stop.signal.aborted;
}
