// What is drawn from judged pairs: supervised or preference examples. Plain values, so that a thread can be told.
import type { Outcome } from '../schema/drop.js';
import type { JudgedPair } from '../schema/judgment.js';
import { drawJudgments, type Draw, type FilterOptions } from './draw-judgments.js';
import { drawPreferences, type PreferenceOptions } from './draw-preferences.js';

/** Which examples to draw, and how. */
export type DrawTask =
  { kind: 'judgments'; options: FilterOptions } | { kind: 'preferences'; options: PreferenceOptions };

/** What is drawn of a pair: one outcome for each example, or one drop. */
export function drawFrom(judgedPair: JudgedPair, task: DrawTask): Outcome<Draw>[] {
  switch (task.kind) {
    case 'judgments':
      return drawJudgments(judgedPair, task.options);
    case 'preferences':
      return drawPreferences(judgedPair, task.options);
  }
}
