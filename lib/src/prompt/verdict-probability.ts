// How probable the other verdict was: read from the log-probabilities at the token that holds the letter of the last marker.
import { checkNumber, LOG_PROBABILITY } from '../core/statistics/checks.js';
import type { TokenLogprobs } from '../schema/chat.js';
import { lastMarker, MARKERS } from './markers.js';
import { answerStart } from './thinking.js';

/** How a judge's probability was spread over the letters at its verdict. */
export interface VerdictProbability {
  /** P(A) / (P(A) + P(B)), 0 to 1: the probability of A, given that the verdict was A or B. */
  probabilityOfA: number;
  /** P(A) + P(B) + P(C), 0 to 1: how much of the judge's probability lay on a marker at all. Near 1 for a sure format. */
  coveredMass: number;
}

/**
 * The probability of A at the last marker of a judgment. The letter may be a token of its own (`[[`, `A`, `]]`) or part of one
 * (`[[A`, ` [[A]]`): an alternative counts for a letter when, put in the place of that token, it makes or begins the marker of that letter.
 *
 * @param tokens all tokens of the completion, in order, their texts making up its text
 * @returns null without log-probabilities, without a marker after the thinking, or when the alternatives do not hold both A and B. The one that is
 *   missing is then only known to be rarer than the rarest alternative listed, and a bound is not a probability.
 * @throws RangeError for a letter whose log-probability is no number
 * @example verdictProbability(tokens)?.probabilityOfA;
 */
export function verdictProbability(tokens: readonly TokenLogprobs[] | undefined): VerdictProbability | null {
  if (tokens === undefined) return null;
  const text = tokens.map((token) => token.text).join('');
  const start = answerStart(text);
  const marker = lastMarker(text);
  if (start === null || marker === null || marker.start < start) return null;
  const place = tokenAt(tokens, marker.start + LETTER_OFFSET);
  if (place === null) return null;
  const { token, offset } = place;
  const prefix = token.text.slice(0, offset);
  const masses = { A: 0, B: 0, tie: 0 };
  const isHeld = { A: false, B: false, tie: false };
  for (const { text, logprob } of withChosen(token)) {
    const kind = completedBy(text, prefix);
    if (kind === null) continue;
    checkNumber(logprob, 'verdictProbability(logprob)', LOG_PROBABILITY);
    masses[kind] += Math.exp(logprob);
    isHeld[kind] = true;
  }
  const { A, B, tie } = masses;
  // Both may be so rare that their probability is zero in floating point: then nothing is known of their ratio.
  if (!isHeld.A || !isHeld.B || A + B === 0) return null;
  return { probabilityOfA: A / (A + B), coveredMass: Math.min(1, A + B + tie) };
}

/** The letter of a marker stands after its two brackets. */
const LETTER_OFFSET = 2;

/** The token that holds the character at `position`, and where in the token that is. */
function tokenAt(
  tokens: readonly TokenLogprobs[],
  position: number,
): { token: TokenLogprobs; offset: number } | null {
  let start = 0;
  for (const token of tokens) {
    if (position < start + token.text.length) return { token, offset: position - start };
    start += token.text.length;
  }
  return null;
}

/** The alternatives with the token that was chosen, which some servers list among them and others do not. */
function withChosen({ text, logprob, alternatives }: TokenLogprobs): { text: string; logprob: number }[] {
  return alternatives.some((alternative) => alternative.text === text)
    ? alternatives
    : [{ text, logprob }, ...alternatives];
}

/** The verdict that a token makes or begins in the place of the letter: "A", "A]", "A]]" and "A]]." do, "Assistant" does not. */
function completedBy(text: string, prefix: string): 'A' | 'B' | 'tie' | null {
  if (!text.startsWith(prefix)) return null;
  const rest = text.slice(prefix.length);
  for (const kind of ['A', 'B', 'tie'] as const) {
    const letterOn = MARKERS[kind].slice(LETTER_OFFSET);
    if (rest !== '' && (letterOn.startsWith(rest) || rest.startsWith(letterOn))) return kind;
  }
  return null;
}
