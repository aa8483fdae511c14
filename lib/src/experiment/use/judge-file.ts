// Judges the pairs of a file with the judge of a run, and says which responses, and which systems, it prefers.
import { dirname } from 'node:path';
import {
  PREFERENCES_HEAD,
  preferenceRow,
  readPairsToJudge,
  refusedPreference,
  standingsOf,
  unscoredReasonOf,
  voteOf,
  type ConfidenceGroup,
  type PairVote,
  type ReadPairs,
  type Support,
} from '../../evaluate/index.js';
import { allOf } from '../../core/all-of.js';
import { makeFolder, writeChunksAtomic } from '../../core/files.js';
import { addCount } from '../../core/own.js';
import { ShareCounter } from '../../core/statistics/share-counter.js';
import type { Assessment } from '../../schema/assessment.js';
import type { Estimate } from '../../schema/estimate.js';
import type { PairVoteReport } from '../../schema/pair-votes.js';
import type { PairToJudge, Preference, PreferenceVerdict } from '../../schema/preference.js';
import type { Usage } from '../../schema/usage.js';
import { requireOtherFile } from '../layout/other-file.js';
import { withJudge, type OpenedJudge, type OpenJudgeOptions } from './open-judge.js';

/** What is judged, by whom, and where it is written. */
export interface JudgeFileOptions extends OpenJudgeOptions {
  runFolder: string;
  /** Pairs in any format of data sets. */
  file: string;
  columns?: Record<string, unknown> | undefined;
  /** A {@link Preference} for each pair: CSV where its name ends so, otherwise JSON Lines; absent: nowhere. */
  outFile?: string | undefined;
  /** Of the bootstrap of ratings. */
  nResamples: number;
  seed: number;
  onProgress?: (done: number, total: number) => void;
}

/** What a judge says of all pairs. */
export interface JudgedFile extends Pick<ReadPairs, 'dropped' | 'badRows'> {
  model: string;
  iteration: number;
  assessment: Assessment;
  nPairs: number;
  /** Pairs by verdict. */
  verdicts: Record<PreferenceVerdict, number>;
  /** Pairs without a verdict, by reason; those that the server refused among them. */
  unscored: Record<string, number>;
  /** The first refusal of each reason: whose, and what the server said. */
  refusals: (Pick<Preference, 'pairId'> & NonNullable<Preference['refused']>)[];
  /** Of the verdicts for one response of pairs with a verdict in both orders, the share for the one shown first; 0.5 is even. Of grades, there is none. */
  shareOfFirst: Estimate;
  /** How often verdicts that are alike in both orders were right on the pairs of `benchmark`. */
  confidence: Estimate;
  /** The same by what supports a verdict; empty where nothing does. */
  confidenceGroups: readonly ConfidenceGroup[];
  support: Support | null;
  benchmark: string;
  /** Of a over b, or of every two systems; an abstention counts half, as a tie does. Ratings where there are three systems or more. */
  standings: Pick<PairVoteReport, 'winRates' | 'ratings'>;
  usage: Usage;
}

/**
 * Judges the pairs of a file in both orders. What was answered before is not asked again.
 * @throws DataError, ConfigError for a run, a judge or a file that cannot be used, or an output that would replace the input; ModelError, BudgetError
 */
export async function judgeFile(options: JudgeFileOptions): Promise<JudgedFile> {
  const { runFolder, file, columns, outFile, nResamples, seed, signal } = options;
  if (outFile !== undefined) await requireOtherFile(outFile, [file]);
  const { pairs, dropped, badRows } = await readPairsToJudge(file, { columns, signal });
  return withJudge(runFolder, options, async (judge) => {
    const { model, iteration, assessment, confidence, benchmark } = judge;
    const verdicts: JudgedFile['verdicts'] = { a: 0, b: 0, tie: 0, abstained: 0, unscored: 0 };
    const unscored: Record<string, number> = {};
    const refusals: JudgedFile['refusals'] = [];
    const shareOfFirst = new ShareCounter();
    const votes: PairVote[] = [];
    const isCsv = outFile !== undefined && /\.csv$/i.test(outFile);
    async function* lines(): AsyncGenerator<string> {
      if (isCsv) yield PREFERENCES_HEAD;
      for await (const [pair, preference] of preferencesOf(judge, pairs, options.onProgress)) {
        verdicts[preference.verdict]++;
        const reason = unscoredReasonOf(preference);
        if (reason !== null) addCount(unscored, reason);
        const { pairId, refused } = preference;
        if (refused && !refusals.some((first) => first.reason === refused.reason))
          refusals.push({ pairId, ...refused });
        shareOfFirst.add(firstOf(preference), { cluster: pair.instruction });
        votes.push(voteOn(pair, preference));
        yield isCsv ? preferenceRow(preference) : `${JSON.stringify(preference)}\n`;
      }
    }
    if (outFile === undefined) await allOf(lines());
    else {
      await makeFolder(dirname(outFile));
      await writeChunksAtomic(outFile, lines());
    }
    const { winRates, ratings } = standingsOf(votes, { nResamples, seed, signal });
    return {
      ...{ model, iteration, assessment, benchmark, dropped, badRows, verdicts, unscored, refusals },
      nPairs: pairs.length,
      shareOfFirst: shareOfFirst.estimate(),
      confidence: confidence.share,
      confidenceGroups: confidence.groups,
      support: confidence.support,
      standings: {
        winRates: winRates.map((rate) => ({ ...rate, raters: model })),
        ratings: ratings.map((rating) => ({ ...rating, raters: model })),
      },
      usage: judge.usage(),
    };
  });
}

/** Pairs with what the judge says of them, in their order; one that its server refuses has no verdict. */
async function* preferencesOf(
  { compareAll }: Pick<OpenedJudge, 'compareAll'>,
  pairs: readonly PairToJudge[],
  onProgress: JudgeFileOptions['onProgress'],
): AsyncGenerator<[PairToJudge, Preference]> {
  let nDone = 0;
  for await (const outcome of compareAll(pairs)) {
    const pair = pairs[nDone++];
    if (!pair) throw new RangeError('expected one outcome for each pair');
    onProgress?.(nDone, pairs.length);
    yield [pair, outcome.kind === 'kept' ? outcome.record : refusedPreference(pair, outcome.drop)];
  }
}

/** Verdicts for one response, and those for the response shown first; of a pair that is not scored, or was graded, none. */
function firstOf({ verdict, orders, grades }: Preference): { sum: number; size: number } {
  const kinds = verdict === 'unscored' || grades ? [] : orders.map(({ verdict: said }) => said.kind);
  const of = (kind: string): number => kinds.filter((each) => each === kind).length;
  return { sum: of('A'), size: of('A') + of('B') };
}

const POINTS_OF_A: Readonly<Record<PreferenceVerdict, number | null>> = {
  a: 1,
  b: 0,
  tie: 0.5,
  abstained: 0.5,
  unscored: null,
};

/** What a pair says of its systems; without names, of `a` and `b`. */
function voteOn({ instruction, systems = ['a', 'b'] }: PairToJudge, preference: Preference): PairVote {
  const [a, b] = systems;
  return voteOf({
    // The one rater; models have names that may look as if they were of several.
    ...{ rater: 'judge', item: instruction, cluster: instruction, subset: 'all' },
    // A vote gives the points of the second.
    systems: [b, a],
    points: POINTS_OF_A[preference.verdict],
    unscoredReason: unscoredReasonOf(preference) ?? undefined,
  });
}
