// The answers of reviewers: which words answer a question, and which of them count.
import type { ReviewAnswer, ReviewStage, ReviewWord } from '../schema/review.js';

/** The words that answer the question of each stage, besides `skip`. */
export const ANSWERS: Readonly<Record<ReviewStage, readonly ReviewWord[]>> = {
  select: ['yes', 'no'],
  generate: ['A', 'B', 'tie'],
  filter: ['yes', 'no'],
  evaluate: ['A', 'B', 'tie'],
};

/** What is asked. */
export const QUESTIONS: Readonly<Record<ReviewStage, string>> = {
  select: 'Is this instruction fit: clear, harmless, and one that an assistant can answer?',
  generate: 'Which response is better?',
  filter: 'Is this reasoning sound: are its facts right, and does its verdict follow from them?',
  evaluate: 'Which response is better?',
};

/** The answers of one reviewer that count, by item: the last one, unless it was taken back. In the order in which they were given. */
type AnswersByItem = Map<string, ReviewAnswer>;

/**
 * The answers that count, by reviewer and item.
 * @param answers in the order in which they were given
 */
export function standingAnswers(answers: Iterable<ReviewAnswer>): Map<string, AnswersByItem> {
  const byReviewer = new Map<string, AnswersByItem>();
  for (const answer of answers) {
    const own = byReviewer.get(answer.reviewer) ?? new Map<string, ReviewAnswer>();
    byReviewer.set(answer.reviewer, own);
    own.delete(answer.itemId);
    if (answer.answer !== 'undo') own.set(answer.itemId, answer);
  }
  return byReviewer;
}
