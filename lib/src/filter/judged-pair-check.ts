// The shape of a judged pair, checked by hand: zod takes longer than reading the file does. What fails here is put before the schema,
// which decides and says what is wrong.
import type { JudgedPair } from '../schema/judgment.js';

type Value = Readonly<Record<string, unknown>>;

/** Whether a parsed JSON value certainly is a judged pair; false says that the schema has to be asked. */
export function isPlainlyJudgedPair(value: unknown): value is JudgedPair {
  if (!isValue(value, 2)) return false;
  const { pairId, judgments } = value;
  return isId(pairId) && Array.isArray(judgments) && judgments.length > 0 && judgments.every(isJudgment);
}

function isJudgment(value: unknown): boolean {
  if (!isValue(value, 5)) return false;
  const { pairId, order, sampleIndex, text, verdict } = value;
  return (
    isId(pairId) &&
    (order === 'winner-first' || order === 'loser-first') &&
    Number.isSafeInteger(sampleIndex) &&
    (sampleIndex as number) >= 0 &&
    typeof text === 'string' &&
    isVerdict(verdict)
  );
}

/** The verdicts of the schema, as they are now; one that is added there costs time here, no more. */
function isVerdict(value: unknown): boolean {
  if (isValue(value, 1)) return value.kind === 'A' || value.kind === 'B' || value.kind === 'tie';
  if (!isValue(value, 2) || value.kind !== 'unparsed') return false;
  const { reason } = value;
  return (
    reason === 'no-marker' ||
    reason === 'both-markers' ||
    reason === 'truncated' ||
    reason === 'no-completion'
  );
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Whether it is an object of so many keys; with the keys that are looked at all there, it has no other. */
function isValue(value: unknown, nKeys: number): value is Value {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length === nKeys
  );
}
