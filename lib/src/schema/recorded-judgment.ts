// A recorded judgment: what any judge once said of a benchmark item, in the order in which it saw the pair.
import { z } from 'zod';
import { voteCountSchema } from './verdict.js';

export const goldSchema = z.enum(['first', 'second', 'tie']);
/** Which response is better, of the pair as its benchmark lists it. */
export type Gold = z.infer<typeof goldSchema>;

export const shownSchema = z.enum(['given', 'swapped']);
/** Whether the judge saw the pair as its benchmark lists it (A is the first response) or the other way round. */
export type Shown = z.infer<typeof shownSchema>;

export const respondentSchema = z.strictObject({
  /** The model that wrote the response. */
  model: z.string().optional(),
  /** Length in UTF-16 code units. */
  nCharacters: z.int().min(0).optional(),
});
/** What is known of a response besides its text. */
export type Respondent = z.infer<typeof respondentSchema>;

export const recordedVerdictSchema = z.enum(['A', 'B', 'tie', 'unparsed']);
/** A verdict as someone recorded it. */
export type RecordedVerdict = z.infer<typeof recordedVerdictSchema>;

export const recordedJudgmentSchema = z.strictObject({
  itemId: z.string().min(1),
  /** Who judged; absent: named by the file. */
  judge: z.string().min(1).optional(),
  /** The subset of the benchmark; absent: that of the item, or `all`. */
  subset: z.string().min(1).optional(),
  /** Absent: taken from the benchmark's items. */
  gold: goldSchema.optional(),
  shown: shownSchema.default('given'),
  /** What the judge wrote, whole. */
  text: z.string(),
  /** `length` where the text was cut at its limit. */
  finishReason: z.string().default('stop'),
  /** The verdict that was recorded then; it is held against the one that the rule reads now. */
  verdict: recordedVerdictSchema.optional(),
});
/** A line of this project's own format for recorded judgments. Several lines of one item and order are samples. */
export type RecordedJudgment = z.infer<typeof recordedJudgmentSchema>;

export const scoredItemSchema = z.strictObject({
  judge: z.string().min(1),
  subset: z.string().min(1),
  itemId: z.string().min(1),
  /** null where it is not known. */
  gold: goldSchema.nullable(),
  /** Verdicts by the order in which the pair was shown. */
  given: voteCountSchema,
  swapped: voteCountSchema,
});
/** What a judge said of one item, counted; what `autodidact score --save` writes and `autodidact compare` reads. */
export type ScoredItem = z.infer<typeof scoredItemSchema>;
