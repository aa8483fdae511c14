// Reads the matrix of an experiment: every arm is validated before anything runs, and all problems are reported at once.
import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../../core/errors.js';
import type { ExperimentConfig } from '../config/config.js';
import { otherServers, serverIdentity } from '../open/endpoint.js';
import {
  ExperimentDocument,
  type ConfigProblem,
  type ExperimentSource,
} from '../config/experiment-document.js';
import { parseExperiment, problemsOf } from '../config/load-config.js';
import { configHashOf } from '../config/run-identity.js';
import { distinctProblems, expandMatrix, pathsMeet, type ExpandedArm } from './expand-matrix.js';
import { matrixConfigSchema } from '../config/matrix-config.js';

/** One arm, with its settings filled in. */
export interface MatrixArm {
  /** E.g. `model=weak, N=5`. */
  label: string;
  /** Its label on each axis; null for an arm that is on none. */
  combination: Record<string, string> | null;
  /** What it sets, by dotted path; null takes a key away. */
  settings: Record<string, unknown>;
  /** For the first seed; others differ from it in the seed alone. */
  config: ExperimentConfig;
}

/** A matrix that is valid. */
export interface Matrix {
  /** See {@link ExperimentSource}: relative paths are taken from its folder. */
  configPath: string;
  isFile: boolean;
  /** Of the experiment. */
  name: string;
  overrides: readonly string[];
  seeds: number[];
  axes: { name: string; labels: string[] }[];
  /** As they are written; at least one. */
  arms: MatrixArm[];
  /** Label of the arm that others are compared with. */
  baseline: string;
}

/**
 * Reads a matrix.
 * @param overrides `key.path=value` settings for all arms; also of the matrix itself, e.g. `matrix.seeds=[1, 2]`
 * @returns null for an experiment without a matrix, which is one run
 * @throws ConfigError naming every problem; also for an override of a setting that the matrix varies
 */
export async function loadMatrix(
  source: ExperimentSource,
  overrides: readonly string[] = [],
): Promise<Matrix | null> {
  const document = await ExperimentDocument.read(source, overrides);
  const written = document.valueOf('matrix');
  if (written === undefined) return null;
  const base = { ...(document.values() as Record<string, unknown>) };
  delete base.matrix;
  const parsed = matrixConfigSchema.safeParse(written);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error);
    throw document.invalid(
      problems.map(({ keys, message }) => ({ keys: ['matrix', ...keys], message })),
      parsed.error,
    );
  }
  const matrix = parsed.data;
  const { axes, arms: expanded, baseline, problems } = expandMatrix(matrix);
  refuseVaried(overrides, { expanded, hasSeeds: matrix.seeds !== undefined });
  const arms: (MatrixArm & { keys: readonly string[] })[] = [];
  const seed = matrix.seeds?.[0];
  for (const arm of expanded) {
    const { values, stuck } = withSettings(seed === undefined ? base : { ...base, seed }, arm);
    const result = parseExperiment(values);
    if (stuck.length > 0) problems.push(...stuck);
    else if (!result.success) problems.push(...problemsOf(result.error).map((one) => placed(one, arm)));
    else {
      const { label, combination, keys, settings } = arm;
      const byPath = Object.fromEntries(settings.map(({ path, value }) => [path, value]));
      arms.push({ label, combination, settings: byPath, config: result.data, keys });
    }
  }
  problems.push(...(await sameTwice(arms)));
  const [first] = arms;
  if (problems.length > 0 || !first) throw document.invalid(distinctProblems(problems));
  return {
    configPath: document.configPath,
    isFile: 'configPath' in source,
    name: first.config.name,
    overrides,
    seeds: matrix.seeds ?? [first.config.seed],
    axes,
    arms: arms.map(({ label, combination, settings, config }) => ({ label, combination, settings, config })),
    baseline,
  };
}

/**
 * The arms of an experiment.
 * @throws ConfigError as {@link loadMatrix}, and for an experiment without a matrix
 */
export async function matrixArms(
  source: ExperimentSource,
  overrides: readonly string[] = [],
): Promise<Matrix> {
  const matrix = await loadMatrix(source, overrides);
  if (matrix) return matrix;
  throw new ConfigError({
    subject: 'configPath' in source ? source.configPath : 'config',
    expected: 'an experiment with a matrix',
    received: 'one without',
    remedy: 'Add a matrix with axes or arms, or run it as the single experiment that it is.',
  });
}

