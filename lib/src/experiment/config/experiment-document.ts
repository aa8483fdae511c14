// An experiment as it was written, before it is checked: a file or settings at hand, with what the command line replaces in it.
import { join, resolve } from 'node:path';
import {
  Document,
  isMap,
  isNode,
  LineCounter,
  parse as parseYaml,
  parseDocument,
  YAMLParseError,
} from 'yaml';
import { ConfigError, messageOf } from '../../core/errors.js';
import { didYouMean } from '../../core/nearest.js';
import { readTextIfPresent } from '../../core/files.js';

/** Where an experiment is read from: its file, or its settings as an object of the same keys, which notebooks have at hand. */
export type ExperimentSource =
  | { configPath: string }
  | {
      config: object;
      /** Relative paths in the settings are taken from here; absent: from the working folder. */
      baseFolder?: string | undefined;
    };

/** The experiment file; for settings at hand a path that stands for one, in the folder from which their paths are taken. */
export function configPathOf(source: ExperimentSource): string {
  return 'configPath' in source ? source.configPath : join(source.baseFolder ?? '.', '(settings)');
}

/** Something wrong in an experiment. */
export interface ConfigProblem {
  /** The keys that lead to it. */
  keys: readonly string[];
  message: string;
}

/** The text of an experiment, parsed. */
export class ExperimentDocument {
  /** See {@link configPathOf}. */
  readonly configPath: string;
  readonly #document: Document;
  readonly #lineCounter: LineCounter;

  private constructor(configPath: string, document: Document, lineCounter: LineCounter) {
    this.configPath = configPath;
    this.#document = document;
    this.#lineCounter = lineCounter;
  }

  /**
   * Reads.
   * @param overrides `key.path=value` settings that replace values; values are YAML, and none (`key.path=`) takes the key away
   * @throws ConfigError for a file that cannot be read or is no YAML, and for an override that is none
   */
  static async read(
    source: ExperimentSource,
    overrides: readonly string[] = [],
  ): Promise<ExperimentDocument> {
    const path = configPathOf(source);
    const lineCounter = new LineCounter();
    const document =
      'configPath' in source
        ? parseDocument(await readConfigText(path), { lineCounter })
        : documentOf(source.config);
    if (document.errors.length > 0) {
      throw new ConfigError({
        subject: path,
        expected: 'YAML',
        received: document.errors.map((error) => error.message.trim()).join('\n'),
        remedy: 'Fix the lines named above.',
      });
    }
    for (const override of overrides) applyOverride(document, override);
    const read = new ExperimentDocument(path, document, lineCounter);
    const refused = unusableKeys(read.values());
    if (refused.length > 0) throw read.invalid(refused);
    return read;
  }

  /** The values; whatever they are, nothing is checked. */
  values(): unknown {
    return this.#document.toJS();
  }

  /** The value of a key at the top, or undefined. */
  valueOf(key: string): unknown {
    const values = this.values();
    return typeof values === 'object' && values !== null
      ? (values as Record<string, unknown>)[key]
      : undefined;
  }

  /** The error that tells all problems, each with its line and its keys. */
  invalid(problems: readonly ConfigProblem[], cause?: unknown): ConfigError {
    const lines = problems.map(({ keys, message }) => {
      const line = this.#lineOf(keys);
      return `\n  ${line === null ? '' : `line ${line}, `}${keys.join('.') || 'the whole file'}: ${message}`;
    });
    const nProblems = lines.length === 1 ? '1 problem' : `${lines.length} problems`;
    return new ConfigError({
      subject: this.configPath,
      expected: 'a valid experiment',
      received: `${nProblems}:${lines.join('')}\n`,
      remedy: 'Fix the keys named above and run again; nothing was started.',
      cause,
    });
  }

  /** The line of a key, or of the nearest parent that is written in the file. */
  #lineOf(keys: readonly string[]): number | null {
    for (let depth = keys.length; depth > 0; depth--) {
      const node = this.#document.getIn(keys.slice(0, depth), true);
      if (isNode(node) && node.range) return this.#lineCounter.linePos(node.range[0]).line;
    }
    return null;
  }
}

/** Keys that objects of JavaScript cannot hold like any other; schemas would pass over them without a word. */
function unusableKeys(values: unknown, keys: readonly string[] = []): ConfigProblem[] {
  if (typeof values !== 'object' || values === null) return [];
  return Object.entries(values).flatMap(([key, value]): ConfigProblem[] =>
    key === '__proto__'
      ? [{ keys: [...keys, key], message: 'this name cannot be used as a key; choose another' }]
      : unusableKeys(value, [...keys, key]),
  );
}

/** Through JSON, so that what is no setting, such as a key set to undefined, is nowhere. */
function documentOf(config: object): Document {
  return new Document(JSON.parse(JSON.stringify(config)));
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

/** Settings of sampling, of which null is a value: it is not sent. Anywhere else null takes the key away. */
const TAKES_NULL = /^(?:instructions|generate|judge|evaluate)\..*(?:temperature|topP|maxTokens)$/;

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
    if (value !== null || TAKES_NULL.test(path.join('.'))) document.setIn(path, document.createNode(value));
    else if (!document.hasIn(path)) fail(`a key that the file does not have${nearKeys(document, path)}`);
    else document.deleteIn(path);
  } catch (thrown) {
    if (thrown instanceof ConfigError) throw thrown;
    fail(messageOf(thrown));
  }
}

/** Suggests keys of the file for the first step of a path that is not there. */
function nearKeys(document: Document, path: readonly string[]): string {
  const depth = path.findIndex((_, i) => !document.hasIn(path.slice(0, i + 1)));
  const parent = depth === 0 ? document.contents : document.getIn(path.slice(0, depth));
  return isMap(parent)
    ? didYouMean(
        path[depth] ?? '',
        parent.items.map(({ key }) => String(key)),
      )
    : '';
}
