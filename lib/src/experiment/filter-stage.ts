// The filter stage's work: kept judgments, joined with the prompts that they answer, become training examples.
import { DataError } from '../core/errors.js';
import { deriveSeed } from '../core/random.js';
import { filterJudgments, type KeptJudgment } from '../filter/index.js';
import { judgePromptOf } from '../judge/index.js';
import type { PromptPack } from '../prompt/index.js';
import type { Outcome } from '../schema/drop.js';
import { judgedPairSchema } from '../schema/judgment.js';
import { responsePairSchema, type ResponsePair } from '../schema/response-pair.js';
import type { TrainingExample } from '../schema/training-example.js';
import { FILES, type LoopContext } from './loop-context.js';
import type { StageSurroundings } from './stage-runner.js';

/** Filters the judgments and joins each kept one with the prompt that it answers. */
export async function* filterToExamples(
  { config, pack }: LoopContext,
  { folder, iteration }: StageSurroundings,
): AsyncGenerator<Outcome<TrainingExample>> {
  const pairs = new Map<string, ResponsePair>();
  for await (const pair of folder.records(FILES.pairs, responsePairSchema)) pairs.set(pair.pairId, pair);
  const judgedPairs = folder.records(FILES.judgments, judgedPairSchema);
  const seed = deriveSeed(config.seed, 'filter', iteration);
  for await (const outcome of filterJudgments(judgedPairs, { ...config.filter, seed })) {
    if (outcome.kind === 'dropped') yield outcome;
    else yield { kind: 'kept', record: toExample(outcome.record, pairs, pack) };
  }
}

function toExample(
  { judgment, verdict }: KeptJudgment,
  pairs: ReadonlyMap<string, ResponsePair>,
  pack: PromptPack,
): TrainingExample {
  const pair = pairs.get(judgment.pairId);
  if (!pair) {
    throw new DataError({
      subject: FILES.judgments,
      expected: `judgments of the pairs in ${FILES.pairs}`,
      received: `a judgment of ${judgment.pairId}, which is not there`,
      remedy: 'Move the folder of this iteration away and run again.',
    });
  }
  const prompt = pack.judge.render(judgePromptOf(pair, judgment.order));
  return {
    pairId: judgment.pairId,
    instructionId: pair.instructionId,
    prompt,
    completion: judgment.text,
    verdict,
  };
}
