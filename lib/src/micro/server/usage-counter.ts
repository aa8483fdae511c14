// Counts the work of a server since its start, for `GET /autodidact/usage`.
import { createHash } from 'node:crypto';

/** The answer of `GET /autodidact/usage`. */
export interface UsageReport {
  completions: {
    /** Requests computed to their end. */
    requests: number;
    choices: number;
    /** Requests answered from an earlier or running computation with the same Idempotency-Key. */
    replayed: number;
    /** Computations aborted because every client that waited for them has left. */
    aborted: number;
    promptTokens: number;
    completionTokens: number;
  };
  jobs: { created: number; completed: number };
  /** Idempotency keys whose completion was computed to its end more than once. */
  duplicateKeys: number;
}

/** Beyond this many, further keys are no longer watched for duplicates; about 50 MB. */
const MAX_WATCHED_KEYS = 500_000;

/** The counters behind {@link UsageReport}. */
export class UsageCounter {
  readonly report: UsageReport = {
    completions: { requests: 0, choices: 0, replayed: 0, aborted: 0, promptTokens: 0, completionTokens: 0 },
    jobs: { created: 0, completed: 0 },
    duplicateKeys: 0,
  };
  /** Short digests of the keys computed so far, and whether they were counted as duplicates. */
  readonly #computedKeys = new Map<string, boolean>();

  /** One completion request was computed to its end. */
  countCompletion(cost: {
    choices: number;
    promptTokens: number;
    completionTokens: number;
    key: string | null;
  }): void {
    const { completions } = this.report;
    completions.requests++;
    completions.choices += cost.choices;
    completions.promptTokens += cost.promptTokens;
    completions.completionTokens += cost.completionTokens;
    if (cost.key !== null) this.#watch(cost.key);
  }

  #watch(key: string): void {
    const digest = createHash('sha256').update(key).digest('base64').slice(0, 16);
    const wasCounted = this.#computedKeys.get(digest);
    if (wasCounted === undefined) {
      if (this.#computedKeys.size < MAX_WATCHED_KEYS) this.#computedKeys.set(digest, false);
    } else if (!wasCounted) {
      this.report.duplicateKeys++;
      this.#computedKeys.set(digest, true);
    }
  }
}
