// A drop: an input that a stage did not keep, with its reason. Kept + dropped = input, always.
import { z } from 'zod';
import type { ModelError } from '../core/errors.js';

export const dropSchema = z.strictObject({
  /** The id of the instruction, pair or judgment that was dropped. */
  subjectId: z.string().min(1),
  /** A short, countable cause, e.g. `identical-responses`. */
  reason: z.string().min(1),
  /** Details for the reader. */
  detail: z.string().optional(),
  /** Present where a server lost it, whatever the input says: it would be asked again by another run of the stage. */
  fault: z.literal('server').optional(),
  /** The window of the model, in tokens, where the input was too long for it and the window is known. */
  contextTokens: z.int().min(1).optional(),
});
/** An input that a stage dropped. */
export type Drop = z.infer<typeof dropSchema>;

/** The outcome of one input of a stage: the record made from it, or why it was dropped. */
export type Outcome<Kept> = { kind: 'kept'; record: Kept } | { kind: 'dropped'; drop: Drop };

/** An outcome that keeps. */
export function kept<Kept>(record: Kept): Outcome<Kept> {
  return { kind: 'kept', record };
}

/** The records that outcomes keep, in their order. */
export async function keptOf<Kept>(
  outcomes: AsyncIterable<Outcome<Kept>> | Iterable<Outcome<Kept>>,
): Promise<Kept[]> {
  const records: Kept[] = [];
  for await (const outcome of outcomes) if (outcome.kind === 'kept') records.push(outcome.record);
  return records;
}

/** An outcome that drops. */
export function dropped(subjectId: string, reason: string, detail?: string): Outcome<never> {
  return { kind: 'dropped', drop: { subjectId, reason, ...(detail === undefined ? {} : { detail }) } };
}

/** The drop of an input whose request failed: the code of the failure is the reason. */
export function droppedBy(
  subjectId: string,
  { code, message, isServerFault, contextTokens }: ModelError,
): Outcome<never> {
  const drop: Drop = { subjectId, reason: code, detail: message };
  if (isServerFault) drop.fault = 'server';
  if (contextTokens !== undefined) drop.contextTokens = contextTokens;
  return { kind: 'dropped', drop };
}

/**
 * How many inputs of a stage were lost to servers and why, in words; null for none.
 * @param stage.lostToServers drops by reason; absent: none
 */
export function lostToServers({
  nInput,
  lostToServers: byReason = {},
}: {
  nInput: number;
  lostToServers?: Readonly<Record<string, number>> | undefined;
}): string | null {
  const reasons = Object.entries(byReason);
  if (reasons.length === 0) return null;
  const n = reasons.reduce((sum, [, ofReason]) => sum + ofReason, 0);
  const causes = reasons.map(([reason, ofReason]) => `${reason} ${ofReason}`).join(', ');
  return `${n} of ${nInput} inputs were lost to servers (${causes})`;
}

/** The reason of drops of inputs that are longer than the model's window. */
export const TOO_LONG = 'context-length';

/**
 * How many inputs of a stage were lost by their length, in words; null for none.
 * @param stage.contextTokens the model's window; absent: not known
 */
export function lostToLength({
  nInput,
  drops,
  contextTokens,
}: {
  nInput: number;
  drops: Readonly<Record<string, number>>;
  contextTokens?: number | undefined;
}): string | null {
  const n = drops[TOO_LONG] ?? 0;
  if (n === 0) return null;
  const window = contextTokens === undefined ? '' : ` of ${contextTokens.toLocaleString('en-US')} tokens`;
  return `${n} of ${nInput} items were lost because their prompts are longer than the model's window${window}: figures speak of the rest only`;
}
