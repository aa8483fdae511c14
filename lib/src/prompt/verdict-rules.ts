// Named rules that read a verdict from a judgment: the paper's, those of the benchmarks that publish figures, and a lenient one.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';
import type { Verdict } from '../schema/verdict.js';
import { parseConclusion } from './lenient-verdict.js';
import { lastMarker, MARKERS } from './markers.js';
import { stripLikePython } from './python-text.js';

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
  'last-marker': {
    description: 'The last of the markers [[A]], [[B]] and [[C]] (tie).',
    source: 'this project, for chains of thought that mention both before they decide',
    parse: (completion: Completion) => lastMarker(completion.text)?.verdict ?? without(completion),
  },
  lenient: {
    description:
      'The last marker; without one, a plain concluding statement near the end ("final verdict: A", "Response B is better", "it is a tie").',
    source: 'this project, for models that do not keep to the format',
    parse: (completion: Completion) =>
      lastMarker(completion.text)?.verdict ??
      (isCut(completion) ? without(completion) : parseConclusion(completion.text)),
  },
} satisfies Record<string, VerdictRuleDefinition>;

/** The name of a rule; which one was used is part of a pack. */
export type VerdictRule = keyof typeof rules;
/** All rules by name. */
export const VERDICT_RULES: Readonly<Record<VerdictRule, VerdictRuleDefinition>> = rules;
export const verdictRuleSchema = z.enum(Object.keys(rules) as [VerdictRule, ...VerdictRule[]]);

/** Reads a verdict from a completion by the named rule. Never throws, whatever the text. */
export function parseVerdict(rule: VerdictRule, completion: Completion): Verdict {
  return VERDICT_RULES[rule].parse(completion);
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
