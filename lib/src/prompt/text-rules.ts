// Named rules that read texts from completions. Which rule was used is part of a pack.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';

/** What a rule found, or why it found nothing. */
export type Parsed<Value> = { ok: true; value: Value } | { ok: false; reason: string };

export const textRuleSchema = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('whole') }).describe('The whole completion, trimmed.'),
  z
    .strictObject({ rule: z.literal('after-last'), marker: z.string().min(1) })
    .describe('What follows the last marker.'),
  z
    .strictObject({ rule: z.literal('tag'), tag: z.string().regex(/^[a-z_]+$/) })
    .describe('What stands between <tag> and </tag>, the last such pair.'),
]);
/** How a text is read from a completion. */
export type TextRule = z.infer<typeof textRuleSchema>;

/** Reads a text. A completion that was cut at its length limit is never used. */
export function parseText(rule: TextRule, completion: Completion): Parsed<string> {
  if (completion.finishReason === 'length') return { ok: false, reason: 'truncated' };
  const found = findText(rule, completion.text);
  if (found === null) return { ok: false, reason: 'marker-missing' };
  return found === '' ? { ok: false, reason: 'empty' } : { ok: true, value: found };
}

function findText(rule: TextRule, text: string): string | null {
  switch (rule.rule) {
    case 'whole':
      return text.trim();
    case 'after-last': {
      const at = text.lastIndexOf(rule.marker);
      return at < 0 ? null : text.slice(at + rule.marker.length).trim();
    }
    case 'tag': {
      const end = text.lastIndexOf(`</${rule.tag}>`);
      const start = text.lastIndexOf(`<${rule.tag}>`, end);
      return end < 0 || start < 0 ? null : text.slice(start + rule.tag.length + 2, end).trim();
    }
  }
}
