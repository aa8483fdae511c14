// From records to the texts that are audited.
import type { BenchmarkItem } from '../schema/benchmark-item.js';
import type { Instruction } from '../schema/instruction.js';
import type { AuditedText, TextField } from '../schema/overlap.js';
import type { ResponsePair } from '../schema/response-pair.js';

/** The texts of a benchmark item. */
export function textsOfItem(item: BenchmarkItem, fields: readonly TextField[]): AuditedText[] {
  const { itemId, instruction, slice, winner, loser } = item;
  return textsOf({ id: itemId, subset: slice, instruction, responses: [winner, loser] }, fields);
}

/** The text of an instruction of a pool. */
export function textOfInstruction({ instructionId, text, slice, source }: Instruction): AuditedText {
  return { id: instructionId, field: 'instruction', text, subset: slice, ...(source ? { source } : {}) };
}

/** The texts of a pair, from which training examples are made. */
export function textsOfPair(pair: ResponsePair, fields: readonly TextField[]): AuditedText[] {
  const { pairId, instruction, slice, winner, loser } = pair;
  return textsOf({ id: pairId, subset: slice, instruction, responses: [winner.text, loser.text] }, fields);
}

function textsOf(
  record: { id: string; subset: string; instruction: string; responses: readonly string[] },
  fields: readonly TextField[],
): AuditedText[] {
  const { id, subset, instruction, responses } = record;
  const texts: AuditedText[] = [];
  if (fields.includes('instruction')) texts.push({ id, field: 'instruction', text: instruction, subset });
  if (fields.includes('response'))
    texts.push(...responses.map((text): AuditedText => ({ id, field: 'response', text, subset })));
  return texts;
}
