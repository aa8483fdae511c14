// Reads an experiment file: all problems at once, each with its line, its path and what was expected.
import { resolve } from 'node:path';
import { isNode, LineCounter, parse as parseYaml, parseDocument, YAMLParseError, type Document } from 'yaml';
import type { z } from 'zod';
import { ConfigError, messageOf } from '../core/errors.js';
import { readTextIfPresent } from '../core/files.js';
import { experimentConfigSchema, type ExperimentConfig } from './config.js';

/**
 * @param overrides `key.path=value` settings that replace values of the file; values are YAML, and none (`key.path=`) takes the
 *   key away
 * @throws ConfigError naming every problem
 */
export async function loadExperimentConfig(
  path: string,
  overrides: readonly string[] = [],
): Promise<ExperimentConfig> {
  const text = await readConfigText(path);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  if (document.errors.length > 0) {
    throw new ConfigError({
      subject: path,
      expected: 'YAML',
      received: document.errors.map((error) => error.message.trim()).join('\n'),
      remedy: 'Mend the lines named above.',
    });
  }
  for (const override of overrides) applyOverride(document, override);
  const result = experimentConfigSchema.safeParse(document.toJS());
  if (!result.success) throw invalidConfig(path, document, { error: result.error, lineCounter });
  return result.data;
}

async function readConfigText(path: string): Promise<string> {
  let text: string | null;
  try {
    text = await readTextIfPresent(path);
  } catch (cause) {
    throw new ConfigError({
      subject: path,
      expected: 'a readable experiment file',
      received: messageOf(cause),
      remedy: 'Name a YAML file such as experiments/quickstart.yaml.',
      cause,
    });
  }
  if (text !== null) return text;
  throw new ConfigError({
    subject: path,
    expected: 'an experiment file',
    received: `no file at ${resolve(path)}`,
    remedy: 'Check the path; experiments/quickstart.yaml is one to start from.',
  });
}

function applyOverride(document: Document, override: string): void {
  const at = override.indexOf('=');
  const fail = (received: string): never => {
    throw new ConfigError({
      subject: `--set ${override}`,
      expected: 'key.path=value, e.g. judge.samples=1',
      received,
      remedy: 'Write the path as it stands in the experiment file, with dots.',
    });
  };
  if (at < 1) return fail('no "=" after a key');
  let value: unknown;
  try {
    value = parseYaml(override.slice(at + 1));
  } catch (thrown) {
    if (thrown instanceof YAMLParseError) return fail(thrown.message);
    throw thrown;
  }
  const path = override.slice(0, at).split('.');
  try {
    if (value !== null) document.setIn(path, document.createNode(value));
    else if (!document.deleteIn(path)) fail('a key that the file does not have');
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    fail(messageOf(thrown));
  }
}

function invalidConfig(
  path: string,
  document: Document,
  { error, lineCounter }: { error: z.ZodError; lineCounter: LineCounter },
): ConfigError {
  const problems = error.issues.map((issue) => {
    const keys = issue.path.map(String);
    const line = lineOf(document, keys, lineCounter);
    return `\n  ${line === null ? '' : `line ${line}, `}${keys.join('.') || 'the whole file'}: ${issue.message}`;
  });
  const nProblems = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new ConfigError({
    subject: path,
    expected: 'a valid experiment',
    received: `${nProblems}:${problems.join('')}\n`,
    remedy: 'Mend the keys named above and run again; nothing was started.',
    cause: error,
  });
}

/** The line of a key, or of the nearest parent that is written in the file. */
function lineOf(document: Document, keys: readonly string[], lineCounter: LineCounter): number | null {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = document.getIn(keys.slice(0, depth), true);
    if (isNode(node) && node.range) return lineCounter.linePos(node.range[0]).line;
  }
  return null;
}
