// From the axes, exclusions and single arms of a matrix to its arms.
import { own } from '../../core/own.js';
import { isDeepStrictEqual } from 'node:util';
import { didYouMean } from '../../core/nearest.js';
import type { ConfigProblem } from '../config/experiment-document.js';
import type { ArmSettings, AxisConfig, MatrixConfig } from '../config/matrix-config.js';

/** A setting of an arm, and where in the experiment it is written. */
export interface ArmSetting {
  /** With dots, e.g. `judge.samples`. */
  path: string;
  value: unknown;
  keys: readonly string[];
}

/** An arm that is not checked yet. */
export interface ExpandedArm {
  /** E.g. `model=weak, N=5`, or the label of a single arm. */
  label: string;
  /** Its label on each axis; null for an arm that is on none. */
  combination: Record<string, string> | null;
  settings: ArmSetting[];
  /** Where it is written. */
  keys: readonly string[];
}

/** The arms in the order in which they are written, the last axis fastest, and what is wrong with the matrix itself. */
export interface ExpandedMatrix {
  axes: { name: string; labels: string[] }[];
  arms: ExpandedArm[];
  /** Label of the arm that others are compared with. */
  baseline: string;
  problems: ConfigProblem[];
}

/** Arms of one matrix at most. */
const MOST_ARMS = 500;

/** The settings that a matrix leaves alone, and why. */
const NOT_VARIED: Record<string, string> = {
  seed: 'seeds are no arms: name them in matrix.seeds, over which figures are averaged',
  name: 'the arms of a matrix are runs of one experiment, which has one name',
  description: 'arms are identified by their labels',
  matrix: 'a matrix holds no other',
};

/** Expands a matrix; problems are returned, not thrown. */
export function expandMatrix(matrix: MatrixConfig): ExpandedMatrix {
  const axes = Object.entries(matrix.axes).map(([name, axis]) => readAxis(name, axis));
  const problems = [
    ...axes.flatMap(axisProblems),
    ...overlapProblems(axes),
    ...excludeProblems(matrix, axes),
  ];
  const nCombinations = axes.reduce((product, { labels }) => product * labels.length, 1);
  if (nCombinations > MOST_ARMS) {
    const message = `expected at most ${MOST_ARMS} combinations, received ${nCombinations}`;
    return {
      axes: [],
      arms: [],
      baseline: '',
      problems: [...problems, { keys: ['matrix', 'axes'], message }],
    };
  }
  const arms = [
    ...(axes.length === 0 ? [] : combinationsOf(axes, matrix.exclude)),
    ...Object.entries(matrix.arms).map(([label, settings]): ExpandedArm => {
      const keys = ['matrix', 'arms', label];
      return { label, combination: null, settings: settingsOf(settings, keys), keys };
    }),
  ];
  if (arms.length === 0)
    problems.push({ keys: ['matrix'], message: 'expected at least one arm, by axes or arms' });
  const { baseline, problem } = findBaseline(matrix, arms);
  if (problem !== null && arms.length > 0) problems.push({ keys: ['matrix', 'baseline'], message: problem });
  for (const { settings } of arms) problems.push(...settingProblems(settings));
  const named = axes.map(({ name, labels }) => ({ name, labels: labels.map(({ label }) => label) }));
  return { axes: named, arms, baseline, problems: distinctProblems(problems) };
}

/** Each once, however many arms have it. */
export function distinctProblems(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const byText = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...byText.values()];
}

interface Axis {
  name: string;
  labels: { label: string; settings: ArmSetting[] }[];
}

function readAxis(name: string, axis: AxisConfig): Axis {
  const keys = ['matrix', 'axes', name];
  const ofValues = (path: string, values: readonly unknown[], inside: readonly string[]): Axis => ({
    name,
    labels: values.map((value, i) => ({
      label: labelOfValue(value),
      settings: [{ path, value, keys: [...inside, String(i)] }],
    })),
  });
  if (Array.isArray(axis)) return ofValues(name, axis, keys);
  const { path, values } = axis;
  if (typeof path === 'string' && Array.isArray(values)) return ofValues(path, values, [...keys, 'values']);
  return {
    name,
    labels: Object.entries(axis as Record<string, ArmSettings>).map(([label, settings]) => ({
      label,
      settings: settingsOf(settings, [...keys, label]),
    })),
  };
}

function settingsOf(settings: ArmSettings, keys: readonly string[]): ArmSetting[] {
  return Object.entries(settings).map(([path, value]) => ({ path, value, keys: [...keys, path] }));
}

function labelOfValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

