// Counts the examples of a training set one by one; only their lengths and ids are kept.
import { CHARACTERS_PER_TOKEN, tokensAbout } from '../model/prompt-size.js';
import type { SetStatistics, TokenLengths } from '../schema/set-statistics.js';
import type { PreferenceExample, TrainingExample } from '../schema/training-example.js';

/** How tokens are counted. */
export interface TokenCounting {
  /** For a person, e.g. the name of the tokenizer. */
  name: string;
  /** Tokens of a text, 0 or more. */
  count: (text: string) => number;
}

/** Without a tokenizer: by length. Chat templates add a few tokens around each message, which are not counted. */
export const TOKENS_ABOUT: TokenCounting = {
  name: `characters / ${CHARACTERS_PER_TOKEN}, about`,
  count: tokensAbout,
};

/** Optional details of the examples. */
export interface StatisticsOptions {
  /** Absent: {@link TOKENS_ABOUT}. */
  tokens?: TokenCounting;
  /** The slice of an example; absent: slices are not counted. */
  sliceOf?: (example: TrainingExample | PreferenceExample) => string;
}

/** Counts all examples of a set. */
export async function setStatistics(
  examples:
    AsyncIterable<TrainingExample | PreferenceExample> | Iterable<TrainingExample | PreferenceExample>,
  options: StatisticsOptions = {},
): Promise<SetStatistics> {
  const counter = new SetCounter(options);
  for await (const example of examples) counter.add(example);
  return counter.statistics();
}

/** Counts examples one by one. */
export class SetCounter {
  readonly #tokens: TokenCounting;
  readonly #sliceOf: StatisticsOptions['sliceOf'];
  readonly #pairs = new Set<string>();
  readonly #instructions = new Set<string>();
  readonly #labels = { A: 0, B: 0 };
  readonly #slices = new Map<string, number>();
  readonly #rejected = { wrong: 0, tie: 0, unparsed: 0 };
  readonly #prompt = new LengthCounter();
  readonly #completion = new LengthCounter();
  readonly #example = new LengthCounter();
  #nExamples = 0;
  #nPreferences = 0;

  constructor({ tokens = TOKENS_ABOUT, sliceOf }: StatisticsOptions = {}) {
    this.#tokens = tokens;
    this.#sliceOf = sliceOf;
  }

  /** Counts an example. */
  add(example: TrainingExample | PreferenceExample): void {
    const { pairId, instructionId, verdict } = example;
    this.#nExamples++;
    this.#pairs.add(pairId);
    this.#instructions.add(instructionId);
    this.#labels[verdict]++;
    const slice = this.#sliceOf?.(example);
    if (slice !== undefined) this.#slices.set(slice, (this.#slices.get(slice) ?? 0) + 1);
    const count = (text: string): number => this.#tokens.count(text);
    const prompt = example.prompt.reduce((sum, { content }) => sum + count(content), 0);
    this.#prompt.add(pairId, prompt);
    if ('completion' in example) {
      const completion = count(example.completion);
      this.#completion.add(pairId, completion);
      this.#example.add(pairId, prompt + completion);
    } else {
      this.#nPreferences++;
      this.#rejected[example.rejectedAs ?? 'wrong']++;
      const completions = count(example.chosen) + count(example.rejected);
      this.#completion.add(pairId, completions);
      this.#example.add(pairId, 2 * prompt + completions);
    }
  }

  /** The current counts. */
  statistics(): SetStatistics {
    return {
      nExamples: this.#nExamples,
      nPairs: this.#pairs.size,
      nInstructions: this.#instructions.size,
      labels: { ...this.#labels },
      slices: Object.fromEntries(this.#slices),
      ...(this.#nPreferences > 0 ? { rejected: { ...this.#rejected } } : {}),
      tokens: {
        counter: this.#tokens.name,
        prompt: this.#prompt.counts(),
        completion: this.#completion.counts(),
        example: this.#example.counts(),
      },
    };
  }
}

/** Lengths, of which the longest is named. */
class LengthCounter {
  readonly #lengths: number[] = [];
  #longest: TokenLengths['longest'] = null;

  add(pairId: string, tokens: number): void {
    this.#lengths.push(tokens);
    if (this.#longest === null || tokens > this.#longest.tokens) this.#longest = { pairId, tokens };
  }

  counts(): TokenLengths {
    const sorted = Float64Array.from(this.#lengths).sort();
    const total = sorted.reduce((sum, length) => sum + length, 0);
    const percentile = (share: number): number | null => sorted[Math.ceil(share * sorted.length) - 1] ?? null;
    return {
      total,
      mean: sorted.length === 0 ? null : total / sorted.length,
      p50: percentile(0.5),
      p90: percentile(0.9),
      p99: percentile(0.99),
      longest: this.#longest,
    };
  }
}
