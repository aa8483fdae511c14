// Votes on pairs of systems, by people or judges, labels only: which formats are read, and what a row says.
import { z } from 'zod';
import { nonEmpty, section } from '../../core/config-section.js';
import { fieldReader } from '../../core/field-reader.js';
import { contentHash } from '../../core/hash.js';
import { goldLabelsSchema, goldOfLabel, plainLabel } from '../gold-label.js';
import { parseRow, UnusableRow } from '../recorded/recorded-format.js';

/** One vote. */
export interface PairVote {
  /** Who voted: a person or a judge. */
  rater: string;
  /** What was asked; votes on one item, by whomever, are compared. */
  item: string;
  /** Items that are not independent, such as the turns of one conversation. */
  cluster: string;
  /** A part of the items that is also reported alone, such as `turn 1`. */
  subset: string;
  /** The two systems, in alphabetical order. */
  systems: readonly [string, string];
  /** Whether the row lists the second system first. */
  isReversed: boolean;
  /** Points of the second system, 0 to 1: 1 better, 0 worse, 0.5 a tie, or a probability; null where the vote could not be read. */
  points: number | null;
  /** Why there are none, where it is known. */
  unscoredReason?: string | undefined;
  /** The vote says that the better one is significantly better. */
  isSignificant?: boolean;
  /** Identifies what the systems answered, where the row has it. */
  answers?: readonly [string, string];
}

/** A format of votes. */
export interface PairVoteFormat {
  name: string;
  fits: (row: Record<string, unknown>) => boolean;
  /** @throws UnusableRow */
  read: (row: Record<string, unknown>, place: { fileRater: string }) => PairVote[];
}

const named = z.union([z.string(), z.number()]).transform(String);

const alpacaSchema = z.looseObject({
  instruction: z.string(),
  output_1: z.string(),
  output_2: z.string(),
  generator_1: z.string(),
  generator_2: z.string(),
  annotator: z.string().optional(),
  preference: z.number().nullable(),
});

/** AlpacaEval (github.com/tatsu-lab/alpaca_eval, results/): 1 is the first output, 2 the second, a tie 1.5 or, in older files, 0. */
const alpacaEval: PairVoteFormat = {
  name: 'alpaca-eval',
  fits: (row) => 'preference' in row && 'output_1' in row && 'generator_1' in row,
  read(row, { fileRater }) {
    const { instruction, output_1, output_2, generator_1, generator_2, annotator, preference } = parseRow(
      alpacaSchema,
      row,
    );
    if (preference !== null && preference !== 0 && !(preference >= 1 && preference <= 2))
      throw new UnusableRow('unknown-label', `preference ${preference}: expected 0, 1 to 2, or null`);
    const item = contentHash(instruction).slice(0, 16);
    return [
      voteOf({
        rater: annotator ?? fileRater,
        item,
        cluster: item,
        subset: 'all',
        systems: [generator_1, generator_2],
        points: preference === null ? null : preference === 0 ? 0.5 : preference - 1,
        answers: [contentHash(output_1), contentHash(output_2)],
      }),
    ];
  },
};

const arenaSchema = z.looseObject({
  model_a: z.string(),
  model_b: z.string(),
  winner: z.string().nullable(),
  question_id: named,
  turn: z.int().optional(),
  /** A name, or model and prompt. */
  judge: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
});

/** MT-Bench's human votes and pair verdicts, and Chatbot Arena (github.com/lm-sys/FastChat): `tie (…)` is a tie. */
const arena: PairVoteFormat = {
  name: 'arena',
  fits: (row) => 'model_a' in row && 'model_b' in row && 'winner' in row,
  read(row, { fileRater }) {
    const { model_a, model_b, winner, question_id, turn, judge } = parseRow(arenaSchema, row);
    return [
      voteOf({
        rater: (Array.isArray(judge) ? judge.join(' ') : judge) ?? fileRater,
        item: turn === undefined ? question_id : `${question_id}/${turn}`,
        cluster: question_id,
        subset: turn === undefined ? 'all' : `turn ${turn}`,
        systems: [model_a, model_b],
        points: pointsOf(winner, { first: 'model_a', second: 'model_b' }),
      }),
    ];
  },
};

const arenaHardSchema = z.looseObject({
  uid: named.optional(),
  question_id: named.optional(),
  model: z.string(),
  judge: z.string().optional(),
  baseline: z.string().default('baseline'),
  category: z.string().default('all'),
  games: z
    .array(z.looseObject({ score: z.string().nullable() }).nullable())
    .min(1)
    .max(2),
});

/**
 * Arena-Hard's judgments (github.com/lmarena/arena-hard-auto, model_judgment/): a model against a baseline, which is A in the first game and
 * B in the second. Rows of v2.0 have a `uid` and their baseline; there a game without a label takes the other one out too.
 */
