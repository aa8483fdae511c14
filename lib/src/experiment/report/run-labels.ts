// Labels of runs, made of the settings that differ.
import { own } from '../../core/own.js';

/** Longest label in characters; a run with more differing settings is labelled by its id. */
const LONGEST_LABEL = 60;

/**
 * For each configuration, its values of the settings that differ, by dotted path.
 *
 * @example
 * differingSettings([{ judge: { samples: 1 }, seed: 1 }, { judge: { samples: 15 }, seed: 1 }])
 * // [{ 'judge.samples': '1' }, { 'judge.samples': '15' }]
 */
export function differingSettings(configs: readonly object[]): Record<string, string>[] {
  const settings = configs.map((): Record<string, string> => ({}));
  collectDifferences(configs, { path: [], settings });
  return settings;
}

/** A label for each run, no two the same. */
export function labelsOf(
  runs: readonly { runId: string; settings: Readonly<Record<string, string>> }[],
): string[] {
  const labels = runs.map(({ runId, settings }) => {
    const label = Object.entries(settings)
      .map(([path, value]) => `${path} = ${value}`)
      .join(', ');
    return label === '' || label.length > LONGEST_LABEL ? runId : label;
  });
  const named = labels.map((label, i) =>
    labels.filter((other) => other === label).length === 1 ? label : `${label} (${runs[i]?.runId ?? i})`,
  );
  // A folder that was copied has the id of the run in it.
  return named.map((label, i) => {
    const nBefore = named.slice(0, i).filter((other) => other === label).length;
    return nBefore === 0 ? label : `${label}, ${nBefore + 1}`;
  });
}

/** Descends while all have a section; a section that some lack is treated as one setting. */
function collectDifferences(
  values: readonly unknown[],
  { path, settings }: { path: readonly string[]; settings: Record<string, string>[] },
): void {
  if (values.every(isSection)) {
    for (const key of new Set(values.flatMap((value) => Object.keys(value)))) {
      collectDifferences(
        values.map((value) => own(value, key)),
        { path: [...path, key], settings },
      );
    }
    return;
  }
  const texts = values.map(textOf);
  if (new Set(texts).size === 1) return;
  for (const [i, text] of texts.entries()) Object.assign(settings[i] ?? {}, { [path.join('.')]: text });
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
