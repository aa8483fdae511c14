// The fields of an item as they stand in sheets and labelling tools. Nothing that is hidden from reviewers is among them.
import type { ReviewItem } from '../schema/review.js';
import { ANSWERS, QUESTIONS } from './answers.js';

/** The texts that are shown, by the names of their columns, in the order in which they are read. */
export function shownTexts({
  instruction,
  responses,
  reasoning,
}: ReviewItem): [name: string, text: string][] {
  return [
    ['instruction', instruction],
    ...(responses ?? []).map((text, i): [string, string] => [i === 0 ? 'response_a' : 'response_b', text]),
    ...(reasoning === undefined ? [] : [['reasoning', reasoning] satisfies [string, string]]),
  ];
}

/** The question, and the words that answer it. */
export function questionOf({ stage }: ReviewItem): { question: string; answers: string[] } {
  return { question: QUESTIONS[stage], answers: [...ANSWERS[stage], 'skip'] };
}

/** An answer as a sheet or a labelling tool has it. */
export interface GivenAnswer {
  itemId: string;
  /** Empty: none. */
  word: string;
  /** Absent: the row does not say. */
  reviewer?: string | undefined;
  note?: string | undefined;
  /** ISO 8601. */
  at?: string | undefined;
}
