// Named rules that read texts from completions. Which rule was used is part of a pack.
import { z } from 'zod';
import type { Completion } from '../schema/chat.js';
import { withoutThinking } from './thinking.js';

/** What a rule found, or why it found nothing. */
export type Parsed<Value> =
  { ok: true; value: Value; thinkingRemoved?: true } | { ok: false; reason: string };

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

/**
 * Reads a text, without the thinking before it. A completion that was cut at its length limit, or in its thinking, is never used, nor is
 * one with tokens of a chat template: its server went on past the end of the turn.
 */
export function parseText(rule: TextRule, { text, finishReason }: Completion): Parsed<string> {
  const answer = withoutThinking(text);
  if (answer === null || finishReason === 'length') return { ok: false, reason: 'truncated' };
  const found = findText(rule, answer);
  if (found === null) return { ok: false, reason: 'marker-missing' };
  if (found === '') return { ok: false, reason: 'empty' };
  if (TEMPLATE_TOKEN.test(found)) return { ok: false, reason: 'template-token' };
  return { ok: true, value: found, ...(answer !== text && { thinkingRemoved: true }) };
}

/**
 * Tokens that chat templates write around turns: `<|im_end|>` and its like (Qwen, Llama 3, gpt-oss, Command), DeepSeek's with wide bars,
 * Gemma's turns, the instructions of Llama 2 and Mistral, and an end-of-sequence token where a text ends with one.
 */
const TEMPLATE_TOKEN =
  /<\|[A-Za-z][A-Za-z_]{1,30}\|>|<｜[^｜<>]{2,30}｜>|<(?:start|end)_of_turn>|\[\/?INST\]|<<\/?SYS>>|<\/s>$/;

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
