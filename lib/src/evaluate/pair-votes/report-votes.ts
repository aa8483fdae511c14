// Reads files of votes on pairs of systems, and reports win rates, ratings and the agreement of raters.
import { ConfigError, DataError } from '../../core/errors.js';
import { groupBy } from '../../core/group-by.js';
import { schemaProblems } from '../../core/jsonl.js';
import { addCount } from '../../core/own.js';
import { deriveRandom } from '../../core/random.js';
import { percentileInterval } from '../../core/statistics/bootstrap.js';
import { standardDeviation } from '../../core/statistics/index.js';
import { readRows, type RowFormat } from '../../datasets/index.js';
import type { Estimate } from '../../schema/estimate.js';
import type { PairVoteReport, Rating, WinRate } from '../../schema/pair-votes.js';
import type { BadRow } from '../../schema/scoring.js';
import { BadRowList } from '../bad-row-list.js';
import { fileJudgeOf, UnusableRow } from '../recorded/recorded-format.js';
import { WeightedShare } from '../weighted-verdicts.js';
import { bradleyTerry } from './bradley-terry.js';
import {
  isRead,
  PAIR_VOTE_FORMATS,
  side,
  voteColumnsSchema,
  votesByColumns,
  type PairVote,
  type VoteColumns,
} from './pair-vote.js';
import { agreementsOf } from './rater-agreement.js';

/** Why a vote is unscored: its row has null. */
const NO_PREFERENCE = 'no-preference';

/** A system that answers this share of at least so many items with one text is remarked on. */
const REPEATED_SHARE = 0.1;
const REPEATED_ITEMS = 20;

/** What is read, and how. */
export interface PairVoteOptions {
  files: readonly string[];
  fileFormat?: RowFormat | undefined;
  /** Where rows of other columns hold what, see {@link voteColumnsSchema}; absent: the formats are tried. */
  columns?: Record<string, unknown> | undefined;
  /** Resamples of the bootstrap of ratings, 100 or more. */
  nResamples: number;
  /** Seed of the bootstrap. */
  seed: number;
  signal?: AbortSignal | undefined;
}

/**
 * Reports votes.
 * @throws DataError for a file that cannot be read, or that has no vote; ConfigError for wrong columns
 */
export async function reportPairVotes(options: PairVoteOptions): Promise<PairVoteReport> {
  const { files } = options;
  const { votes, dropped, badRows } = await readVotes(options);
  if (votes.length === 0) throw noVotes(files, badRows[0]);
  const byKind = groupBy(votes, ({ rater }) => kindOf(rater));
  return {
    files: [...files],
    nVotes: votes.length,
    raters: Object.fromEntries(
      [...byKind].map(([kind, of]) => [
        kind,
        { nRaters: new Set(of.map(({ rater }) => rater)).size, nVotes: of.length },
      ]),
    ),
    ...standingsOf(votes, options),
    agreements: agreementsOf(byKind),
    repeatedAnswers: repeatedAnswersOf(votes),
    dropped,
    badRows,
  };
}

/** Win rates of every two systems, and ratings where there are three or more. */
export function standingsOf(
  votes: readonly PairVote[],
  options: Pick<PairVoteOptions, 'nResamples' | 'seed' | 'signal'>,
): Pick<PairVoteReport, 'winRates' | 'ratings'> {
  const byKind = groupBy(votes, ({ rater }) => kindOf(rater));
  return {
    winRates: [...byKind].flatMap(([kind, of]) => winRatesOf(kind, of)),
    ratings: [...byKind].flatMap(([kind, of]) => ratingsOf(kind, of, options)),
  };
}

