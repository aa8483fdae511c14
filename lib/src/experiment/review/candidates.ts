// The records of an iteration that people can be asked about, stage by stage.
import { deriveRandom } from '../../core/random.js';
import type { ReviewCandidate } from '../../review/index.js';
import { evaluatedItemSchema } from '../../schema/evaluation.js';
import { instructionSchema } from '../../schema/instruction.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import type { ReviewStage } from '../../schema/review.js';
import { trainingExampleSchema } from '../../schema/training-example.js';
import { winnerLabel } from '../../schema/verdict.js';
import type { BenchmarkItem } from '../../schema/benchmark-item.js';
import type { RunFolder } from '../../store/index.js';
import { ITERATION_FILES } from '../layout/run-files.js';

/** Where candidates come from. */
export interface CandidateSource {
  /** The folder of the iteration. */
  folder: RunFolder;
  /** The file in it whose records are asked about. */
  fileName: string;
  /** Chooses the order in which a held-out pair is asked about, where it was judged in both. */
  seed: number;
  /** The held-out pairs that the file is of. Asked for only where people judge them. */
  benchmark: () => Promise<ReadonlyMap<string, BenchmarkItem>>;
}

/** The files whose records are asked about, by stage; that of an evaluation depends on its benchmark. */
export const REVIEWED_FILES = {
  select: ITERATION_FILES.instructions,
  generate: ITERATION_FILES.pairs,
  filter: ITERATION_FILES.examples,
} as const;

/** All candidates of a stage, in the order of its file. @throws DataError for a file that is missing or damaged */
export function candidatesOf(stage: ReviewStage, source: CandidateSource): AsyncGenerator<ReviewCandidate> {
  return CANDIDATES[stage](source);
}

const CANDIDATES: Readonly<
  Record<ReviewStage, (source: CandidateSource) => AsyncGenerator<ReviewCandidate>>
> = {
  async *select({ folder, fileName }) {
    for await (const { instructionId, slice, text } of folder.records(fileName, instructionSchema))
      yield { recordId: instructionId, stratum: slice, instruction: text };
  },

  async *generate({ folder, fileName }) {
    for await (const pair of folder.records(fileName, responsePairSchema)) {
      const { pairId, slice, instruction, winner, loser } = pair;
      const responses = [winner.text, loser.text] as const;
      yield { recordId: pairId, stratum: slice, instruction, responses, better: 'A' };
    }
  },

  /** The pairs of the iteration are held in memory. */
  async *filter({ folder, fileName }) {
    const pairs = new Map<string, ResponsePair>();
    for await (const pair of folder.records(ITERATION_FILES.pairs, responsePairSchema))
      pairs.set(pair.pairId, pair);
    const nKept = new Map<string, number>();
    for await (const { pairId, completion, verdict } of folder.records(fileName, trainingExampleSchema)) {
      const pair = pairs.get(pairId);
      if (!pair) continue;
      const n = (nKept.get(pairId) ?? 0) + 1;
      nKept.set(pairId, n);
      const [winner, loser] = [pair.winner.text, pair.loser.text];
      yield {
        recordId: `${pairId}-${n}`,
        stratum: pair.slice,
        instruction: pair.instruction,
        // A kept judgment names the known winner.
        responses: verdict === 'A' ? [winner, loser] : [loser, winner],
        keepsOrder: true,
        reasoning: completion,
      };
    }
  },

  async *evaluate({ folder, fileName, seed, benchmark }) {
    const items = await benchmark();
    for await (const { itemId, slice, orders, goldTie } of folder.records(fileName, evaluatedItemSchema)) {
      const item = items.get(itemId);
      const asked = orders[deriveRandom('review-order', seed, itemId).below(orders.length)];
      if (!item || !asked) continue;
      const { order, verdict } = asked;
      yield {
        recordId: itemId,
        stratum: slice,
        instruction: item.instruction,
        responses: order === 'winner-first' ? [item.winner, item.loser] : [item.loser, item.winner],
        keepsOrder: true,
        better: goldTie ? 'tie' : winnerLabel(order),
        ...(verdict.kind === 'unparsed' ? {} : { judge: verdict.kind }),
      };
    }
  },
};
