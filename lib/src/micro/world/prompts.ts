// The prompts and completions of the embedded model's language, as the seed model learns them.
import type { Solution } from './task-slice.js';

/** The words of a judgment's verdict: the candidate before which label is right. */
export const verdictWords = { A: '[[A]]', B: '[[B]]' } as const;

/** Asks for the answer to an instruction. */
export function answerPrompt(instruction: string): string {
  return `answer ${instruction}`;
}

/** Asks for an instruction that differs a little. */
export function modifyPrompt(instruction: string): string {
  return `modify ${instruction}`;
}

/** Asks which of two candidate answers is right. Each candidate is one word and is followed by its label. */
export function judgePrompt(instruction: string, candidateA: string, candidateB: string): string {
  return `judge ${candidateA} ${verdictWords.A} ${candidateB} ${verdictWords.B} ${instruction}`;
}

/** The written-out answer: `<work> = <answer>`. */
export function answerText({ work, answer }: Solution): string {
  return `${work} = ${answer}`;
}

/** The written-out judgment: the judge's own answer, then the verdict. */
export function judgmentText(solution: Solution, verdict: keyof typeof verdictWords): string {
  return `${answerText(solution)} ${verdictWords[verdict]}`;
}