/** The settings of an arm in those of the experiment, and settings whose path leads through what holds no keys. */
function withSettings(
  base: Record<string, unknown>,
  { settings }: ExpandedArm,
): { values: Record<string, unknown>; stuck: ConfigProblem[] } {
  const values = structuredClone(base);
  const stuck: ConfigProblem[] = [];
  for (const { path, value, keys } of settings) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    let at: Record<string, unknown> = values;
    let isThere = true;
    for (const step of steps) {
      if (!Object.hasOwn(at, step)) at[step] = {};
      const next = at[step];
      if (isRecord(next)) at = next;
      else {
        isThere = false;
        stuck.push({ keys, message: `${path}: ${step} holds no keys in this experiment` });
        break;
      }
    }
    if (!isThere) continue;
    if (value === null) Reflect.deleteProperty(at, last);
    else at[last] = structuredClone(value);
  }
  return { values, stuck };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A problem in an arm's own settings is reported at that arm. */
function placed({ keys, message }: ConfigProblem, { settings }: ExpandedArm): ConfigProblem {
  const place = keys.join('.');
  const unknown = /^unknown key "([^"]+)"/.exec(message)?.[1];
  const path = unknown === undefined ? place : [...keys, unknown].join('.');
  const setting = settings.find((each) => pathsMeet(each.path, path));
  return setting ? { keys: setting.keys, message: `${place}: ${message}` } : { keys, message };
}

/** Arms that are one and the same run. */
async function sameTwice(
  arms: readonly (MatrixArm & { keys: readonly string[] })[],
): Promise<ConfigProblem[]> {
  const byHash = new Map<string, MatrixArm>();
  const problems: ConfigProblem[] = [];
  const named = new Set<string>();
  for (const arm of arms) {
    const { label, config, keys } = arm;
    const server = await serverIdentity(config);
    const nothing = { promptVersion: '-', instructionsHash: null, benchmarkHash: null };
    const hash = configHashOf(config, { server, ...otherServers(config.endpoint), ...nothing });
    const earlier = byHash.get(hash);
    if (earlier) problems.push({ keys, message: describeSame(earlier, arm) });
    else byHash.set(hash, arm);
    if (named.has(label)) problems.push({ keys, message: `two arms are called ${label}` });
    named.add(label);
  }
  return problems;
}

function describeSame(earlier: MatrixArm, arm: MatrixArm): string {
  const arms = `the arms ${earlier.label} and ${arm.label}`;
  if (isDeepStrictEqual(earlier.config, arm.config)) return `${arms} have the same settings: take one out`;
  const differ = [...new Set([earlier, arm].flatMap(({ settings }) => Object.keys(settings)))];
  const advice = differ.some((path) => pathsMeet(path, 'evaluate.benchmarks'))
    ? 'Let one arm list all benchmarks under evaluate.benchmarks: its run is measured on each of them'
    : 'Take one out';
  return `${arms} are one and the same run, of which what they set (${differ.join(', ')}) is no part. ${advice}`;
}

/** What the command line sets holds for all arms, so it cannot be what they differ in. */
function refuseVaried(
  overrides: readonly string[],
  { expanded, hasSeeds }: { expanded: readonly ExpandedArm[]; hasSeeds: boolean },
): void {
  const varied = new Set(expanded.flatMap(({ settings }) => settings.map(({ path }) => path)));
  if (hasSeeds) varied.add('seed');
  const refused = overrides.flatMap((override) => {
    const path = override.slice(0, override.indexOf('='));
    const meets = [...varied].find((each) => pathsMeet(each, path));
    return meets === undefined ? [] : [`--set ${override}, while the matrix varies ${meets}`];
  });
  if (refused.length === 0) return;
  throw new ConfigError({
    subject: '--set',
    expected: 'settings that the matrix does not vary',
    received: refused.join('; '),
    remedy:
      'Leave them out, change the matrix (e.g. --set matrix.seeds=[1]), or take it away with --set matrix=.',
  });
}
