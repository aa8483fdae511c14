// Typical lengths of completions by prompt pack, used if neither the config nor the store has them.
import { own } from '../../core/own.js';

/** Typical lengths, in tokens, and shares. */
export interface TypicalLengths {
  answerTokens: number;
  /** What of an answer's completion a judge is shown: all of it, or what its parser leaves, 0 to 1. */
  responseShare: number;
  modifiedInstructionTokens: number;
  judgmentTokens: number;
  /** Of a completion that labels an instruction. */
  classificationTokens: number;
  /** Of the instructions, the share that becomes a pair, 0 to 1. */
  pairShare: number;
  source: string;
}

/**
 * Guesses, meant to be of the right size for instruction-tuned models that work things out before they answer; anyone who knows better
 * says so in the section `plan` of the config.
 */
const GENERAL: TypicalLengths = {
  answerTokens: 400,
  responseShare: 1,
  modifiedInstructionTokens: 60,
  judgmentTokens: 350,
  // Three lines: "category: Knowledge and Reasoning", "complexity: 4", "length: one paragraph".
  classificationTokens: 20,
  pairShare: 0.9,
  source: 'a guess for instruction-tuned models',
};

// `npx autodidact run experiments/quickstart.yaml`, seed 1: the usage of its stages (results/reference/quickstart/report.md) and, to
// tell answers from modified instructions, the lengths of the latter in its pairs: 8.22 and 11.39 tokens; judgments 9.28 in the
// judge stage and 9.35 in evaluations; responses 1.0; 2,797 pairs of 3,000 instructions. Seed 2: 8.21, 11.40, 9.28, 9.34, 1.0, 2,799.
// It takes all three slices in equal parts; an experiment on one of them uses 8% less than it would by these (math) to 16% more (code).
const MICRO: TypicalLengths = {
  answerTokens: 8.2,
  responseShare: 0.122,
  modifiedInstructionTokens: 11.4,
  judgmentTokens: 9.3,
  classificationTokens: GENERAL.classificationTokens,
  pairShare: 0.93,
  source: 'measured on the quickstart, seed 1',
};

const BY_PACK: Readonly<Record<string, TypicalLengths>> = {
  micro: MICRO,
  // experiments/questions/planted-shortcuts.yaml, loop seeds 11 and 12: responses 7.3 words, judgments 9.3 tokens, 0.93 pairs an instruction.
  'micro-worked': { ...MICRO, responseShare: 0.88, source: 'measured on planted-shortcuts, seeds 11 and 12' },
  'mt-bench': GENERAL,
};

/** What is typical of a pack, by its name; packs that are not known are taken to be like `general`. */
export function typicalLengthsOf(packName: string): TypicalLengths {
  return own(BY_PACK, packName) ?? GENERAL;
}
