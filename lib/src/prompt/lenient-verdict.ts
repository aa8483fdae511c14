// Finds the concluding statement of a judgment, with or without a marker: for chatty models that do not keep to the format.
import type { Verdict } from '../schema/verdict.js';
import { lastMarker, MARKERS } from './markers.js';

/** How much of the end is looked at, in UTF-16 units; it bounds the time that any pattern below can take. */
const LONGEST_CONCLUSION = 1000;

const NOUN = '(?:response|assistant|output|answer|option|candidate|model)';
/** Names of what is judged alone; the best answer or option may also be that of a task that offers several. */
const JUDGED = '(?:response|assistant|output|candidate|model)';
const ADVERB =
  '(?:clearly|slightly|much|far|by far|a bit|a little|significantly|marginally|overall|definitely|therefore|thus|hence|ultimately|' +
  'generally|somewhat|simply|undoubtedly|obviously|considerably|substantially|certainly|noticeably|moderately|strongly|still)';
const DECISION =
  '(?:verdict|winner|decision|judge?ment|preference|conclusion|(?:better|preferred|winning|superior|stronger) ' +
  `(?:${NOUN}|one|of the two)|best ${JUDGED}|(?:final|my) choice|^\\W*choice)`;
const CONNECTOR = `(?:\\s*(?:["':=)\\]–—→]|->?|(?:is|goes to|for|in favou?r of)\\b)){1,6}`;
/** A letter, or a number that the name of what is judged stands before. */
const SIDE = `[ABC]|(?<=${NOUN}\\s{1,3}["'([{<]{0,3})[12]`;
const LABEL = `["'([{<]*(?:${NOUN}\\s+)?["'([{<]*(${SIDE})["')\\]}>]*`;
const ORDINAL = `the\\s+(first|second)\\s+(?:${NOUN}|one)`;
const GOOD = '(?:better|best|superior|preferred|preferable|stronger|winner)';
/**
 * What may follow a label: nothing or a new thought, but no noun, or the label would be an article, no score, and no other label beside it.
 */
const AFTER_LABEL =
  `(?!\\s*,?\\s*(?:\\/|&|\\band\\b|\\bor\\b)\\s*(?:${NOUN}\\s+)?["'(]*[ABC12]\\b)` +
  `(?=\\s*(?:$|[.;!]|[,:(–—](?!\\s*\\d)|-\\s(?!\\s*\\d))|\\s+(?:wins|over|because|since|by)\\b|` +
  `\\s+is\\s+(?:${ADVERB}\\s+){0,3}(?:the\\s+|my\\s+)?(?:${GOOD}|more)\\b)`;
/** What may follow "better": an end, a reason, or the other response, but no field in which alone it is better. */
const AFTER_BETTER =
  `(?=\\s*(?:$|[.,;:!(–—]|-\\s)|\\s+(?:overall|because|since|due to|as it|here|and|by|of the two|in (?:my|this)|for (?:the|this) (?:given )?(?:instruction|question|prompt|task|request|query))\\b|` +
  `\\s+than\\s+(?:the (?:other|first|second)|(?:${NOUN}\\s+)?["'([]*[AB12]\\b))`;
const AFTER_WINS = `(?=\\s*(?:$|[.,;:!(–—])|\\s+(?:overall|because|since|due to|by|over|against|this|here)\\b)`;
const BETTER =
  `(?:is|was)\\s+(?:${ADVERB}\\s+){0,3}(?:the\\s+)?(?:${ADVERB}\\s+)?${GOOD}` +
  `(?:\\s+(?:${NOUN}|one|choice))?`;
const PREVAILS = `(?:${BETTER}${AFTER_BETTER}|(?:wins|won)\\b${AFTER_WINS})`;

const TAG = '(?:final\\s)?(?:verdict|winner|answer|choice|decision|preference)';

