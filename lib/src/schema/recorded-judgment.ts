// A recorded judgment of a benchmark item by any judge, in the order in which it saw the pair.
import { z } from 'zod';
import { shortcutValuesSchema } from './shortcuts.js';
import { strengthSchema, voteCountSchema } from './verdict.js';

const GOLD_LABELS = ['first', 'second', 'tie'] as const;
export const goldSchema = z.enum(GOLD_LABELS, {
  error: ({ input }) => {
    const likely = typeof input === 'string' ? likelyGold(input) : null;
    return `expected first, second or tie, of the responses as they are listed${likely === null ? '' : `: for ${JSON.stringify(input)} write "${likely}"`}`;
  },
});
/** The better response of the pair as its benchmark lists it. */
export type Gold = (typeof GOLD_LABELS)[number];

/** How labels of other files end that mean an outcome, such as `response_b`, `Model 2` and `left`. */
const LIKELY: Readonly<Record<Gold, RegExp>> = {
  first: /(^|[^a-z])(a|one|left|first)$|(^|\D)1$/i,
  second: /(^|[^a-z])(b|two|right|second)$|(^|\D)2$/i,
  tie: /(^|[^a-z])(c|tied?|draw|equal|same|both|neither)$/i,
};

/** What a label of another file probably means, for advice alone; null where that cannot be said. */
export function likelyGold(label: string): Gold | null {
  return GOLD_LABELS.find((gold) => LIKELY[gold].test(label.trim())) ?? null;
}

export const shownSchema = z.enum(['given', 'swapped']);
/** Whether the judge saw the pair as its benchmark lists it (A is the first response) or the other way round. */
export type Shown = z.infer<typeof shownSchema>;

export const respondentSchema = z.strictObject({
  /** The model that wrote the response. */
  model: z.string().optional(),
  /** Length in UTF-16 code units. */
  nCharacters: z.int().min(0).optional(),
});
/** Metadata of a response. */
export type Respondent = z.infer<typeof respondentSchema>;

export const recordedVerdictSchema = z.enum(['A', 'B', 'tie', 'unparsed']);
/** A recorded verdict. */
export type RecordedVerdict = z.infer<typeof recordedVerdictSchema>;

/** Further columns, such as those of one's own bookkeeping, are allowed. */
export const recordedJudgmentSchema = z.looseObject({
  itemId: z.union([z.string().min(1), z.number()]).transform(String),
  /** Name of the judge; absent: from the file's name. */
  judge: z.string().min(1).optional(),
  /** The subset of the benchmark; absent: that of the item, or `all`. */
  subset: z.string().min(1).optional(),
  /** Absent: taken from the benchmark's items. */
  gold: goldSchema.optional(),
  /** Items of one cluster are not independent. Absent: that of the benchmark's items; without any, each item is one. */
  cluster: z
    .union([z.string().min(1), z.number()])
    .transform(String)
    .optional(),
  shown: shownSchema.default('given'),
  /** The judge's complete text; absent where only its verdict was recorded. */
  text: z.string().optional(),
  /** `length` where the text was cut at its limit. */
  finishReason: z.string().default('stop'),
  /** The recorded verdict; it is compared with the one that the rule reads from the text, or counts where there is no text. */
  verdict: recordedVerdictSchema.optional(),
  /** Of a recorded verdict without text. */
  strength: strengthSchema.optional(),
});
/** A line of this project's own format for recorded judgments. Several lines of one item and order are samples. */
export type RecordedJudgment = z.infer<typeof recordedJudgmentSchema>;

export const scoredItemSchema = z.strictObject({
  judge: z.string().min(1),
  /** Absent in files of earlier versions. */
  benchmark: z.string().min(1).optional(),
  subset: z.string().min(1),
  itemId: z.string().min(1),
  /** null where unknown. */
  gold: goldSchema.nullable(),
  /** Absent: the item is a cluster of its own. */
  cluster: z.string().min(1).optional(),
  /** Verdicts by the order in which the pair was shown. */
  given: voteCountSchema,
  swapped: voteCountSchema,
  /** What trivial judges see of the item; absent where its texts are not known. */
  shortcuts: shortcutValuesSchema.optional(),
});
/** Counted verdicts of a judge on one item; `autodidact score --save` writes them and `autodidact compare` reads them. */
export type ScoredItem = z.infer<typeof scoredItemSchema>;
