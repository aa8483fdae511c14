// The generate stage alone: from a file of instructions to a file of pairs.
import { requireNoOverlap } from '../../audit/index.js';
import { generatingModels, losersPerInstruction } from '../../generate/index.js';
import { instructionSchema } from '../../schema/instruction.js';
import { checkLaterOverlaps, checkOverlap } from '../open/overlap-check.js';
import { prepareExperiment } from '../open/prepare.js';
import { generateStage } from '../run/asking-stages.js';
import { askInStage } from './asking-stage.js';
import { checkedInput } from './input-records.js';
import { stagePaths, type SingleStageOptions, type SingleStageResult } from './stage-file.js';

/**
 * Writes pairs for the instructions of a file.
 * @throws ConfigError, ModelError, BudgetError; DataError also for instructions that a benchmark holds, unless that is waived or only
 *   reported; the signal's reason when it aborts
 */
export async function generateToFile(
  options: SingleStageOptions & { inFile: string },
): Promise<SingleStageResult> {
  const { configPath, overrides, inFile, outFile, signal } = options;
  const paths = await stagePaths(outFile, [configPath, inFile]);
  const prepared = await prepareExperiment(configPath, overrides, options.signal);
  const { config, evaluations } = prepared;
  const [{ benchmark }] = evaluations;
  const input = await checkedInput(inFile, {
    schema: instructionSchema,
    idOf: ({ instructionId }) => instructionId,
    signal,
  });
  const overlap = await checkOverlap(config, input.read(), { items: benchmark.items, signal });
  if (overlap) requireNoOverlap(overlap, { subject: `overlap of ${inFile} and benchmark`, remedy: REMEDY });
  await checkLaterOverlaps(config, input.read, { evaluations, signal });
  return askInStage(
    prepared,
    {
      stage: 'generate',
      paths,
      models: generatingModels(config.generate, config.model),
      nExpected: input.nRecords * losersPerInstruction(config.generate.losers),
      outcomes: (asking) => generateStage(input.read(), asking),
    },
    options,
  );
}

const REMEDY =
  'Leave these instructions out, as select does with overlap.action: drop, or list the overlap with its reason under overlap.waive, if it does no harm.';
