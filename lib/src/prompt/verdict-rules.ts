// Named rules that read a verdict from a judgment: the paper's, those of the benchmarks that publish figures, and a lenient one.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';
import type { Verdict } from '../schema/verdict.js';
import { INNERMOST, lastObject } from './last-object.js';
import { parseConclusion } from './lenient-verdict.js';
import { lastMarker, MARKERS } from './markers.js';
import { stripLikePython } from './python-text.js';
import { withoutThinking } from './thinking.js';

/** A rule that reads a verdict. */
export interface VerdictRuleDefinition {
  /** What counts as a verdict, in one sentence. */
  description: string;
  /** Where the rule comes from: a paper, or a file of a public repository. */
  source: string;
  /** Never throws; time is linear in the length of the text. */
  parse: (completion: Completion) => Verdict;
}

const LLMBAR =
  'princeton-nlp/LLMBar at caa7bee, LLMEvaluator/evaluate.py and the patterns of evaluators/config';

/** The registry: a new rule is one entry here. A rule whose source reads cut completions like whole ones does so here too. */
const rules = {
  strict: {
    description:
      'Exactly one kind of marker: [[A]], [[B]] or [[C]] (tie). Two kinds, or a completion cut at its limit, are no verdict.',
    source: 'Self-Taught Evaluators (arXiv 2408.02666), the rule for training data in facebookresearch/RAM',
    parse: parseStrict,
  },
  rewardbench: {
    description: '[[A]] if it occurs anywhere, otherwise [[B]]; there is no tie.',
    source: 'allenai/reward-bench, rewardbench/generative.py, process_judgement',
    parse: (completion: Completion) => firstOf(completion, { A: MARKERS.A, B: MARKERS.B }),
  },
  'mt-bench': {
    description: '[[A]] if it occurs anywhere, otherwise [[B]], otherwise [[C]] (tie).',
    source: 'lm-sys/FastChat, fastchat/llm_judge/common.py, run_judge_pair',
    parse: (completion: Completion) => firstOf(completion, MARKERS),
  },
  'llmbar-sentence': {
    description:
      'The sentence "Output (a) is better" followed by any character, otherwise the same with (b); for strategies that explain.',
    source: LLMBAR,
    // The source does not escape the full stop: any character but a line feed matches, and the end of the text does not.
    parse: (completion: Completion) =>
      firstOf(strippedLikePython(completion), {
        A: /Output \(a\) is better[^\n]/,
        B: /Output \(b\) is better[^\n]/,
      }),
  },
  'llmbar-label': {
    description:
      'A line that starts with "Output (a)", after at most one blank, otherwise the same with (b); for strategies that only name the better output.',
    source: LLMBAR,
    parse: (completion: Completion) =>
      firstOf(strippedLikePython(completion), { A: /(?:^|\n) ?Output \(a\)/, B: /(?:^|\n) ?Output \(b\)/ }),
  },
  pandalm: {
    description:
      'The first line is 1 (A), 2 (B) or tie. Its source counts anything else as a tie; here that is no verdict.',
    source: 'WeOpenML/PandaLM, pandalm/utils/pandalm_inference.py, parse_pandalm_response',
    parse: parsePandaLM,
  },
  'arena-hard': {
    description:
      'Exactly one kind of label: [[A>>B]], [[A>B]], [[A=B]] (tie), [[B>A]] or [[B>>A]]. Two kinds are no verdict.',
    source: 'lmarena/arena-hard-auto, gen_judgment.py, get_score; JudgeBench reads its judges so too',
    parse: parseArenaHard,
  },
  result: {
    description:
      'A or B alone after the first [RESULT], [RESULT:, [Response, or Result: at the start of a line, in any case.',
    source: 'prometheus-eval/prometheus-eval, prometheus_eval/parser.py, _parse_output_relative',
    parse: (completion: Completion) => sideNamed(RESULT.exec(completion.text)?.[1]) ?? without(completion),
  },
  'auto-j': {
    description: 'What follows the last "final decision is": Response 1, Response 2 or Tie, in any case.',
    source: 'GAIR-NLP/auto-j, codes/example.py, extract_pariwise_result',
    parse: (completion: Completion) => {
      const [, said] = /^[^]*final decision is\s+(response [12]|tie)?/i.exec(completion.text) ?? [];
      return sideNamed(said) ?? without(completion);
    },
  },
  'two-scores': {
    description:
      'The first line is two numbers, the scores of the two responses: the higher wins, equal ones are a tie.',
    source: 'baaivision/JudgeLM, judgelm/llm_judge/common.py, parse_score; the reviews of Vicuna are so too',
    parse: parseTwoScores,
  },
  number: {
    description:
      'The last number of the two responses: [[1]] or [[2]], else a last line that holds nothing but 1, 2 or tie, perhaps with a noun ("Response 2", "Output (1)").',
    source: 'this project, for judges that number the responses',
    parse: (completion: Completion) => {
      const bracketed = labelAfter(completion, /\[\[([012])\]\]/g);
      return bracketed.kind === 'unparsed' ? labelAfter(completion, NUMBERED_LINE) : bracketed;
    },
  },
  json: {
    description:
      'The last JSON object, by its key verdict, winner, better, preference, preferred, decision, choice or result; 1 and 2 are the first and the second response.',
    source: 'this project, for judges that answer in JSON',
    parse: parseObject,
  },
  'last-marker': {
    description: 'The last of the markers [[A]], [[B]] and [[C]] (tie).',
    source: 'this project, for chains of thought that mention both before they decide',
    parse: (completion: Completion) => lastMarker(completion.text)?.verdict ?? without(completion),
  },
  lenient: {
    description:
      'The last marker; without one, a JSON object at the end, or a plain concluding statement near it ("final verdict: A", "Response B is better", "it is a tie"). An announced verdict after it that cannot be read is none.',
    source: 'this project, for models that do not keep to the format',
    parse: parseLenient,
  },
} satisfies Record<string, VerdictRuleDefinition>;

