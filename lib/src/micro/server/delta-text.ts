// Decides how much of a growing completion may be sent: no word that a stop text may still cut off.
import { decodeTokens } from '../tokenizer.js';

/** Collects the tokens of one choice and releases those that no stop text can cut off any more. */
export class DeltaText {
  readonly #stop: readonly string[];
  readonly #tokens: number[] = [];
  /** How many tokens have been released. */
  #nReleased = 0;

  constructor(stop: readonly string[]) {
    this.#stop = stop;
  }

  /** How many tokens have been released so far. */
  get nReleased(): number {
    return this.#nReleased;
  }

  /** Takes one more token; returns the tokens that may be sent now, in order. */
  push(token: number): number[] {
    this.#tokens.push(token);
    const nCertain = this.#stop.length === 0 ? this.#tokens.length : this.#certainTokens();
    const released = this.#tokens.slice(this.#nReleased, nCertain);
    this.#nReleased = Math.max(this.#nReleased, nCertain);
    return released;
  }

  /** How many tokens end before the first place where a stop text begins or may begin. */
  #certainTokens(): number {
    const text = decodeTokens(this.#tokens);
    const limit = Math.min(...this.#stop.map((stop) => stopStart(text, stop)));
    let nCertain = 0;
    let end = -1;
    for (const token of this.#tokens) {
      end += 1 + decodeTokens([token]).length;
      if (end > limit) break;
      nCertain++;
    }
    return nCertain;
  }
}

/** Where `stop` begins in `text`, or where its beginning stands at the end of `text`; else the text's length. */
function stopStart(text: string, stop: string): number {
  const found = text.indexOf(stop);
  if (found !== -1) return found;
  for (let start = Math.max(0, text.length - stop.length + 1); start < text.length; start++) {
    if (stop.startsWith(text.slice(start))) return start;
  }
  return text.length;
}
