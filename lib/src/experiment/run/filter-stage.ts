// The filter stage: kept judgments, joined with their prompts, become training examples.
import { DataError } from '../../core/errors.js';
import { KeyedRecords } from '../../core/keyed-records.js';
import { deriveSeed } from '../../core/random.js';
import {
  filterJudgments,
  filterPreferences,
  filterRewardPrompts,
  rejectedKindOf,
  type PreferenceSettings,
  type RewardPromptSettings,
} from '../../filter/index.js';
import { judgePromptOf } from '../../judge/index.js';
import type { Outcome } from '../../schema/drop.js';
import type { Judgment } from '../../schema/judgment.js';
import { responsePairSchema, type ResponsePair } from '../../schema/response-pair.js';
import type { PreferenceExample, RewardExample, TrainingExample } from '../../schema/training-example.js';
import type { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import type { PreparedExperiment } from '../open/prepare.js';
import { ITERATION_FILES } from '../layout/run-files.js';
import type { StageWork } from './stage-runner.js';

/** What the prompts of examples are made from. */
type PromptContext = Pick<PreparedExperiment, 'pack'> & { config: Pick<ExperimentConfig, 'seed' | 'filter'> };
/** Paths of what the filter works on. */
export interface FilterFiles {
  judgments: string;
  /** The pairs that were judged, in any order. */
  pairs: string;
}

interface FilterSurroundings {
  files: FilterFiles;
  iteration: number;
}

/** What the filter works on in the folder of an iteration. */
export function filterFilesIn(folder: RunFolder): FilterFiles {
  return { judgments: folder.file(ITERATION_FILES.judgments), pairs: folder.file(ITERATION_FILES.pairs) };
}

/** Filters the judgments and joins each kept one with the prompt that it answers. @throws DataError */
export async function* filterToExamples(
  { config, pack }: PromptContext,
  { files, iteration }: FilterSurroundings,
): AsyncGenerator<Outcome<TrainingExample>> {
  const seed = deriveSeed(config.seed, 'filter', iteration);
  const judgments = filterJudgments({ path: files.judgments }, { ...config.filter, seed });
  yield* joined(judgments, { files, pack }, ({ judgment, verdict }) => ({
    answered: judgment,
    rest: { completion: judgment.text, verdict },
  }));
}

/** Matches right judgments with wrong ones of the same prompt. @throws DataError */
export async function* filterToPreferences(
  { config, pack }: PromptContext,
  { files, iteration, settings }: FilterSurroundings & { settings: PreferenceSettings },
): AsyncGenerator<Outcome<PreferenceExample>> {
  const seed = deriveSeed(config.seed, 'preferences', iteration);
  const preferences = filterPreferences({ path: files.judgments }, { ...settings, seed });
  yield* joined(preferences, { files, pack }, ({ chosen, rejected, verdict }) => {
    const rejectedAs = rejectedKindOf(rejected.verdict);
    return {
      answered: chosen,
      rest: {
        chosen: chosen.text,
        rejected: rejected.text,
        verdict,
        ...(rejectedAs === 'wrong' ? {} : { rejectedAs }),
      },
    };
  });
}

/** The prompts of judged pairs, each with its known winner. @throws DataError */
export function filterToRewardPrompts(
  { pack }: Pick<PromptContext, 'pack'>,
  { files, settings }: Pick<FilterSurroundings, 'files'> & { settings: RewardPromptSettings },
): AsyncGenerator<Outcome<RewardExample>> {
  const prompts = filterRewardPrompts({ path: files.judgments }, settings);
  return joined(prompts, { files, pack }, ({ judgment, verdict }) => ({
    answered: judgment,
    rest: { order: judgment.order, winner: verdict, loser: verdict === 'A' ? 'B' : 'A' },
  }));
}

/** The stages that draw the examples of what follows the supervised training. */
export function stagesOfLaterTrainings(
  context: Pick<PreparedExperiment, 'pack' | 'config'>,
  from: FilterSurroundings,
): Omit<StageWork<PreferenceExample | RewardExample>, 'nExpected'>[] {
  const { dpo, reinforcement } = context.config.finetune;
  return [
    ...(dpo
      ? [
          {
            stage: 'prefer' as const,
            fileName: ITERATION_FILES.preferences,
            outcomes: () => filterToPreferences(context, { ...from, settings: dpo.preferences }),
          },
        ]
      : []),
    ...(reinforcement
      ? [
          {
            stage: 'reward' as const,
            fileName: ITERATION_FILES.rewardPrompts,
            outcomes: () => filterToRewardPrompts(context, { ...from, settings: reinforcement }),
          },
        ]
      : []),
  ];
}

/** What every example has, and the prompt that its judgment answers. */
type PromptOfPair = Pick<TrainingExample, 'pairId' | 'instructionId' | 'prompt'>;

/** Both files are in the order of the pairs, so that each is read once. */
async function* joined<Kept, Rest>(
  outcomes: AsyncIterable<Outcome<Kept>>,
  { files, pack }: Pick<FilterSurroundings, 'files'> & Pick<PreparedExperiment, 'pack'>,
  toExample: (kept: Kept) => { answered: Judgment; rest: Rest },
): AsyncGenerator<Outcome<PromptOfPair & Rest>> {
  const pairs = await KeyedRecords.open(files.pairs, {
    schema: responsePairSchema,
    idOf: ({ pairId }) => pairId,
  });
  try {
    for await (const outcome of outcomes) {
      if (outcome.kind === 'dropped') yield outcome;
      else {
        const { answered, rest } = toExample(outcome.record);
        const { pairId, order } = answered;
        const pair = await pairs.find(pairId);
        if (!pair) throw pairMissing(pairId, files);
        const { instructionId } = pair;
        const prompt = pack.judge.render(judgePromptOf(pair, order));
        yield { kind: 'kept', record: { pairId, instructionId, prompt, ...rest } };
      }
    }
  } finally {
    await pairs.close();
  }
}

function pairMissing(pairId: ResponsePair['pairId'], { judgments, pairs }: FilterFiles): DataError {
  return new DataError({
    subject: judgments,
    expected: `judgments of the pairs in ${pairs}`,
    received: `a judgment of ${pairId}, which is not there`,
    remedy:
      'Name the file of the pairs that were judged; in a run, move the folder of the iteration away and run again.',
  });
}
