// From a valid matrix to runs that can start: everything that the arms name is opened and checked once.
import { join } from 'node:path';
import { AutodidactError, ConfigError } from '../../core/errors.js';
import { contentHash } from '../../core/hash.js';
import type { ExperimentConfig } from '../config/config.js';
import type { OpenedAudit } from '../open/opened-audit.js';
import type { OpenedEvaluations } from '../open/evaluations.js';
import { prepareConfig, type OpenedParts, type PreparedExperiment } from '../open/prepare.js';
import { configHashOf, runIdOf } from '../config/run-identity.js';
import type { Matrix, MatrixArm } from './load-matrix.js';
import { orderArms } from './order-arms.js';

/** An arm with one loop seed. */
export interface PlannedRun {
  arm: MatrixArm;
  seed: number;
  config: ExperimentConfig;
  evaluations: OpenedEvaluations;
  audit: OpenedAudit | null;
  runId: string;
  /** Folder of the run. */
  folder: string;
}

/** A matrix whose runs are named. */
export interface PreparedMatrix extends Matrix {
  matrixId: string;
  /** Folder of its report, beside those of its runs. */
  folder: string;
  /** In the order in which they run: for each seed all arms before the next seed, so that early results compare. */
  runs: PlannedRun[];
}

/**
 * Opens and checks what every arm names; nothing is sent and nothing is written.
 * @param options.opened keeps what was opened
 * @throws ConfigError naming every arm that could not start; the signal's reason when it aborts
 */
export async function prepareMatrix(
  matrix: Matrix,
  {
    resultsFolder,
    signal,
    opened = new Map(),
  }: { resultsFolder: string; signal: AbortSignal; opened?: OpenedParts },
): Promise<PreparedMatrix> {
  const { configPath, seeds, arms, baseline } = matrix;
  const inputsOf = new Map<MatrixArm, Pick<PreparedExperiment, 'inputs' | 'evaluations' | 'audit'>>();
  const problems = new Map<string, string[]>();
  for (const arm of arms) {
    signal.throwIfAborted();
    try {
      // Inputs are the same for all seeds of an arm.
      inputsOf.set(arm, await prepareConfig(arm.config, { configPath, signal, opened }));
    } catch (thrown) {
      if (!(thrown instanceof AutodidactError)) throw thrown;
      problems.set(thrown.message, [...(problems.get(thrown.message) ?? []), arm.label]);
    }
  }
  if (problems.size > 0) throw cannotStart(configPath, problems);
  const runs = seeds.flatMap((seed) =>
    orderArms(arms, baseline).flatMap((arm): PlannedRun[] => {
      const config = { ...arm.config, seed };
      const prepared = inputsOf.get(arm);
      if (!prepared) return [];
      const { inputs, evaluations, audit } = prepared;
      const runId = runIdOf(config, configHashOf(config, inputs));
      const folder = join(resultsFolder, config.name, runId);
      return [{ arm, seed, config, evaluations, audit, runId, folder }];
    }),
  );
  const named = arms.map(({ label }) => [
    label,
    runs.filter(({ arm }) => arm.label === label).map(({ runId }) => runId),
  ]);
  const matrixId = `matrix-${contentHash({ arms: named, baseline }).slice(0, 8)}`;
  return { ...matrix, matrixId, folder: join(resultsFolder, matrix.name, matrixId), runs };
}

function cannotStart(configPath: string, problems: ReadonlyMap<string, readonly string[]>): ConfigError {
  const lines = [...problems].map(([message, labels]) => `\n  ${labels.join(' · ')}: ${message}`);
  return new ConfigError({
    subject: configPath,
    expected: 'arms that can start',
    received: `${problems.size === 1 ? '1 problem' : `${problems.size} problems`}:${lines.join('')}\n`,
    remedy: 'Fix the problems above and run again; nothing was started.',
  });
}
