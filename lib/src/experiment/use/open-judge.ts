// The judge of a run, opened for pairs of which nobody knows the better response.
import { dirname, join } from 'node:path';
import { assessRun } from '../run/assess-run.js';
import { readEvaluation } from '../score/judge-figures.js';
import {
  Confidence,
  evaluateJudge,
  itemOfPair,
  preferenceOf,
  type EvaluateOptions,
} from '../../evaluate/index.js';
import { DataError } from '../../core/errors.js';
import { printable } from '../../core/text.js';
import { loadPack } from '../../prompt/index.js';
import type { Assessment } from '../../schema/assessment.js';
import { kept, type Drop, type Outcome } from '../../schema/drop.js';
import type { PairToJudge, Preference } from '../../schema/preference.js';
import { runManifestSchema } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { RUN_FILES } from '../layout/run-files.js';
import { withOpenedServers, type OpenServersOptions } from '../open/opened-experiment.js';
import { readFigures } from '../watch/read-figures.js';

/** Which judge, and how it is reached. */
export interface OpenJudgeOptions extends Partial<
  Pick<OpenServersOptions, 'environment' | 'embeddedFolder' | 'signal'>
> {
  /** Of the run; 0 is the seed model. Default: the last finished one. */
  iteration?: number | undefined;
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
   * Compares two responses in both orders.
   * @throws ModelError, BudgetError; the signal's reason when aborted
   */
  compare: (pair: Pick<PairToJudge, 'instruction' | 'a' | 'b'>) => Promise<Preference>;
  /** Compares many, in their order; a pair that its server refuses is a drop. */
  compareAll: (pairs: Iterable<PairToJudge>) => AsyncIterable<Outcome<Preference>>;
  /** Closes its connections; answers are kept. */
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
 * const { verdict, confidence } = await judge.compare({ instruction: 'Add 2 and 3.', a: '5', b: '6' });
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
  const { signal = new AbortController().signal, iteration: asked } = options;
  const folder = new RunFolder(runFolder);
  const [{ iteration, manifest, folder: inside }] = await chosenIterations(
    runFolder,
    asked === undefined ? 'last' : String(asked),
  );
  const config = await readRunConfig(folder);
  const run = await folder.readJson(RUN_FILES.manifest, runManifestSchema);
  const finished = await chosenIterations(runFolder, 'all');
  const figures = await readFigures(folder, finished.length);
  const iterations = figures.filter((each) => each.iteration <= iteration);
  const assessment = await assessRun(folder, { config, iterations, withNext: false });
  const evaluation = evaluationsOf(config).find(({ isHeadline }) => isHeadline) ?? evaluationsOf(config)[0];
  const confidence = Confidence.from(await readEvaluation(inside.file(evaluationIn(manifest).fileName)));
  const configPath = run?.configFile ?? join(runFolder, RUN_FILES.config);
  const pack = await loadPack(evaluation.pack ?? config.pack, { folder: dirname(configPath) });
  const model = manifest.resultModel;
  const servers = {
    environment,
    configPath,
    completionsFolder: completionsFolder ?? '.autodidact/completions',
    ...(embeddedFolder === undefined ? {} : { embeddedFolder }),
    signal,
    demands: { models: [model], needsTraining: false },
    onEvent: (event: { kind: string; message?: string }): void => {
      if (event.kind === 'warning' && event.message !== undefined) onWarning?.(event.message);
    },
  };
  return withOpenedServers({ config, folder }, servers, ({ chatModel, ledger }) => {
    ledger.startStage(iteration, 'use');
    const { temperature, topP, maxTokens } = evaluation.settings;
    const how: EvaluateOptions = {
      chatModel,
      pack,
      model,
      temperature,
      topP,
      maxTokens,
      seed: config.seed,
      signal,
    };
    async function* compareAll(pairs: Iterable<PairToJudge>): AsyncGenerator<Outcome<Preference>> {
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
        if (outcome.kind === 'dropped') yield outcome;
        else if (pair) yield kept(preferenceOf(pair, outcome.record, confidence));
      }
    }
    const compare: OpenedJudge['compare'] = async (pair) => {
      for await (const outcome of compareAll([{ ...pair, pairId: PAIR_ALONE }])) {
        if (outcome.kind === 'kept') return outcome.record;
        throw refused(outcome.drop);
      }
      throw new RangeError('expected one outcome');
    };
    return work({
      model,
      iteration,
      assessment,
      confidence,
      benchmark: evaluation.name,
      compare,
      compareAll,
    });
  });
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