async function readVotes({
  files,
  fileFormat,
  columns,
  signal,
}: PairVoteOptions): Promise<{ votes: PairVote[] } & Pick<PairVoteReport, 'dropped' | 'badRows'>> {
  const votes: PairVote[] = [];
  const bad = new BadRowList();
  const named = columns && votesByColumns(voteColumnsOf(columns));
  for (const file of files) {
    const fileRater = fileJudgeOf(file, files);
    for await (const row of readRows(file, { format: fileFormat })) {
      signal?.throwIfAborted();
      const place = { file, line: row.line };
      try {
        if (!('row' in row)) throw new UnusableRow('unreadable-row', row.problem);
        const format = named ?? PAIR_VOTE_FORMATS.find(({ fits }) => fits(row.row));
        if (!format) throw new UnusableRow('no-known-format', Object.keys(row.row).join(', '));
        votes.push(...format.read(row.row, { fileRater }));
      } catch (thrown) {
        if (!(thrown instanceof UnusableRow)) throw thrown;
        bad.add({ ...place, reason: thrown.reason, detail: thrown.message });
      }
    }
  }
  const { dropped, badRows } = bad;
  return { votes, dropped, badRows };
}

/** @throws ConfigError */
function voteColumnsOf(columns: Record<string, unknown>): VoteColumns {
  const parsed = voteColumnsSchema.safeParse(columns);
  if (parsed.success) return parsed.data;
  throw new ConfigError({
    subject: '--columns',
    expected: 'the columns of item, first, second and winner, and perhaps of rater, cluster and subset',
    received: schemaProblems(parsed.error),
    remedy: 'For instance: --columns item=id,first=models[0],second=models[1],winner=vote',
  });
}

/** `expert_17` and `expert_3` are raters of one kind, and so are 17 and 3; `gpt-4` and `gpt-5` are two judges. */
function kindOf(rater: string): string {
  return /^\d+$/.test(rater) ? 'rater' : (/^(.*\D)_\d+$/.exec(rater)?.[1] ?? rater);
}

/** Of every pair of systems: of the one that its first vote lists second, against the other. */
function winRatesOf(raters: string, votes: readonly PairVote[]): WinRate[] {
  return [...groupBy(votes, ({ systems }) => systems.join('\u0000')).values()].map((of): WinRate => {
    const isReversed = of[0]?.isReversed ?? false;
    const [first, second] = of[0]?.systems ?? ['', ''];
    const [opponent, system] = isReversed ? [second, first] : [first, second];
    const pointsOf = ({ points }: PairVote): number | null =>
      points === null || !isReversed ? points : 1 - points;
    const scored = of.map(pointsOf).filter((value) => value !== null);
    const deviation = standardDeviation(scored);
    return {
      raters,
      system,
      opponent,
      winRate: shareByCluster(of, pointsOf),
      standardError: deviation === null ? null : deviation / Math.sqrt(scored.length),
      discreteWinRate: shareByCluster(of, (vote) => {
        const points = pointsOf(vote);
        return points === null ? null : side(points);
      }),
      ...(of.some(({ isSignificant }) => isSignificant)
        ? {
            weightedWinRate: shareByCluster(of, pointsOf, { isWeighted: true }),
          }
        : {}),
    };
  });
}

/** The mean of a score of votes, with an interval over clusters. */
function shareByCluster(
  votes: readonly PairVote[],
  score: (vote: PairVote) => number | null,
  { isWeighted = false } = {},
): Estimate {
  const share = new WeightedShare();
  for (const vote of votes) {
    const isSignificant = isWeighted && vote.isSignificant === true;
    share.add(score(vote), { isSignificant, cluster: vote.cluster, reason: reasonOf(vote) });
  }
  return share.estimate();
}

function reasonOf({ unscoredReason = NO_PREFERENCE }: PairVote): string {
  return unscoredReason;
}

