// Small benchmarks and training texts for the tests of the audit.
import { auditOverlap, overlapSchema } from '../../lib/src/audit/index.js';
import type { AuditedText, BenchmarkItem, OverlapReport } from '../../lib/src/schema/index.js';
import { NEVER } from '../fixtures/scripted-endpoint.js';

/** An item with this instruction, and responses that nothing overlaps with unless they are given. */
export function itemOf(
  itemId: string,
  instruction: string,
  more: Partial<BenchmarkItem> = {},
): BenchmarkItem {
  const responses = { winner: `${itemId} won`, loser: `${itemId} lost` };
  return { itemId, instruction, slice: 'all', errorKind: 'x', ...responses, ...more };
}

/** A training text. */
export function textOf(id: string, text: string, field: AuditedText['field'] = 'instruction'): AuditedText {
  return { id, field, text, subset: 'pool', source: { file: 'pool.jsonl', line: Number(id.slice(1)) } };
}

/** An audit with these settings. */
export function audit(
  items: readonly BenchmarkItem[],
  texts: readonly AuditedText[],
  settings: Record<string, unknown> = {},
): Promise<OverlapReport> {
  return auditOverlap(texts, items, { options: overlapSchema.parse(settings), signal: NEVER });
}

/** Words from `first` on: `w1 w2 w3`. */
export function wordsFrom(first: number, n: number): string {
  return Array.from({ length: n }, (_, i) => `w${first + i}`).join(' ');
}
