// Bodies of unsuccessful answers, so that errors of the `openai` package show them: it reads `{"error": …}` alone, as OpenAI and vLLM
// answer, and of `{"detail": …}` (FastAPI) or `{"message": …}` it says "no body" (openai 6.49, `core/error.ts`).
import { unlisted } from './server-error.js';

/** A `fetch` whose unsuccessful answers, where they are JSON objects, have an `error`. */
export function withErrorBodies(plain: typeof fetch): typeof fetch {
  const wrapped = async (...request: Parameters<typeof fetch>): Promise<Response> => {
    const answer = await plain(...request);
    if (answer.ok) return answer;
    const text = await answer.text();
    return new Response(withError(text), { status: answer.status, headers: [...answer.headers] });
  };
  // The package checks for `Response` before uploads.
  return Object.assign(wrapped, plain);
}

function withError(text: string): string {
  try {
    const value = unlisted(JSON.parse(text));
    if (typeof value !== 'object' || value === null) return text;
    return JSON.stringify('error' in value && value.error ? value : { error: value });
  } catch {
    return text;
  }
}
