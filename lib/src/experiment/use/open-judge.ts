// The judge of a run, opened for pairs of which nobody knows the better response.
import {
  evaluateJudge,
  itemOfPair,
  preferenceOf,
  type Confidence,
  type EvaluateOptions,
} from '../../evaluate/index.js';
import { DataError } from '../../core/errors.js';
import { schemaProblems } from '../../core/jsonl.js';
import { printable } from '../../core/text.js';
import type { Assessment } from '../../schema/assessment.js';
import { kept, type Drop, type Outcome } from '../../schema/drop.js';
import { pairToJudgeSchema, type PairToJudge, type Preference } from '../../schema/preference.js';
import type { Usage } from '../../schema/usage.js';
import { withOpenedServers, type OpenServersOptions } from '../open/opened-experiment.js';
import { judgeOfRun, type JudgeChoice } from './judge-of-run.js';

/** Which judge, and how it is reached. */
export interface OpenJudgeOptions
  extends JudgeChoice, Partial<Pick<OpenServersOptions, 'environment' | 'embeddedFolder' | 'signal'>> {
  /** Where completions are kept. Default: `.autodidact/completions`. */
  completionsFolder?: string;
  /** Receives warnings. Default: they are dropped. */
  onWarning?: (message: string) => void;
}

/** A judge at hand. */
export interface OpenedJudge {
  /** As its server names it. */
  model: string;
  iteration: number;
  /** Whether it can be trusted. */
  assessment: Assessment;
  /** How often its verdicts that are alike in both orders were right on held-out pairs, and of what benchmark those are. */
  confidence: Confidence;
  benchmark: string;
  /**
   * Compares two responses in both orders; any number of calls may be under way at once.
   * @throws DataError for what is no pair, and for a pair that its server refuses; ModelError, BudgetError; the reason of a signal that aborts
   */
  compare: (
    pair: Pick<PairToJudge, 'instruction' | 'a' | 'b'>,
    options?: { signal?: AbortSignal | undefined },
  ) => Promise<Preference>;
  /** Compares many, in their order; a pair that its server refuses is a drop. */
  compareAll: (pairs: Iterable<PairToJudge>) => AsyncIterable<Outcome<Preference>>;
  /** What was used since it was opened. */
  usage: () => Usage;
  /** Ends comparisons that are under way, and closes its connections; answers are kept. */
  close: () => Promise<void>;
}

/**
 * Opens the judge of a run: the model, the prompts and the sampling that it was measured with. Its completions are kept in the store, so
 * that nothing is asked twice, and what it costs counts towards the budget of its run.
 * @param runFolder of a run that no other process works on
 * @throws DataError for a folder that is no run; ConfigError for an iteration that is not there, or a key that is missing; ModelError where no server answers
 * @example
 * ```ts
 * const judge = await openJudge('results/quickstart/seed-1-0123abcd');
 * const { verdict, confidence } = await judge.compare({ instruction: 'compute 4 + 5', a: '9', b: '1' });
 * await judge.close();
 * ```
 */
export function openJudge(runFolder: string, options: OpenJudgeOptions = {}): Promise<OpenedJudge> {
  return new Promise<OpenedJudge>((resolve, reject) => {
    const work = withJudge(
      runFolder,
      options,
      (judge) =>
        new Promise<undefined>((release) => {
          const close = async (): Promise<void> => {
            release(undefined);
            await work;
          };
          resolve({ ...judge, close });
        }),
    );
    work.catch(reject);
  });
}

/** The same for the time of some work. @throws as {@link openJudge}; whatever the work throws */
export async function withJudge<Result>(
  runFolder: string,
  options: OpenJudgeOptions,
  work: (judge: Omit<OpenedJudge, 'close'>) => Promise<Result>,
): Promise<Result> {
  const { environment = process.env, embeddedFolder, completionsFolder, onWarning } = options;
  const judge = await judgeOfRun(runFolder, options);
  const { model, iteration, config, configPath, folder, assessment, confidence, benchmark } = judge;
  const closing = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, closing.signal]) : closing.signal;
  const servers: OpenServersOptions = {
    environment,
    configPath,
    completionsFolder: completionsFolder ?? COMPLETIONS_FOLDER,
    ...(embeddedFolder === undefined ? {} : { embeddedFolder }),
    signal,
    demands: { models: [model], needsTraining: false },
    onEvent: (event) => {
      if (event.kind === 'warning') onWarning?.(event.message);
    },
  };
  return withOpenedServers({ config, folder }, servers, async ({ chatModel, ledger }) => {
    ledger.startStage(iteration, 'use');
    const how = judge.howWith(chatModel, signal);
    try {
      return await work({
        ...{ model, iteration, assessment, confidence, benchmark },
        compare: (pair, { signal: own } = {}) =>
          comparedAlone(pair, { ...how, signal: own ? AbortSignal.any([own, signal]) : signal }, confidence),
        compareAll: (pairs) => comparedAll(pairs, how, confidence),
        usage: () => chatModel.usage,
      });
    } finally {
      closing.abort(new Error('the judge is closed'));
    }
  });
}

/** Where completions are kept unless somebody says otherwise. */
export const COMPLETIONS_FOLDER = '.autodidact/completions';

async function* comparedAll(
  pairs: Iterable<PairToJudge>,
  how: EvaluateOptions,
  confidence: Confidence,
): AsyncGenerator<Outcome<Preference>> {
  // Outcomes come in the order of the pairs.
  const waiting: PairToJudge[] = [];
  function* items() {
    for (const pair of pairs) {
      waiting.push(pair);
      yield itemOfPair(pair);
    }
  }
  for await (const outcome of evaluateJudge(items(), how)) {
    const pair = waiting.shift();
    if (!pair) throw new RangeError('expected one outcome for each pair');
    yield outcome.kind === 'dropped'
      ? { ...outcome, drop: { ...outcome.drop, subjectId: pair.pairId } }
      : kept(preferenceOf(pair, outcome.record, confidence));
  }
}

async function comparedAlone(
  pair: Pick<PairToJudge, 'instruction' | 'a' | 'b'>,
  how: EvaluateOptions,
  confidence: Confidence,
): Promise<Preference> {
  const parsed = pairToJudgeSchema.safeParse({ ...pair, pairId: PAIR_ALONE });
  if (!parsed.success) {
    throw new DataError({
      subject: 'the judge',
      expected: 'a pair of instruction, a and b, which are texts',
      received: schemaProblems(parsed.error),
      remedy: 'Call compare({ instruction, a, b }); the instruction must not be empty.',
    });
  }
  for await (const outcome of comparedAll([parsed.data], how, confidence)) {
    if (outcome.kind === 'kept') return outcome.record;
    throw refused(outcome.drop);
  }
  throw new RangeError('expected one outcome');
}

/** The id of a pair that is judged alone. */
const PAIR_ALONE = 'pair';

function refused({ reason, detail }: Drop): DataError {
  return new DataError({
    subject: 'the judge',
    expected: 'an answer of its server about this pair',
    received: detail === undefined ? reason : `${reason}: ${printable(detail)}`,
    remedy: 'Shorten the responses, or see what the server says of them.',
  });
}
