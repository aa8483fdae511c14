// The error classes of the project. Each message says what is wrong and where, what was expected and how to fix it.

/** The four parts of every error message. `received` is absent where there is nothing to show. */
export interface ErrorParts {
  /** What the error is about: a file, a config path, a model, a stage. */
  subject: string;
  /** What was expected. */
  expected: string;
  /** What was received instead. */
  received?: string;
  /** How to fix it. */
  remedy: string;
  cause?: unknown;
}

/**
 * Base of all errors that a user may see; anything else that surfaces is a bug.
 * @example
 * ```ts
 * await runHere({ configPath: 'experiment.yaml' }).catch((error: unknown) => {
 *   if (error instanceof AutodidactError) console.log(error.subject, error.remedy);
 * });
 * ```
 */
export abstract class AutodidactError extends Error {
  readonly subject: string;
  readonly expected: string;
  readonly received: string | undefined;
  readonly remedy: string;

  constructor(parts: ErrorParts) {
    const received = parts.received === undefined ? '' : `, received ${parts.received}`;
    // A list of problems already ends its last line.
    const end = received.endsWith('\n') ? '' : /[.!?…]$/.test(received) ? ' ' : '. ';
    super(`${parts.subject}: expected ${parts.expected}${received}${end}${parts.remedy}`, {
      cause: parts.cause,
    });
    this.name = new.target.name;
    this.subject = parts.subject;
    this.expected = parts.expected;
    this.received = parts.received;
    this.remedy = parts.remedy;
  }
}

/**
 * A setting is wrong: a config file, a command-line option, an environment variable.
 * @example const isFileWrong = (error: unknown) => error instanceof ConfigError;
 */
export class ConfigError extends AutodidactError {}

/**
 * A file or record cannot be read or written, or has invalid content.
 * @example const isFileUnreadable = (error: unknown) => error instanceof DataError;
 */
export class DataError extends AutodidactError {}

/**
 * A model or its endpoint failed. `scope` is `request` for a failure of one input, which becomes a counted drop, and `endpoint` for a
 * failure of every input: the run stops and can be resumed.
 * @example const isTimeout = (error: unknown) => error instanceof ModelError && error.code === 'timeout';
 */
export class ModelError extends AutodidactError {
  readonly scope: 'request' | 'endpoint';
  /** A short machine-readable cause, e.g. `context-length`, `timeout`, `http-500`. */
  readonly code: string;
  /** Whether the input may have been lost to its server rather than to what it says. */
  readonly isServerFault: boolean;
  /** The window of the model, in tokens, where the prompt is too long for it and the server or a setting tells. */
  readonly contextTokens: number | undefined;
  /** Failed attempts before the last one, by cause. */
  readonly attempts: Readonly<Record<string, number>>;
  /** Tokens that those attempts used, as far as the server reported them. */
  readonly used: { promptTokens: number; completionTokens: number };

  constructor(
    parts: ErrorParts & {
      scope: 'request' | 'endpoint';
      code: string;
      isServerFault?: boolean;
      contextTokens?: number | undefined;
      attempts?: Readonly<Record<string, number>>;
      used?: { promptTokens: number; completionTokens: number };
    },
  ) {
    super(parts);
    this.scope = parts.scope;
    this.code = parts.code;
    this.isServerFault = parts.isServerFault ?? false;
    this.contextTokens = parts.contextTokens;
    this.attempts = parts.attempts ?? {};
    this.used = parts.used ?? { promptTokens: 0, completionTokens: 0 };
  }
}

/**
 * A cap of the experiment's budget is reached: the run stops cleanly and can be resumed once the cap is raised.
 * @example const isCapReached = (error: unknown) => error instanceof BudgetError;
 */
export class BudgetError extends AutodidactError {}

/**
 * A gate of the experiment ends a run before it trains on: a check of its judge, or of what it would train on, is red. The same command goes
 * on once somebody has accepted that.
 * @example const isAtGate = (error: unknown) => error instanceof GateError;
 */
export class GateError extends AutodidactError {}

/**
 * A run waits for what people say of it; once they have, the same command goes on.
 * @example const isWaiting = (error: unknown) => error instanceof ReviewError;
 */
export class ReviewError extends AutodidactError {}

/** The message of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Whether a thrown value is a Node system error with this code, e.g. `ENOENT`. */
export function hasErrorCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
