// Stop texts: where a completion ends because its text holds one, and which tokens may already be shown while it is growing.

/** What is known after a token. */
export interface StopCheck {
  /** Whether a stop text has appeared. */
  stopped: boolean;
  /** Tokens that certainly belong to the completion: all before the stop text, or before what may become one. */
  nKept: number;
}

/**
 * Looks for stop texts in the text of `tokens`. A token that holds the beginning of a stop text is cut off as a whole.
 * @param decodeTokens text of tokens; the text of more tokens must begin with the text of fewer.
 */
export function checkStopTexts(
  tokens: readonly number[],
  stop: readonly string[],
  decodeTokens: (tokens: readonly number[]) => string,
): StopCheck {
  if (stop.length === 0) return { stopped: false, nKept: tokens.length };
  const text = decodeTokens(tokens);
  const places = stop.map((wanted) => text.indexOf(wanted)).filter((place) => place >= 0);
  const stopped = places.length > 0;
  const end = stopped
    ? Math.min(...places)
    : text.length - Math.max(...stop.map((wanted) => beginning(text, wanted)));
  let nKept = tokens.length;
  while (nKept > 0 && decodeTokens(tokens.slice(0, nKept)).length > end) nKept -= 1;
  return { stopped, nKept };
}

/** Length of the longest end of `text` with which `wanted` begins. */
function beginning(text: string, wanted: string): number {
  for (let length = Math.min(text.length, wanted.length - 1); length > 0; length--) {
    if (text.endsWith(wanted.slice(0, length))) return length;
  }
  return 0;
}
