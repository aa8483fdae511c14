// The judge of a run as its folder describes it: its model, its prompts and settings, and how far it can be trusted.
import { dirname } from 'node:path';
import { Confidence, type EvaluateOptions, type Support } from '../../evaluate/index.js';
import { ConfigError } from '../../core/errors.js';
import type { ChatModel } from '../../model/index.js';
import { loadPack } from '../../prompt/index.js';
import type { Assessment } from '../../schema/assessment.js';
import { runManifestSchema } from '../../schema/manifest.js';
import { RunFolder } from '../../store/index.js';
import type { ExperimentConfig } from '../config/config.js';
import { evaluationsOf } from '../config/evaluate-config.js';
import { readRunConfig } from '../config/run-config.js';
import { chosenIterations } from '../layout/finished-iterations.js';
import { evaluationIn } from '../layout/evaluation-of.js';
import { RUN_FILES } from '../layout/run-files.js';
import { evaluateOptionsOf } from '../run/asking-stages.js';
import { assessRun } from '../run/assess-run.js';
import { readEvaluation } from '../score/judge-figures.js';
import { readFigures } from '../watch/read-figures.js';

/** Which judge. */
export interface JudgeChoice {
  /** Of the run; 0 is the seed model. Default: the last finished one. */
  iteration?: number | undefined;
  /** Whether it votes as it did when it was measured, at the cost of those samples; confidence then follows the share of votes. Default: no. */
  votes?: boolean | undefined;
}

/** What is known of a judge before its server is reached. */
export interface JudgeOfRun {
  /** As its server names it. */
  model: string;
  iteration: number;
  config: ExperimentConfig;
  /** Relative paths in the settings are taken from its folder. */
  configPath: string;
  folder: RunFolder;
  /** Whether it can be trusted. */
  assessment: Assessment;
  /** How often its verdicts that are alike in both orders were right on held-out pairs, and of what benchmark those are. */
  confidence: Confidence;
  benchmark: string;
  /** How it judges: as it was measured, but always in both orders. */
  howWith: (chatModel: ChatModel, signal: AbortSignal) => EvaluateOptions;
}

/**
 * Reads what is known of a judge.
 * @throws DataError for a folder that is no run; ConfigError for an iteration that is not there, and for votes that were not measured
 */
export async function judgeOfRun(
  runFolder: string,
  { iteration: asked, votes = false }: JudgeChoice,
): Promise<JudgeOfRun> {
  const folder = new RunFolder(runFolder);
  const [{ iteration, manifest, folder: inside }] = await chosenIterations(
    runFolder,
    asked === undefined ? 'last' : String(asked),
  );
  const config = await readRunConfig(folder);
  const run = await folder.readJson(RUN_FILES.manifest, runManifestSchema);
  // From the seed model's, iteration 0, to its own.
  const iterations = await readFigures(folder, iteration + 1);
  const all = evaluationsOf(config);
  // What the iteration was measured on first, if settings still have it.
  const measured = all.find(({ name, isHeadline }) =>
    manifest.headline === undefined ? isHeadline : name === manifest.headline,
  );
  const evaluation = measured ?? all[0];
  const { settings } = evaluation;
  if (votes && !settings.vote) throw noVotes(runFolder);
  const support: Support | null = votes ? 'votes' : settings.logprobs ? 'probabilities' : null;
  const configPath = run?.configFile ?? folder.file(RUN_FILES.config);
  const pack = await loadPack(evaluation.pack ?? config.pack, { folder: dirname(configPath) });
  const model = manifest.resultModel;
  const { assessment } = await assessRun(folder, { config, iterations, withNext: false });
  return {
    ...{ model, iteration, config, configPath, folder },
    assessment,
    confidence: Confidence.from(
      await readEvaluation(inside.file(evaluationIn(manifest).fileName)),
      settings.method === 'single-grading' ? null : support,
    ),
    benchmark: evaluation.name,
    howWith: (chatModel, signal) => {
      const how = evaluateOptionsOf(model, settings, { config, pack, chatModel, signal });
      return { ...how, orders: 'both', vote: votes ? how.vote : undefined };
    },
  };
}

function noVotes(runFolder: string): ConfigError {
  return new ConfigError({
    subject: 'votes',
    expected: 'a run whose judges were measured with votes (evaluate.vote)',
    received: runFolder,
    remedy: 'Leave --votes out: its verdicts are then believed by how often they were right.',
  });
}
