// Finds a prompt pack by name, or reads one from a YAML file.
import { resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError } from '../core/errors.js';
import { readTextIfPresent } from '../core/files.js';
import { schemaProblems } from '../core/jsonl.js';
import { didYouMean } from '../core/nearest.js';
import { generalPack } from './general.js';
import { microPack, microWorkedPack } from './micro.js';
import { mtBenchPack } from './mt-bench.js';
import { compilePack, packDefinitionSchema, type PackDefinition, type PromptPack } from './pack.js';

const builtIn: readonly PackDefinition[] = [generalPack, mtBenchPack, microPack, microWorkedPack];

/**
 * Finds or reads a pack.
 * @param reference `general`, `mt-bench`, `micro`, `micro-worked`, or the path of a YAML file with the shape of {@link PackDefinition}
 * @param options.folder where a relative path starts; default: the working folder
 * @throws ConfigError when there is no such pack, or the file is not a pack
 * @example
 * ```ts
 * const pack = await loadPack('general');
 * pack.judge.render({ instruction: 'Add 2 and 3.', responseA: '5', responseB: '6' });
 * ```
 */
export async function loadPack(
  reference: string,
  { folder = '.' }: { folder?: string } = {},
): Promise<PromptPack> {
  const named = builtIn.find(({ name }) => name === reference);
  if (named) return compilePack(named);
  const path = resolve(folder, reference);
  const text = await readTextIfPresent(path);
  if (text === null) {
    throw new ConfigError({
      subject: 'pack',
      expected: `${builtIn.map(({ name }) => name).join(', ')} or the path of a YAML file`,
      received: `${reference}${didYouMean(
        reference,
        builtIn.map(({ name }) => name),
      )}`,
      remedy: `Check the spelling; as a path it would be ${path}.`,
    });
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) {
    throw new ConfigError({
      subject: path,
      expected: 'YAML',
      received: problem.message,
      remedy: 'Fix that line.',
      cause: problem,
    });
  }
  const result = packDefinitionSchema.safeParse(document.toJS());
  if (result.success) return compilePack(result.data);
  throw new ConfigError({
    subject: path,
    expected:
      'a prompt pack: name, answer, modifiedInstruction, judge and perhaps worseAnswer, grade and selection',
    received: schemaProblems(result.error),
    remedy: 'Fix those keys; docs/prompts.md shows a pack.',
    cause: result.error,
  });
}