const arenaHard: PairVoteFormat = {
  name: 'arena-hard',
  fits: (row) => Array.isArray(row.games) && 'model' in row,
  read(row, { fileRater }) {
    const { uid, question_id, model, judge, baseline, category, games } = parseRow(arenaHardSchema, row);
    const item = uid ?? question_id;
    if (item === undefined) throw new UnusableRow('wrong-shape', 'neither uid nor question_id');
    const isOut = uid !== undefined && games.some((game) => (game?.score ?? null) === null);
    return games.map((game, index) => {
      const label = isOut ? null : (game?.score ?? null);
      const [, left, sign] = /^([AB])(<{1,2}|=|>{1,2})[AB]$/.exec(label ?? '') ?? [];
      if (label !== null && sign === undefined) throw new UnusableRow('unknown-label', `score "${label}"`);
      const ofA = sign === '=' ? 0.5 : Number(sign?.startsWith('>') === (left === 'A'));
      return voteOf({
        rater: judge ?? fileRater,
        item,
        cluster: item,
        subset: category,
        systems: [baseline, model],
        points: label === null ? null : index === 0 ? 1 - ofA : ofA,
        isSignificant: sign?.length === 2,
      });
    });
  },
};

export const voteColumnsSchema = section({
  item: nonEmpty.default('item'),
  first: nonEmpty.default('first'),
  second: nonEmpty.default('second'),
  winner: nonEmpty.default('winner'),
  rater: nonEmpty.default('rater'),
  cluster: nonEmpty.default('cluster'),
  subset: nonEmpty.default('subset'),
  labels: goldLabelsSchema.prefault({}),
});
/** Which column of a vote holds what, by name or path; `labels` says what the column of the winner holds. */
export type VoteColumns = z.output<typeof voteColumnsSchema>;

/** Votes in any columns; by default this project's own: `{item, first, second, winner, rater?, cluster?, subset?}`. */
export function votesByColumns(columns: VoteColumns = voteColumnsSchema.parse({})): PairVoteFormat {
  const { item, first, second, winner, labels } = columns;
  return {
    name: 'votes',
    fits: (row) => [item, first, second, winner].every((column) => fieldReader(column)(row) !== undefined),
    read(row, { fileRater }) {
      if (fieldReader(winner)(row) === undefined)
        throw new UnusableRow('wrong-shape', `column "${winner}": expected a label or null`);
      const optional = (column: string): string | undefined => {
        const value = fieldReader(column)(row);
        return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
      };
      const required = (column: string): string => {
        const value = optional(column);
        if (value !== undefined) return value;
        throw new UnusableRow('wrong-shape', `column "${column}": expected a name or a number`);
      };
      const said = plainLabel(fieldReader(winner)(row)).replace(/^tie \(.*\)$/, 'tie');
      const gold = said === '' ? null : goldOfLabel(said, { labels, column: winner });
      return [
        voteOf({
          rater: optional(columns.rater) ?? fileRater,
          item: required(item),
          cluster: optional(columns.cluster) ?? required(item),
          subset: optional(columns.subset) ?? 'all',
          systems: [required(first), required(second)],
          points: gold === null ? null : { first: 0, tie: 0.5, second: 1 }[gold],
        }),
      ];
    },
  };
}

/** All formats, in the order in which a row is tried. */
export const PAIR_VOTE_FORMATS: readonly PairVoteFormat[] = [alpacaEval, arena, arenaHard, votesByColumns()];

function pointsOf(
  winner: string | null,
  { first, second }: { first: string; second: string },
): number | null {
  if (winner === null) return null;
  if (winner === first) return 0;
  if (winner === second) return 1;
  if (/^tie\b/.test(winner)) return 0.5;
  throw new UnusableRow('unknown-label', `winner "${winner}": expected ${first}, ${second} or tie`);
}

/** A vote with its systems in alphabetical order, so that it meets others on the same pair. */
export function voteOf(vote: Omit<PairVote, 'isReversed'>): PairVote {
  const [first, second] = vote.systems;
  if (first === second) throw new UnusableRow('same-system', `${first} against itself`);
  if (first < second) return { ...vote, isReversed: false };
  const { points, answers } = vote;
  return {
    ...vote,
    isReversed: true,
    systems: [second, first],
    points: points === null ? null : 1 - points,
    ...(answers === undefined ? {} : { answers: [answers[1], answers[0]] }),
  };
}

/** The side that points are on: 0 the first system, 1 the second, 0.5 neither. */
export function side(points: number): 0 | 0.5 | 1 {
  return points === 0.5 ? 0.5 : points > 0.5 ? 1 : 0;
}

/** Whether a vote could be read. */
export function isRead(vote: PairVote): vote is PairVote & { points: number } {
  return vote.points !== null;
}
