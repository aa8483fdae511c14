// Detects refusals: a pair with a refusal teaches a judge to recognise refusals, not to compare answers.
import { z } from 'zod';
import { section } from '../core/config-section.js';

export const refusalsSchema = section(
  {
    drop: z.enum(['both', 'winner', 'loser']).default('both'),
    openings: z.array(z.string().trim().min(1)).default([]),
  },
  {
    drop: 'Side on which a refusal drops the pair; both: either side.',
    openings: ['Further openings of refusals, in any case.', ['je ne peux pas', 'ich kann nicht']],
  },
);
/** How refusals are handled. */
export type Refusals = z.output<typeof refusalsSchema>;

/** Openings that may precede the phrases below, also several in a row. */
export const REFUSAL_LEADS = [
  'sorry',
  "i'm sorry",
  'i am sorry',
  "i'm really sorry",
  "i'm very sorry",
  'i apologize',
  'i apologise',
  'my apologies',
  'unfortunately',
  'thank you for your question',
  'as an ai',
  'as an ai assistant',
  'as an ai language model',
  'as a language model',
  'but',
  'however',
] as const;

/** A response refuses when it starts with one of these and a word of {@link REFUSED_ACTS}. */
export const INABILITIES = [
  "i can't",
  'i cannot',
  'i can not',
  "i won't",
  'i will not',
  "i'm unable to",
  'i am unable to',
  "i'm not able to",
  'i am not able to',
  "i couldn't",
  'i could not',
  "we can't",
  'we cannot',
] as const;

/** Verbs of refused acts; without one of these, "I cannot" may begin a normal answer. */
export const REFUSED_ACTS = [
  'answer',
  'assist',
  'comply',
  'continue',
  'create',
  'discuss',
  'do that',
  'do this',
  'engage',
  'fulfil',
  'fulfill',
  'generate',
  'give you',
  'help',
  'offer',
  'participate',
  'produce',
  'provide',
  'support',
  'write',
] as const;

/** A response refuses when it starts with one of these. */
export const REFUSAL_OPENINGS = [
  "i'm not comfortable",
  'i am not comfortable',
  'i must decline',
  'i have to decline',
  'i must refuse',
  'i refuse to',
  "i'd rather not",
  'i would rather not',
  "i don't feel comfortable",
  'i do not feel comfortable',
  'it is against my',
  "it's against my",
  'it would not be appropriate for me to',
  "it wouldn't be appropriate for me to",
] as const;

const oneOf = (phrases: readonly string[]): string => `(?:${phrases.map(escaped).join('|')})`;
const LEADS = `(?:${oneOf(REFUSAL_LEADS)}(?![\\p{L}\\p{N}])[\\s,.;:!–—-]*)*`;
const REFUSAL = new RegExp(
  `^${LEADS}(?:${oneOf(INABILITIES)} ${oneOf(REFUSED_ACTS)}|${oneOf(REFUSAL_OPENINGS)})(?![\\p{L}\\p{N}])`,
  'u',
);

/**
 * Whether a response starts like a refusal, by the phrases of this file. Case, typographic apostrophes and signs before the first letter
 * are ignored. Refusals further down, and in languages without a phrase here, are not detected.
 * @param openings further ones
 */
export function isRefusal(response: string, openings: readonly string[] = []): boolean {
  const start = normalised(response.slice(0, LOOKED_AT)).replace(/^[^\p{L}\p{N}]+/u, '');
  return REFUSAL.test(start) || openings.some((opening) => start.startsWith(normalised(opening)));
}

/** Number of leading characters that are checked. */
const LOOKED_AT = 400;

function normalised(text: string): string {
  return text.toLowerCase().replace(/[’‘`]/g, "'").replace(/\s+/g, ' ');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
