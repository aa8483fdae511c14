// Judges of whose texts no verdict could be read: how they end, and which rule would read them.
import { parseVerdict, verdictRuleSchema, type VerdictRule } from '../prompt/index.js';
import type { UnreadJudge } from '../schema/scoring.js';
import type { ReadJudgment } from './recorded/index.js';

/** So many texts of a judge are kept, to try other rules on. */
const MOST_TRIED = 50;
/** The end of a text is kept, where a verdict stands, and so much of that is shown; in UTF-16 units. */
const KEPT_LENGTH = 4000;
const SHOWN_LENGTH = 80;

interface Texts {
  rule: string;
  nTexts: number;
  nUnread: number;
  endings: string[];
}

/** Counts the texts of each judge, and keeps the first ones without a verdict. */
export class UnreadTexts {
  readonly #byJudge = new Map<string, Texts>();

  add({ judge, rule, verdict, text }: ReadJudgment): void {
    if (text === undefined) return;
    const texts = this.#byJudge.get(judge) ?? { rule, nTexts: 0, nUnread: 0, endings: [] };
    this.#byJudge.set(judge, texts);
    texts.nTexts++;
    if (verdict.kind !== 'unparsed') return;
    texts.nUnread++;
    if (texts.endings.length < MOST_TRIED) texts.endings.push(text.slice(-KEPT_LENGTH));
  }

  /** Judges of at least half of whose texts nothing could be read. */
  judges(): UnreadJudge[] {
    return [...this.#byJudge]
      .filter(([, { nTexts, nUnread }]) => nUnread > 0 && 2 * nUnread >= nTexts)
      .map(([judge, { rule, nTexts, nUnread, endings }]) => ({
        judge,
        rule,
        nTexts,
        nUnread,
        ending: (endings[0] ?? '').trimEnd().slice(-SHOWN_LENGTH),
        betterRule: betterRule(endings),
      }));
  }
}

/** The rule that reads most of the texts; of several the first of the list. Null where none reads a fifth. */
function betterRule(endings: readonly string[]): VerdictRule | null {
  const isRead = (rule: VerdictRule, text: string): boolean =>
    parseVerdict(rule, { text, finishReason: 'stop' }).kind !== 'unparsed';
  let best: VerdictRule | null = null;
  let most = endings.length / 5;
  for (const rule of verdictRuleSchema.options) {
    const n = endings.filter((text) => isRead(rule, text)).length;
    if (n > most) [best, most] = [rule, n];
  }
  return best;
}
