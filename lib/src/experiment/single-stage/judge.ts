// The judge stage alone: from a file of pairs to a file of judged pairs, with any judge.
import { JudgmentsWriter } from '../../judge/index.js';
import { judgmentIndexPath } from '../../schema/judgment-index.js';
import { responsePairSchema } from '../../schema/response-pair.js';
import { prepareExperiment } from '../open/prepare.js';
import { judgeStage } from '../run/asking-stages.js';
import { askInStage } from './asking-stage.js';
import { checkedInput } from './input-records.js';
import { stagePaths, type SingleStageOptions, type SingleStageResult } from './stage-file.js';

/**
 * Judges the pairs of a file. With `judge.orders: balanced` the order of a pair depends on its place among those of its slice.
 * @param options.model the judge; absent: the seed model
 * @throws ConfigError, DataError, ModelError, BudgetError; the signal's reason when it aborts
 */
export async function judgeToFile(
  options: SingleStageOptions & { inFile: string; model?: string | undefined },
): Promise<SingleStageResult> {
  const { configPath, overrides, inFile, outFile, signal } = options;
  const paths = await stagePaths(outFile, [configPath, inFile], [judgmentIndexPath(outFile)]);
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const { model = prepared.config.model } = options;
  const input = await checkedInput(inFile, {
    schema: responsePairSchema,
    idOf: ({ pairId }) => pairId,
    signal,
  });
  return askInStage(
    prepared,
    {
      stage: 'judge',
      paths,
      models: [model],
      nExpected: input.nRecords,
      createKept: (folder, fileName) => JudgmentsWriter.create(folder, fileName),
      outcomes: (asking) => judgeStage(input.read(), { model }, asking),
    },
    options,
  );
}
