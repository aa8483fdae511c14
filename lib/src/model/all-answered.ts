// Several requests for one input: when one of them fails, the others still finish, since they may be paid for.
import { ModelError } from '../core/errors.js';

/**
 * Waits for all, like `Promise.all`, and gives their results in order. A failure that concerns this input alone is thrown only when the
 * others have ended, so that their answers are stored and counted; any other failure is thrown at once, since it stops the run.
 * @throws the first failure that stops everything, else the first one
 */
export async function allAnswered<Results extends readonly unknown[] | []>(
  results: Results,
): Promise<{ -readonly [Place in keyof Results]: Awaited<Results[Place]> }> {
  const lost: ModelError[] = [];
  const ended = await Promise.all(
    results.map(async (result) => {
      try {
        return await result;
      } catch (thrown) {
        if (!(thrown instanceof ModelError) || thrown.scope !== 'request') throw thrown;
        lost.push(thrown);
        return undefined;
      }
    }),
  );
  const [first] = lost;
  if (first) throw first;
  return ended as { -readonly [Place in keyof Results]: Awaited<Results[Place]> };
}