/** Ratings where three or more systems were compared; the best first, those without a vote that could be read last. */
function ratingsOf(
  raters: string,
  votes: readonly PairVote[],
  { nResamples, seed, signal }: Pick<PairVoteOptions, 'nResamples' | 'seed' | 'signal'>,
): Rating[] {
  const systems = [...new Set(votes.flatMap((vote) => vote.systems))].sort();
  if (systems.length < 3) return [];
  const indexOf = new Map(systems.map((system, index) => [system, index]));
  // The points that a cluster gives to cells of the table, one row of it after the other; most clusters know few systems.
  const clusters = [...groupBy(votes, ({ cluster }) => cluster).values()].map((of) =>
    of
      .filter(isRead)
      .flatMap(({ systems: [first, second], points }): (readonly [cell: number, points: number])[] => {
        const [a, b] = [indexOf.get(first) ?? 0, indexOf.get(second) ?? 0];
        return [
          [b * systems.length + a, points],
          [a * systems.length + b, 1 - points],
        ];
      }),
  );
  const rated = (drawn: readonly (typeof clusters)[number][]): number[] => {
    const sum = new Float64Array(systems.length ** 2);
    for (const given of drawn) for (const [cell, points] of given) sum[cell] = (sum[cell] ?? 0) + points;
    return bradleyTerry(
      systems.map((_, i) => [...sum.subarray(i * systems.length, (i + 1) * systems.length)]),
    );
  };
  const random = deriveRandom('ratings', raters, seed);
  const resampled = Array.from({ length: nResamples }, () => {
    signal?.throwIfAborted();
    return rated(clusters.map(() => clusters[random.below(clusters.length)] ?? []));
  });
  return rated(clusters)
    .map((value, index): Rating => {
      const sorted = Float64Array.from(resampled, (ratings) => ratings[index] ?? 0);
      const own = votes.filter((vote) => vote.systems.includes(systems[index] ?? ''));
      const n = own.filter(isRead).length;
      const unscoredReasons: Record<string, number> = {};
      for (const vote of own) if (!isRead(vote)) addCount(unscoredReasons, reasonOf(vote));
      return {
        raters,
        system: systems[index] ?? '',
        rating: {
          // The imagined tie alone says nothing.
          value: n === 0 ? null : value,
          n,
          unscored: own.length - n,
          ...(own.length > n && { unscoredReasons }),
          nClusters: clusters.length,
          ...percentileInterval(sorted, { nItems: clusters.length }),
          method: `Bradley-Terry; percentile bootstrap 95% over ${clusters.length} clusters of items, t adjustment, ${nResamples} resamples`,
        },
      };
    })
    .sort((a, b) => (b.rating.value ?? -Infinity) - (a.rating.value ?? -Infinity));
}

function repeatedAnswersOf(votes: readonly PairVote[]): PairVoteReport['repeatedAnswers'] {
  const bySystem = new Map<string, Map<string, string>>();
  for (const { systems, answers, item } of votes) {
    for (const [i, system] of systems.entries()) {
      const answer = answers?.[i];
      if (answer === undefined) continue;
      const ofSystem = bySystem.get(system) ?? new Map<string, string>();
      bySystem.set(system, ofSystem.set(item, answer));
    }
  }
  return [...bySystem].flatMap(([system, ofSystem]) => {
    const nEqual = Math.max(
      ...[...groupBy([...ofSystem.values()], (answer) => answer).values()].map((of) => of.length),
    );
    const nAnswers = ofSystem.size;
    return nAnswers >= REPEATED_ITEMS && nEqual >= REPEATED_SHARE * nAnswers
      ? [{ system, nEqual, nAnswers }]
      : [];
  });
}

function noVotes(files: readonly string[], bad: BadRow | undefined): DataError {
  return new DataError({
    subject: bad ? `${bad.file}:${bad.line}` : files.join(', '),
    expected: `votes in one of the formats ${PAIR_VOTE_FORMATS.map(({ name }) => name).join(', ')}`,
    received: bad ? `${bad.reason}: ${bad.detail}` : 'no rows',
    remedy:
      'Write lines of {item, first, second, winner, rater?}, where winner is first, second, tie or null.',
  });
}
