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
  `${NOUN}|best ${JUDGED}|(?:final|my) choice|^\\W*choice)`;
const CONNECTOR = `(?:\\s*(?:["':=)\\]–—→]|->?|(?:is|goes to|for|in favou?r of)\\b)){1,6}`;
const LABEL = `["'([{<]*(?:${NOUN}\\s+)?["'([{<]*([ABC])["')\\]}>]*`;
/** What may follow a label: nothing or a new thought, but no noun, or the label would be an article. */
const AFTER_LABEL = `(?=\\s*(?:$|[.,;:!(–—]|-\\s)|\\s+(?:is|wins|over|because|since|by)\\b)`;
/** What may follow "better": an end, a reason, or the other response, but no field in which alone it is better. */
const AFTER_BETTER =
  `(?=\\s*(?:$|[.,;:!(–—]|-\\s)|\\s+(?:overall|because|since|due to|as it|here|and|by|of the two|in (?:my|this))\\b|` +
  `\\s+than\\s+(?:the other|(?:${NOUN}\\s+)?["'([]*[AB]\\b))`;
const BETTER =
  `(?:is|was)\\s+(?:${ADVERB}\\s+){0,3}(?:the\\s+)?(?:${ADVERB}\\s+)?(?:better|best|superior|preferred|preferable|stronger|winner)` +
  `(?:\\s+(?:${NOUN}|one|choice))?`;

/** Patterns of statements; the first group holds the label, and where there is none the statement is that of a tie. */
const STATEMENTS: readonly RegExp[] = [
  // Markers in the wrong case or with a blank: [[a]], [[ A ]], [[Response B]], [[tie]].
  new RegExp(`\\[\\[\\s*(?:(?:${NOUN}\\s+)?([ABC])|(?:tie|draw))\\s*\\]\\]`, 'gi'),
  // A label in brackets that closes the line: [A].
  new RegExp(
    `(?:^|[.!:;→]\\s*)\\s*\\[\\s*(?:(?:${NOUN}\\s+)?([ABC])|(?:tie|draw))\\s*\\]\\s*[.!]?\\s*$`,
    'gi',
  ),
  // With the noun: a bare letter in a box is the answer to a task that offers A, B and C.
  new RegExp(
    `\\\\boxed\\s*\\{\\s*(?:\\\\\\w+\\s*\\{)?\\s*(?:${JUDGED}\\s+([ABC])|(?:tie|draw))\\s*\\}`,
    'gi',
  ),
  new RegExp(
    `<(?:verdict|winner|answer|choice|decision|preference)>\\s*(?:(?:${NOUN}\\s+)?\\[*([ABC])\\]*|(?:tie|draw))\\s*</`,
    'gi',
  ),
  new RegExp(`${DECISION}${CONNECTOR}\\s*${LABEL}${AFTER_LABEL}`, 'gi'),
  new RegExp(`${DECISION}${CONNECTOR}\\s*["'([{<]*(?:an?\\s+)?(?:tie|draw|neither)\\b`, 'gi'),
  new RegExp(`\\b${NOUN}\\s+["'([]*([AB])["')\\]]*\\s+(?:${BETTER}${AFTER_BETTER}|(?:wins|won)\\b)`, 'gi'),
  // A bare letter only where a clause starts, lest "vitamin A is better" be a verdict.
  new RegExp(
    `(?:^\\W*|[.,;:!]\\s+["'([]*|\\b(?:so|that|therefore|thus|hence|overall|think|believe|conclude|say)\\s+["'([]*)([AB])["')\\]]*\\s+(?:${BETTER}${AFTER_BETTER}|(?:wins|won)\\b)`,
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
  /^\W*(?:tie|draw)\W*$/gi,
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
  // Graded labels, [[A>>B]] or [[A=B]], name the same three verdicts.
  const text = written.replace(/\[\[([AB])>{1,2}[AB]\]\]/g, '[[$1]]').replaceAll('[[A=B]]', MARKERS.tie);
  const marker = lastMarker(text);
  for (const line of lastLines(text).reverse()) {
    if (marker && lastMarker(line)) break;
    const isAnnounced = ANNOUNCED.test(line);
    if (marker && !isAnnounced) continue;
    const { kinds, nHedged } = statementsOf(line);
    if (kinds.size > 1) return { kind: 'unparsed', reason: 'both-markers' };
    for (const kind of kinds) return { kind };
    if (isAnnounced || nHedged > 0) return NO_MARKER;
  }
  return marker?.verdict ?? NO_MARKER;
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
    .replace(/(<(?:verdict|winner|answer|choice|decision|preference)>)\s+/gi, '$1')
    .replace(/\s+(<\/(?:verdict|winner|answer|choice|decision|preference)>)/gi, '$1')
    .replace(ANNOUNCEMENT, '$1: ')
    .split('\n')
    .filter((line) => line.trim() !== '');
}
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
      if (isHedged(line, match.index) || (label !== undefined && mayBeArticle(line, match))) nHedged++;
      else kinds.add(label === undefined ? 'tie' : kindOf(label));
    }
  }
  return { kinds, nHedged };
}

function kindOf(label: string): Concluded {
  const letter = label.toUpperCase();
  return letter === 'A' || letter === 'B' ? letter : 'tie';
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
  const criterion = CRITERION.exec(line.slice(0, start))?.[1];
  return criterion !== undefined && !CONCLUDING.test(criterion);
}
