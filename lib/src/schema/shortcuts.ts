// Judges that understand nothing, and what they see of a pair.
import { z } from 'zod';

/** Trivial judges by their name in records, each with what it chooses. */
export const TRIVIAL_JUDGES = {
  first: 'the response shown first',
  longer: 'the longer response',
  markdown: 'the response with more markdown',
  overlap: 'the response with more words of the instruction',
  bagOfWords: 'by a bag of words, cross-validated',
} as const;

/** Name of a trivial judge. */
export type TrivialJudge = keyof typeof TRIVIAL_JUDGES;

export const TRIVIAL_JUDGE_NAMES = Object.keys(TRIVIAL_JUDGES) as TrivialJudge[];

export const shortcutValuesSchema = z.partialRecord(
  z.enum(TRIVIAL_JUDGE_NAMES).exclude(['first']),
  z.tuple([z.number(), z.number()]),
);
/**
 * What trivial judges see of a pair as its benchmark lists it, first response and second; the response with the larger value is chosen, and
 * neither where they are equal. Absent where the texts are not known, and for a bag of words of too few clusters.
 */
export type ShortcutValues = z.infer<typeof shortcutValuesSchema>;
