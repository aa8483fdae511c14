// LLMBar's recorded evaluations (Zeng et al. 2024, arXiv 2310.07641; https://github.com/princeton-nlp/LLMBar): `result.json` below
// Dataset/<set>/evaluators/<judge>/<strategy>/, or one JSON Lines row per instance with its set, strategy and index.
import { z } from 'zod';
import { parseRating, parseVerdict, type VerdictRule } from '../../prompt/index.js';
import type { RecordedVerdict, Shown } from '../../schema/recorded-judgment.js';
import type { Verdict } from '../../schema/verdict.js';
import { SHOWN, type Convention } from '../verdict-table.js';
import {
  parseRow,
  UnusableRow,
  type ReadJudgment,
  type RecordedFormat,
  type RowContext,
} from './recorded-format.js';

const textSchema = z.tuple([z.string(), z.string()]);
const orderSchema = z.looseObject({
  completion: textSchema.optional(),
  winner: z.enum(['1', '2']).nullable(),
});
const comparisonSchema = z.looseObject({ 'swap = False': orderSchema, 'swap = True': orderSchema });
const ratingSchema = comparisonSchema.extend({ score_1: textSchema, score_2: textSchema });

const rowSchema = z.looseObject({
  label: z.union([z.literal(1), z.literal(2)]),
  results: z.array(z.unknown()).min(1),
  set: z.string().optional(),
  strategy: z.string().optional(),
  i: z.int().min(0).optional(),
  output_1: z.string().optional(),
  output_2: z.string().optional(),
});

const KEY_OF: Record<Shown, 'swap = False' | 'swap = True'> = {
  given: 'swap = False',
  swapped: 'swap = True',
};

export const llmbarFormat: RecordedFormat = {
  name: 'llmbar',
  fits: (row) => 'label' in row && Array.isArray(row.results),
  read(row, context) {
    const parsed = parseRow(rowSchema, row);
    const place = placeOf(parsed, context);
    const { output_1: first, output_2: second } = parsed;
    const itemId = `${place.subset}/${parsed.i ?? context.index}`;
    const known = context.itemOf(itemId);
    const item = {
      itemId,
      ...(known?.cluster === undefined ? {} : { cluster: known.cluster }),
      gold: parsed.label === 1 ? ('first' as const) : ('second' as const),
      ...(first === undefined || second === undefined
        ? {}
        : { responses: [{ nCharacters: first.length }, { nCharacters: second.length }] as const }),
    };
    const common = {
      kind: 'judgment' as const,
      judge: `${place.model}/${place.strategy}`,
      subset: place.subset,
      item,
    };
    return parsed.results.flatMap((result, stage) => {
      const isFinal = stage === parsed.results.length - 1;
      // Entries other than comparisons are generated references or metrics, which later prompts contain.
      if (!isFinal && !isComparison(result)) return [];
      const verdicts = isRating(result)
        ? ratedVerdicts(parseRow(ratingSchema, result))
        : comparedVerdicts(parseRow(comparisonSchema, result), context.rule ?? ruleOf(place, stage));
      return verdicts.map((verdict) => ({
        ...common,
        ...verdict,
        ...(isFinal ? {} : { isIntermediate: true as const }),
      }));
    });
  },
};

/** LLMBar decides equal grades for the output shown second, and unparsed grades for the one shown first. */
const RATING_CONVENTION: Convention = { tie: 'B', unparsed: 'A' };

/** The two orders of one result. */
type OrderVerdict = Pick<ReadJudgment, 'shown' | 'rule' | 'verdict' | 'convention' | 'recorded'>;

function comparedVerdicts(result: z.output<typeof comparisonSchema>, rule: VerdictRule): OrderVerdict[] {
  return SHOWN.map((shown) => {
    const { completion, winner } = result[KEY_OF[shown]];
    if (completion === undefined) throw new UnusableRow('wrong-shape', `${KEY_OF[shown]}: no completion`);
    const [text, finishReason] = completion;
    return {
      shown,
      rule,
      verdict: parseVerdict(rule, { text, finishReason }),
      text,
      recorded: asShown(winner, shown),
    };
  });
}

/** Each output was graded alone, so both orders follow from one pair of grades; equal grades are a tie. */
function ratedVerdicts(result: z.output<typeof ratingSchema>): OrderVerdict[] {
  const [first, second] = [result.score_1, result.score_2].map(([text, finishReason]) =>
    parseRating('whole-number', { text, finishReason }),
  );
  return SHOWN.map((shown) => {
    const recorded = asShown(result[KEY_OF[shown]].winner, shown);
    const common = { shown, rule: 'whole-number', recorded, convention: RATING_CONVENTION };
    if (!first?.ok || !second?.ok) return { ...common, verdict: { kind: 'unparsed', reason: 'no-marker' } };
    if (first.value === second.value) return { ...common, verdict: { kind: 'tie' } };
    const isFirst = first.value > second.value;
    return { ...common, verdict: { kind: isFirst === (shown === 'given') ? 'A' : 'B' } satisfies Verdict };
  });
}

/** Recorded winners name the output as the set lists it. */
function asShown(winner: '1' | '2' | null, shown: Shown): RecordedVerdict {
  if (winner === null) return 'unparsed';
  return (winner === '1') === (shown === 'given') ? 'A' : 'B';
}

/**
 * The rule of a strategy's prompt, as configured upstream: explanations end in a sentence, all others name a label. PaLM2's
 * chain-of-thought strategy was read by label.
 */
function ruleOf({ model, strategy }: Place, stage: number): VerdictRule {
  const explains =
    (strategy === 'CoT' && model !== 'PaLM2') ||
    strategy === 'Swap_CoT' ||
    (strategy === 'Swap' && stage === 0);
  return explains ? 'llmbar-sentence' : 'llmbar-label';
}

interface Place {
  model: string;
  strategy: string;
  subset: string;
}

/** Set, judge and strategy: from the row, else from the file's path. */
function placeOf(row: z.output<typeof rowSchema>, { file, fileJudge, judge }: RowContext): Place {
  const path = /Dataset\/(?<set>.+)\/evaluators\/(?<model>[^/]+)\/(?<strategy>[^/]+)\/[^/]+$/.exec(
    file,
  )?.groups;
  return {
    model: judge ?? path?.model ?? fileJudge.replace(/^transcripts_/, ''),
    strategy: row.strategy ?? path?.strategy ?? 'unknown',
    subset: row.set ?? path?.set ?? 'all',
  };
}

function isComparison(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'swap = False' in result;
}

function isRating(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'score_1' in result;
}
