// A JSON object in the text of a completion.

/** Texts in quotes may hold braces. */
export const INNERMOST = /\{(?:[^{}"]|"(?:[^"\\\n]|\\.)*")*\}/g;

/** The last JSON object without objects inside it; null where there is none. Never throws. */
export function lastObject(text: string): Record<string, unknown> | null {
  for (const [found] of [...text.matchAll(INNERMOST)].reverse()) {
    try {
      return JSON.parse(found) as Record<string, unknown>;
    } catch {
      // Braces that are no JSON.
    }
  }
  return null;
}