/** The name of a rule; which one was used is part of a pack. */
export type VerdictRule = keyof typeof rules;
/** All rules by name. */
export const VERDICT_RULES: Readonly<Record<VerdictRule, VerdictRuleDefinition>> = rules;
export const verdictRuleSchema = z.enum(Object.keys(rules) as [VerdictRule, ...VerdictRule[]]);

/**
 * Reads a verdict from a completion by the named rule. Never throws, whatever the text. Thinking is never searched, by no rule, and where
 * it does not end there is no verdict yet: `truncated`. (The publications' own programs met no such texts.)
 */
export function parseVerdict(rule: VerdictRule, { text, finishReason }: Completion): Verdict {
  const answer = withoutThinking(text);
  if (answer === null) return { kind: 'unparsed', reason: 'truncated' };
  return VERDICT_RULES[rule].parse({ text: answer, finishReason });
}

function isCut({ finishReason }: Completion): boolean {
  return finishReason === 'length';
}

/** The verdict of a completion in which nothing was found. */
function without(completion: Completion): Verdict {
  return { kind: 'unparsed', reason: isCut(completion) ? 'truncated' : 'no-marker' };
}

function parseStrict(completion: Completion): Verdict {
  if (isCut(completion)) return without(completion);
  const { text } = completion;
  const kinds = (['A', 'B', 'tie'] as const).filter((kind) => text.includes(MARKERS[kind]));
  const [kind] = kinds;
  if (kind === undefined) return without(completion);
  return kinds.length > 1 ? { kind: 'unparsed', reason: 'both-markers' } : { kind };
}

/** A if its sign occurs anywhere, otherwise B, otherwise a tie: the order in which all these sources look. */
function firstOf(
  completion: Completion,
  signs: { A: string | RegExp; B: string | RegExp; tie?: string },
): Verdict {
  const { text } = completion;
  if (occursIn(signs.A, text)) return { kind: 'A' };
  if (occursIn(signs.B, text)) return { kind: 'B' };
  if (signs.tie !== undefined && occursIn(signs.tie, text)) return { kind: 'tie' };
  return without(completion);
}

/** Labels of the grades; a source that lists only the first five reads the same, since its prompt offers no others. */
const ARENA_HARD: Readonly<Record<string, Verdict>> = {
  'A>>B': { kind: 'A', strength: 'significant' },
  'A>B': { kind: 'A', strength: 'slight' },
  'A=B': { kind: 'tie' },
  'B>A': { kind: 'B', strength: 'slight' },
  'B>>A': { kind: 'B', strength: 'significant' },
};

