// Reads an experiment: all problems at once, each with its line, its path and what was expected.
import type { z } from 'zod';
import { suggestValues } from '../../core/config-section.js';
import { ConfigError } from '../../core/errors.js';
import { plainProblem } from '../../core/jsonl.js';
import { experimentConfigSchema, type ExperimentConfig } from './config.js';
import { ExperimentDocument, type ConfigProblem, type ExperimentSource } from './experiment-document.js';

/**
 * @param source the path of an experiment file, or an {@link ExperimentSource}
 * @param overrides `key.path=value` settings that replace values of the file; values are YAML, and none (`key.path=`) takes the
 *   key away
 * @throws ConfigError naming every problem; also for an experiment with a `matrix`, which is many
 */
export async function loadExperimentConfig(
  source: string | ExperimentSource,
  overrides: readonly string[] = [],
): Promise<ExperimentConfig> {
  const place = typeof source === 'string' ? { configPath: source } : source;
  const document = await ExperimentDocument.read(place, overrides);
  if (document.valueOf('matrix') !== undefined) throw oneExpected(document);
  const result = parseExperiment(document.values());
  if (!result.success) throw document.invalid(problemsOf(result.error), result.error);
  return result.data;
}

/** Checks settings; wrong keys and values are answered with the nearest allowed ones. */
export function parseExperiment(values: unknown): z.ZodSafeParseResult<ExperimentConfig> {
  return experimentConfigSchema.safeParse(values, { error: suggestValues });
}

/** What a schema found wrong. */
export function problemsOf(error: z.ZodError): ConfigProblem[] {
  return error.issues.map((issue) => {
    // What is wrong with a key itself is in the issues inside.
    const inner = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined;
    return { keys: issue.path.map(String), message: plainProblem(inner ?? issue.message) };
  });
}

function oneExpected({ configPath }: ExperimentDocument): ConfigError {
  return new ConfigError({
    subject: `${configPath}, matrix`,
    expected: 'one experiment here',
    received: 'a matrix of several',
    remedy:
      'Run all of it with autodidact run, list it with autodidact matrix, or leave it out here with --set matrix= and set what the arm has.',
  });
}