function combinationsOf(axes: readonly Axis[], exclude: MatrixConfig['exclude']): ExpandedArm[] {
  let partial: { combination: Record<string, string>; settings: ArmSetting[] }[] = [
    { combination: {}, settings: [] },
  ];
  for (const { name, labels } of axes) {
    partial = partial.flatMap(({ combination, settings }) =>
      labels.map((each) => ({
        combination: { ...combination, [name]: each.label },
        settings: [...settings, ...each.settings],
      })),
    );
  }
  const isLeftOut = (combination: Record<string, string>): boolean =>
    exclude.some((left) => Object.entries(left).every(([axis, label]) => own(combination, axis) === label));
  return partial
    .filter(({ combination }) => !isLeftOut(combination))
    .map((arm) => ({ ...arm, label: labelOfCombination(arm.combination), keys: ['matrix', 'axes'] }));
}

function labelOfCombination(combination: Record<string, string>): string {
  return Object.entries(combination)
    .map(([axis, label]) => `${axis}=${label}`)
    .join(', ');
}

function findBaseline(
  { baseline }: MatrixConfig,
  arms: readonly ExpandedArm[],
): { baseline: string; problem: string | null } {
  const [first] = arms;
  if (baseline === undefined || first === undefined) return { baseline: first?.label ?? '', problem: null };
  const found = arms.find(({ label, combination }) =>
    typeof baseline === 'string'
      ? label === baseline
      : isDeepStrictEqual(combination, sameOrder(baseline, combination)),
  );
  if (found) return { baseline: found.label, problem: null };
  const labels = arms.map(({ label }) => label);
  const shown = labels.length > 12 ? [...labels.slice(0, 12), '…'] : labels;
  const received = typeof baseline === 'string' ? baseline : labelOfCombination(baseline);
  return {
    baseline: first.label,
    problem: `expected one of the arms: ${shown.join(' · ')}; received ${received || 'nothing'}${didYouMean(received, labels)}`,
  };
}

/** Null where it names other axes than the combination has. */
function sameOrder(
  named: Record<string, string>,
  combination: Record<string, string> | null,
): Record<string, string> | undefined {
  if (combination === null || Object.keys(named).length !== Object.keys(combination).length) return undefined;
  return Object.fromEntries(Object.keys(combination).map((axis) => [axis, own(named, axis) ?? '']));
}

function axisProblems({ name, labels }: Axis): ConfigProblem[] {
  const twice = labels.filter(({ label }, i) => labels.findIndex((other) => other.label === label) !== i);
  return twice.map(({ label, settings }) => ({
    keys: settings[0]?.keys ?? ['matrix', 'axes', name],
    message: `${label} comes twice`,
  }));
}

/** Two axes that set the same, so that one would undo the other. */
function overlapProblems(axes: readonly Axis[]): ConfigProblem[] {
  return axes.flatMap(({ labels }, i) =>
    axes.slice(i + 1).flatMap((later) =>
      later.labels
        .flatMap(({ settings }) => settings)
        .flatMap(({ path, keys }) => {
          const earlier = labels
            .flatMap(({ settings }) => settings)
            .find((other) => pathsMeet(other.path, path));
          if (!earlier) return [];
          return [
            {
              keys,
              message: `sets ${path}, which the axis ${axes[i]?.name ?? ''} sets, too (${earlier.path})`,
            },
          ];
        }),
    ),
  );
}

/** Whether one path is the other's or inside it. */
export function pathsMeet(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}.`) || other.startsWith(`${one}.`);
}

function excludeProblems({ exclude }: MatrixConfig, axes: readonly Axis[]): ConfigProblem[] {
  const names = axes.map(({ name }) => name);
  return exclude.flatMap((combination, i) =>
    Object.entries(combination).flatMap(([name, label]): ConfigProblem[] => {
      const keys = ['matrix', 'exclude', String(i), name];
      const axis = axes.find((each) => each.name === name);
      if (!axis)
        return [
          {
            keys,
            message: `expected an axis: ${names.join(', ') || 'there is none'}${didYouMean(name, names)}`,
          },
        ];
      const labels = axis.labels.map((each) => each.label);
      if (labels.includes(label)) return [];
      return [
        {
          keys,
          message: `expected one of ${labels.join(', ')}; received ${label}${didYouMean(label, labels)}`,
        },
      ];
    }),
  );
}

function settingProblems(settings: readonly ArmSetting[]): ConfigProblem[] {
  return settings.flatMap(({ path, keys }) => {
    const why = own(NOT_VARIED, path.split('.')[0] ?? '');
    return why === undefined ? [] : [{ keys, message: `${path} cannot be varied: ${why}` }];
  });
}