function parseArenaHard(completion: Completion): Verdict {
  const labels = new Set([...completion.text.matchAll(/\[\[([AB<>=]+)\]\]/g)].map(([, label]) => label));
  const [label = ''] = labels;
  if (labels.size > 1) return { kind: 'unparsed', reason: 'both-markers' };
  return ARENA_HARD[label] ?? without(completion);
}

/** The last line, or one before the last full stop, that is nothing but a number or tie. */
const NUMBERED_LINE =
  /^\W*(?:(?:verdict|winner|answer|preference|choice|decision)\W+)?(?:(?:response|assistant|output|answer|model)\W*)?\b([12]|tie)\W*$/gim;

/** What judges call the two sides. */
const SIDES: readonly (readonly ['A' | 'B' | 'tie', RegExp])[] = [
  ['A', /^(?:(?:response|assistant|output|answer|model|option)[\s_-]*)?(?:a|1|first|one)$/],
  ['B', /^(?:(?:response|assistant|output|answer|model|option)[\s_-]*)?(?:b|2|second|two)$/],
  ['tie', /^(?:c|0|tie|draw|equal|both|neither)$/],
];

function sideNamed(label: string | undefined): Verdict | null {
  if (label === undefined) return null;
  const plain = label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
  const kind = SIDES.find(([, names]) => names.test(plain))?.[0];
  return kind === undefined ? null : { kind };
}

function labelAfter(completion: Completion, pattern: RegExp): Verdict {
  return sideNamed([...completion.text.matchAll(pattern)].at(-1)?.[1]) ?? without(completion);
}

/** The signs after which Prometheus names the better response. */
const RESULT = /(?:\[result\](?:\s+response)?|\[result:|\[response\s|^result:?)\s*([ab])(?:\]|\s|$)/im;

function parseTwoScores(completion: Completion): Verdict {
  const [, first, second] =
    /^\s*(\d+(?:\.\d+)?)(?:,[^\S\n]*|[^\S\n])(\d+(?:\.\d+)?)[^\S\n]*(?:\n|$)/.exec(completion.text) ?? [];
  if (first === undefined || second === undefined) return without(completion);
  const lead = Number(first) - Number(second);
  return { kind: lead === 0 ? 'tie' : lead > 0 ? 'A' : 'B' };
}

const VERDICT_KEY =
  /^(?:final[\s_-]?)?(?:verdict|winner|better(?:[\s_-]?response)?|preference|preferred|decision|choice|result)$/i;

/** Objects inside others are looked at first, so many levels deep. */
const DEEPEST = 4;

function parseObject(completion: Completion): Verdict {
  let { text } = completion;
  for (let depth = 0; depth < DEEPEST; depth++) {
    const said = Object.entries(lastObject(text) ?? {}).find(([key]) => VERDICT_KEY.test(key))?.[1];
    const isNamed = typeof said === 'string' || typeof said === 'number';
    if (said !== undefined && said !== null)
      return sideNamed(isNamed ? String(said) : undefined) ?? without(completion);
    text = text.replace(INNERMOST, 'null');
  }
  return without(completion);
}

/** Without a marker a JSON object counts, unless something is concluded after it. */
function parseLenient(completion: Completion): Verdict {
  const { text } = completion;
  const marker = lastMarker(text);
  if (isCut(completion)) return marker?.verdict ?? without(completion);
  const said = parseObject(completion);
  const isLast = parseConclusion(text.slice(text.lastIndexOf('}') + 1)).kind === 'unparsed';
  return marker === null && isLast && said.kind !== 'unparsed' ? said : parseConclusion(text);
}

function occursIn(sign: string | RegExp, text: string): boolean {
  return typeof sign === 'string' ? text.includes(sign) : sign.test(text);
}

function strippedLikePython({ text, finishReason }: Completion): Completion {
  return { text: stripLikePython(text), finishReason };
}

function parsePandaLM(completion: Completion): Verdict {
  const text = stripLikePython(completion.text);
  const end = text.indexOf('\n');
  const firstLine = end < 0 ? text : text.slice(0, end);
  if (firstLine === '1') return { kind: 'A' };
  if (firstLine === '2') return { kind: 'B' };
  return firstLine.toLowerCase() === 'tie' ? { kind: 'tie' } : without(completion);
}
