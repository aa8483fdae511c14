// Named rules that read a verdict from a judgment: the authors' own, those of the benchmarks that publish figures, and a lenient one.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';
import type { Verdict } from '../schema/verdict.js';
import { parseConclusion } from './lenient-verdict.js';
import { lastMarker, MARKERS } from './markers.js';
import { stripLikePython } from './python-text.js';

export const verdictRuleSchema = z.enum([
  'strict',
  'rewardbench',
  'mt-bench',
  'llmbar-sentence',
  'llmbar-label',
  'pandalm',
  'last-marker',
  'lenient',
]);
/** The name of a rule in {@link VERDICT_RULES}; which one was used is part of a pack. */
export type VerdictRule = z.infer<typeof verdictRuleSchema>;

/** A rule that reads a verdict. */
export interface VerdictRuleDefinition {
  /** What it takes for a verdict, in one sentence. */
  description: string;
  /** Whose rule it is: a paper, or a file of a public repository. */
  source: string;
  /** Never throws, whatever the text; time is linear in its length. */
  parse: (completion: Completion) => Verdict;
}

/** All rules by name. A rule whose source reads cut completions like whole ones does so here too. */
export const VERDICT_RULES: Readonly<Record<VerdictRule, VerdictRuleDefinition>> = {
  strict: {
    description:
      'Exactly one kind of marker among [[A]], [[B]] and [[C]] (tie); two kinds, or a completion cut at its limit, are no verdict.',
    source: 'Self-Taught Evaluators (arXiv 2408.02666), the rule for training data in facebookresearch/RAM',
    parse: parseStrict,
  },
  rewardbench: {
    description: '[[A]] wherever it stands wins, else [[B]]; there is no tie.',
    source: 'allenai/reward-bench, rewardbench/generative.py, process_judgement',
    parse: (completion) => firstOf(completion, { A: MARKERS.A, B: MARKERS.B }),
  },
  'mt-bench': {
    description: '[[A]] wherever it stands wins, else [[B]], else [[C]] is a tie.',
    source: 'lm-sys/FastChat, fastchat/llm_judge/common.py, run_judge_pair',
    parse: (completion) => firstOf(completion, MARKERS),
  },
  'llmbar-sentence': {
    description:
      'The sentence "Output (a) is better" with any character after it, else the same of (b); for strategies that explain.',
    source:
      'princeton-nlp/LLMBar at caa7bee, LLMEvaluator/evaluate.py and the parsing patterns of evaluators/config',
    // The full stop of the sentence is unescaped there, so any character but a line feed will do, and the end of the text will not.
    parse: (completion) =>
      firstOf(strippedLikePython(completion), {
        A: /Output \(a\) is better[^\n]/,
        B: /Output \(b\) is better[^\n]/,
      }),
  },
  'llmbar-label': {
    description:
      'A line that starts with "Output (a)", after one blank at most, else the same of (b); for strategies that only name the better output.',
    source:
      'princeton-nlp/LLMBar at caa7bee, LLMEvaluator/evaluate.py and the parsing patterns of evaluators/config',
    parse: (completion) =>
      firstOf(strippedLikePython(completion), { A: /(?:^|\n) ?Output \(a\)/, B: /(?:^|\n) ?Output \(b\)/ }),
  },
  pandalm: {
    description:
      'The first line is 1 (A), 2 (B) or tie. Its source counts anything else as a tie; here that is no verdict.',
    source: 'WeOpenML/PandaLM, pandalm/utils/pandalm_inference.py, parse_pandalm_response',
    parse: parsePandaLM,
  },
  'last-marker': {
    description: 'Of [[A]], [[B]] and [[C]] (tie), the one that stands last.',
    source: "this project's, for chains of thought that weigh both before they decide",
    parse: (completion) => lastMarker(completion.text)?.verdict ?? without(completion),
  },
  lenient: {
    description:
      'The marker that stands last; without one, a plain concluding statement near the end ("final verdict: A", "Response B is better", "it is a tie").',
    source: "this project's, for models that do not keep to the format",
    parse: (completion) =>
      lastMarker(completion.text)?.verdict ??
      (isCut(completion) ? without(completion) : parseConclusion(completion.text)),
  },
};

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

/** A where its sign stands anywhere, else B, else a tie: the order in which all these sources look. */
function firstOf(
  completion: Completion,
  signs: { A: string | RegExp; B: string | RegExp; tie?: string },
): Verdict {
  const { text } = completion;
  if (stands(signs.A, text)) return { kind: 'A' };
  if (stands(signs.B, text)) return { kind: 'B' };
  if (signs.tie !== undefined && stands(signs.tie, text)) return { kind: 'tie' };
  return without(completion);
}

function stands(sign: string | RegExp, text: string): boolean {
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
