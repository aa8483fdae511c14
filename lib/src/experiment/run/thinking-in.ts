// Which texts of models in a stage's records had thinking before the answer, which is neither read nor kept as an answer.
import { answerStart } from '../../prompt/index.js';
import type { EvaluatedItem } from '../../schema/evaluation.js';
import type { JudgedPair } from '../../schema/judgment.js';
import type { ResponsePair } from '../../schema/response-pair.js';

/** Whether each text of a record had thinking before it; empty for records without texts of models. */
export function thinkingIn(record: unknown): boolean[] {
  if (typeof record !== 'object' || record === null) return [];
  const { judgments, orders, grades } = record as Partial<JudgedPair & EvaluatedItem>;
  const texts = [...(judgments ?? []), ...(orders ?? []), ...Object.values(grades ?? {})].map(
    ({ text }) => text,
  );
  if (texts.length > 0) return texts.filter((text) => text !== '').map((text) => answerStart(text) !== 0);
  const { pairId, winner, loser } = record as Partial<ResponsePair>;
  const responses = pairId === undefined || !winner || !loser ? [] : [winner, loser];
  return responses
    .filter(({ method }) => method !== 'corruption')
    .map(({ thinkingRemoved = false }) => thinkingRemoved);
}