/** Patterns of statements; the first group holds the label, and where there is none the statement is that of a tie. */
const STATEMENTS: readonly RegExp[] = [
  // Markers in the wrong case or with a blank: [[a]], [[ A ]], [[Response B]], [[tie]].
  new RegExp(`\\[\\[\\s*(?:(?:${NOUN}\\s+)?(${SIDE})|(?:tie|draw))\\s*\\]\\]`, 'gi'),
  // A label in brackets that closes the line: [A].
  new RegExp(
    `(?:^|[.!:;→]\\s*)\\s*\\[\\s*(?:(?:${NOUN}\\s+)?(${SIDE})|(?:tie|draw))\\s*\\]\\s*[.!]?\\s*$`,
    'gi',
  ),
  // With the noun: a bare letter in a box is the answer to a task that offers A, B and C.
  new RegExp(
    `\\\\boxed\\s*\\{\\s*(?:\\\\\\w+\\s*\\{)?\\s*(?:${JUDGED}\\s+([AB12])|(?:tie|draw))\\s*\\}`,
    'gi',
  ),
  new RegExp(`<${TAG}>\\s*(?:(?:${NOUN}\\s+)?\\[*([ABC12])\\]*|(?:tie|draw))\\s*</`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*${LABEL}${AFTER_LABEL}`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*["'([{<]*([12])["')\\]}>]*\\s*[.!]?\\s*$`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*${ORDINAL}\\b`, 'gi'),
  new RegExp(
    `${DECISION}${CONNECTOR}\\s*\\\\boxed\\s*\\{\\s*(?:\\\\\\w+\\s*\\{)?\\s*(?:${NOUN}\\s+)?([ABC12])\\s*\\}`,
    'gi',
  ),
  // An order: A > B, B < A, A = B.
  new RegExp(`${DECISION}${CONNECTOR}\\s*(?:${NOUN}\\s+)?([AB])\\s*>{1,2}\\s*(?:${NOUN}\\s+)?[AB]\\b`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*(?:${NOUN}\\s+)?[AB]\\s*<{1,2}\\s*(?:${NOUN}\\s+)?([AB])\\b`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*(?:${NOUN}\\s+)?[AB]\\s*={1,2}\\s*(?:${NOUN}\\s+)?[AB]\\b`, 'gi'),
  new RegExp(`\\[RESULT\\][\\s:"'([]*(?:${NOUN}\\s+)?([AB12])\\b`, 'gi'),
  new RegExp(
    `${DECISION}${CONNECTOR}\\s*["'([{<]*(?:(?:an?\\s+)?(?:tie|draw|neither)\\b|(?:none|both)\\W*$)`,
    'gi',
  ),
  new RegExp(
    `\\b${NOUN}\\s+["'([]*(${SIDE})["')\\]]*(?:['’]s\\s+(?:response|answer|output|reply))?\\s+${PREVAILS}`,
    'gi',
  ),
  new RegExp(`\\b${ORDINAL}\\s+${PREVAILS}`, 'gi'),
  // A bare letter only where a clause starts, lest "vitamin A is better" be a verdict.
  new RegExp(
    `(?:^\\W*|[.,;:!]\\s+["'([]*|\\b(?:so|that|therefore|thus|hence|overall|think|believe|conclude|say)\\s+["'([]*)([AB])["')\\]]*\\s+${PREVAILS}`,
    'gi',
  ),
  new RegExp(
    `\\bI(?:'d|'ll|’d|’ll|\\s+(?:would|will|do|must|have to|therefore|strongly|slightly)){0,3}\\s+` +
      `(?:prefer|choose|pick|select|favou?r|go with|vote for)\\s+${LABEL}${AFTER_LABEL}`,
    'gi',
  ),
  /\b(?:it|this|that|which|comparison|result|outcome)(?:'s|’s|\s+(?:is|as|in))\s+(?:an?\s+)?(?:tie|draw)\b(?=\s*(?:$|[.,;:!])|\s+(?:between|because|since|overall)\b)/gi,
  /\b(?:both|two|they|responses|assistants|outputs|answers)\b[^.;!?]{0,60}?\b(?:are|were)\s+equally\s+(?:good|bad|strong|weak|correct|helpful)\b(?=\s*(?:$|[.,;:!])|\s+(?:overall|because|since|and)\b)/gi,
  /\bneither\b[^.;!?]{0,60}?\bis\s+(?:clearly\s+|really\s+|much\s+|significantly\s+)?better\b/gi,
  /^\W*(?:tie|draw|neither)\W*$/gi,
];

/** Before a statement and in the same clause, these take it back. */
const CLAUSE_HEDGE =
  /\b(?:not|never|no|hardly|cannot|neither|nor|while|although|though|whereas|despite|could|might|may|would one)\b|n['’]t\b/i;
/** Before a statement and in the same sentence, these put it under a condition, confine it to one criterion, or ask it. */
const SENTENCE_HEDGE =
  /\b(?:if|unless|when|whether|depending|suppose|in terms of|regarding|with respect to|with regard to|as for)\b/i;
/** Right before a statement, this makes it one about the answer to the task. */
const TASK_ANSWER =
  /\b(?:correct|right|expected|reference|true)\s+(?:(?:final\s+)?(?:answer|option|choice|solution|result)\b[^.,;!?]{0,20})?$/i;
const CLAUSE_START = /[,:;]|\b(?:but|so|therefore|thus|hence|however|yet)\b/gi;
/** A name before a colon or dash is that of one criterion, unless it is one of these. */
const CRITERION = /^[\s\d.)(#>•-]*(\p{L}[^:–—]{0,60}?)\s*(?::|\s[-–—]\s)/u;
const CONCLUDING =
  /verdict|winner|decision|judge?ment|preference|conclu|answer|choice|overall|\bsum|result|therefore|thus|final|assessment|evaluation|better|best/i;

/** A line that announces the verdict; one in which none can be read leaves the text without one, whatever stands before it. */
const ANNOUNCED = new RegExp(
  `^\\W*(?:(?:so|thus|therefore|and|my|the|a|final|overall)\\W+){0,4}${DECISION}\\W{0,3}(?:is\\b|[:=–—])`,
  'i',
);

/**
 * Reads the last marker of a text, unless a line after it announces the verdict once more. Where there is no marker, reads the last
 * concluding statement among the last lines. What is denied, asked, put under a condition or confined to one criterion is none, nor is
 * the answer to the task that was judged, and a line that says nothing else ends the search without a verdict.
 *
 * @returns A, B or tie; `both-markers` where the last line that concludes anything contradicts itself; else `no-marker`
 */
export function parseConclusion(written: string): Verdict {
  const text = plainText(written);
  const marker = lastMarker(text);
  const lines = lastLines(text);
  const alone = marker ? null : (lines.length === 1 ? LABEL_ALONE : JUDGED_ALONE).exec(lines.at(-1) ?? '');
  if (alone?.[1] !== undefined) return { kind: kindOf(alone[1]) };
  for (const [index, line] of [...lines.entries()].reverse()) {
    if (marker && lastMarker(line)) break;
    // A quotation, unless nothing follows it.
    if (/^\s*>/.test(line) && index < lines.length - 1) continue;
    const isAnnounced = ANNOUNCED.test(line);
    if (marker && !isAnnounced) continue;
    const { kinds, nHedged } = statementsOf(line);
    if (kinds.size > 1) return { kind: 'unparsed', reason: 'both-markers' };
    for (const kind of kinds) return { kind };
    if (isAnnounced || nHedged > 0) return NO_MARKER;
  }
  return marker?.verdict ?? NO_MARKER;
}
/** The last line says nothing but which one; of a text of one line the letter or number is enough. */
const JUDGED_ALONE = new RegExp(`^[^\\p{L}\\p{N}]*${JUDGED}\\s+["'([]*([AB12])[^\\p{L}\\p{N}]*$`, 'iu');
const LABEL_ALONE = new RegExp(`^[^\\p{L}\\p{N}]*(?:${JUDGED}\\s+)?["'([]*([AB12])[^\\p{L}\\p{N}]*$`, 'iu');

/** What a response is said to say: no verdict of the judge. */
const QUOTATION = new RegExp(
  `(\\b(?:${NOUN}|prompt|instructions?|user|question|task)\\b[^.!?\\n"“]{0,80}?\\b(?:says?|claims?|states?|writes?|contains?|includes?|(?:ends?|begins?|starts?) with|asserts?|` +
    `declares?|insists?|asks?|tells?|instructs?|reads?)\\b[^.!?\\n"“]{0,40}?)["“][^"”\\n]{1,300}["”]`,
  'gi',
);

/**
 * Without quotations and without a marker that is cut off, with wide signs (【A】, Ａ) as plain ones, and graded labels, [[A>>B]] or [[A=B]], as
 * the markers of the same three verdicts.
 */
function plainText(written: string): string {
  return written
    .replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/【/g, '[')
    .replace(/】/g, ']')
    .replace(/[\u200b\u2060\ufeff]/g, '')
    .replace(QUOTATION, '$1""')
    .replace(/\[\[[^\]\n]{0,20}$/, '')
    .replace(
      /\[{1,2}([AB])>{1,2}[AB]\]{1,2}|\[{1,2}[AB]<{1,2}([AB])\]{1,2}/gi,
      (_, first?: string, second?: string) => `[[${(first ?? second ?? '').toUpperCase()}]]`,
    )
    .replace(/\[{1,2}[AB]=[AB]\]{1,2}/gi, MARKERS.tie);
}
const NO_MARKER: Verdict = { kind: 'unparsed', reason: 'no-marker' };

/** The lines at the end, without markdown's emphasis; a heading that announces the verdict is joined to the line below it. */
function lastLines(text: string): string[] {
  let tail = text.slice(-LONGEST_CONCLUSION);
  // A sentence whose start is out of sight might have begun with "if".
  if (tail.length < text.length) tail = tail.replace(/^[^]*?(?:[.!?](?=\s)|\n|$)/, '');
  return tail
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/[*`~$]/g, '')
    .replace(/_/g, ' ')
    .replace(TAG_OPENS, '$1')
    .replace(TAG_CLOSES, '$1')
    .replace(ANNOUNCEMENT, '$1: ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
const TAG_OPENS = new RegExp(`(<${TAG}>)\\s+`, 'gi');
const TAG_CLOSES = new RegExp(`\\s+(</${TAG}>)`, 'gi');
const ANNOUNCEMENT = new RegExp(
  `(^[ \\t#>-]*(?:[a-z]+[^\\S\\n]+){0,3}${DECISION})[^\\S\\n]*:?[^\\S\\n]*\\n\\s*`,
  'gim',
);

type Concluded = 'A' | 'B' | 'tie';

/** What a line states, and how many statements it takes back at once. */
function statementsOf(line: string): { kinds: Set<Concluded>; nHedged: number } {
  const kinds = new Set<Concluded>();
  let nHedged = 0;
  for (const pattern of STATEMENTS) {
    for (const match of line.matchAll(pattern)) {
      const label = match[1];
      const isNone = label !== undefined && (mayBeArticle(line, match) || isThird(match));
      if (isHedged(line, match.index) || isNone || CONDITION.test(line.slice(match.index + match[0].length)))
        nHedged++;
      else kinds.add(label === undefined ? 'tie' : kindOf(label));
    }
  }
  return { kinds, nHedged };
}

/** After a statement in the same clause, this puts it under a condition. */
const CONDITION = /^[^.;!?]{0,20}?\b(?:if(?!\s+only)|unless|provided|when|whenever)\b/i;

function kindOf(label: string): Concluded {
  const name = label.toUpperCase();
  if (name === 'A' || name === '1' || name === 'FIRST') return 'A';
  return name === 'C' ? 'tie' : 'B';
}

/** There is no third response: C is a tie only as a letter of its own. */
function isThird(match: RegExpMatchArray): boolean {
  return (
    /^c$/i.test(match[1] ?? '') &&
    /\b(?:response|assistant|output|answer|candidate|model)[\s"'(]{1,3}c\W*$/i.test(match[0])
  );
}

/** A small "a" is a label only where nothing but the name of what it labels, or an end, stands around it. */
function mayBeArticle(line: string, match: RegExpMatchArray): boolean {
  if (match[1] !== 'a') return false;
  const whole = match[0];
  const before = whole.slice(0, whole.toLowerCase().lastIndexOf('a'));
  if (/[[{>]\s*$/.test(before) || new RegExp(`${NOUN}\\s+["'([]*$`, 'i').test(before)) return false;
  return !/^["')\]}>]*\s*(?:$|[.,;:!])/.test(line.slice((match.index ?? 0) + whole.length));
}

function isHedged(line: string, start: number): boolean {
  const sentence =
    line
      .slice(0, start)
      .split(/[.!?](?=\s)/)
      .at(-1) ?? '';
  const clause = sentence.split(CLAUSE_START).at(-1) ?? '';
  if (CLAUSE_HEDGE.test(clause) || SENTENCE_HEDGE.test(sentence) || TASK_ANSWER.test(sentence)) return true;
  // A sentence that announces its verdict stands for itself.
  const rest = line.slice(start);
  if (sentence.trim() === '' && (ANNOUNCED.test(rest) || /^\[RESULT\]/i.test(rest))) return false;
  const criterion = CRITERION.exec(line.slice(0, start))?.[1];
  return criterion !== undefined && !CONCLUDING.test(criterion);
}
