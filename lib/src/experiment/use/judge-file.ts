// Judges the pairs of a file with the judge of a run, and says which responses, and which systems, it prefers.
import {
  readPairsToJudge,
  standingsOf,
  voteOf,
  type PairVote,
  type ReadPairs,
} from '../../evaluate/index.js';
import { allOf } from '../../core/all-of.js';
import { addCount } from '../../core/own.js';
import { makeFolder, writeChunksAtomic } from '../../core/files.js';
import { dirname } from 'node:path';
import type { Assessment } from '../../schema/assessment.js';
import type { Estimate } from '../../schema/estimate.js';
import type { PairVoteReport } from '../../schema/pair-votes.js';
import type { PairToJudge, Preference, PreferenceVerdict } from '../../schema/preference.js';
import { withJudge, type OpenJudgeOptions } from './open-judge.js';

/** What is judged, by whom, and where it is written. */
export interface JudgeFileOptions extends OpenJudgeOptions {
  runFolder: string;
  /** Pairs in any format of data sets. */
  file: string;
  columns?: Record<string, unknown> | undefined;
  /** JSON Lines of {@link Preference}; absent: nowhere. */
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
  /** Pairs that its server refused, by reason. */
  refused: Record<string, number>;
  /** Of the pairs with a verdict in both orders, the share of verdicts for the response shown first. */
  shareOfFirst: number | null;
  /** How often verdicts that are alike in both orders were right on the pairs of `benchmark`. */
  confidence: Estimate;
  benchmark: string;
  /** Of a over b, or of every two systems; an abstention counts half, as a tie does. Ratings where there are three systems or more. */
  standings: Pick<PairVoteReport, 'winRates' | 'ratings'>;
}

/**
 * Judges the pairs of a file in both orders. What was answered before is not asked again.
 * @throws DataError, ConfigError for a run, a judge or a file that cannot be used; ModelError, BudgetError
 */
export async function judgeFile(options: JudgeFileOptions): Promise<JudgedFile> {
  const { runFolder, file, columns, outFile, nResamples, seed, signal, onProgress } = options;
  const { pairs, dropped, badRows } = await readPairsToJudge(file, { columns, signal });
  return withJudge(runFolder, options, async (judge) => {
    const verdicts: Record<PreferenceVerdict, number> = { a: 0, b: 0, tie: 0, abstained: 0, unscored: 0 };
    const refused: Record<string, number> = {};
    const votes: PairVote[] = [];
    const first = { n: 0, of: 0 };
    let nDone = 0;
    const { model, iteration, assessment, confidence, benchmark } = judge;
    async function* lines(): AsyncGenerator<string> {
      for await (const outcome of judge.compareAll(pairs)) {
        const pair = pairs[nDone++];
        onProgress?.(nDone, pairs.length);
        if (outcome.kind === 'dropped') addCount(refused, outcome.drop.reason);
        else if (pair) {
          const { verdict, orders } = outcome.record;
          verdicts[verdict]++;
          for (const { verdict: said } of verdict === 'unscored' ? [] : orders) {
            if (said.kind === 'tie' || said.kind === 'unparsed') continue;
            first.of++;
            if (said.kind === 'A') first.n++;
          }
          votes.push(voteOn(pair, outcome.record, model));
          yield `${JSON.stringify(outcome.record)}\n`;
        }
      }
    }
    if (outFile === undefined) await allOf(lines());
    else {
      await makeFolder(dirname(outFile));
      await writeChunksAtomic(outFile, lines());
    }
    return {
      ...{ model, iteration, assessment, benchmark, dropped, badRows, verdicts, refused },
      nPairs: pairs.length,
      shareOfFirst: first.of === 0 ? null : first.n / first.of,
      confidence: confidence.share,
      standings: standingsOf(votes, { nResamples, seed, signal }),
    };
  });
}

const POINTS_OF_A: Readonly<Record<PreferenceVerdict, number | null>> = {
  a: 1,
  b: 0,
  tie: 0.5,
  abstained: 0.5,
  unscored: null,
};

/** What a pair says of its systems; without names, of `a` and `b`. */
function voteOn(
  { instruction, systems = ['a', 'b'] }: PairToJudge,
  { verdict }: Preference,
  rater: string,
): PairVote {
  const [a, b] = systems;
  return voteOf({
    ...{ rater, item: instruction, cluster: instruction, subset: 'all' },
    // A vote gives the points of the second.
    systems: [b, a],
    points: POINTS_OF_A[verdict],
  });
}
