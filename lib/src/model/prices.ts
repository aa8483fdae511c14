// What tokens cost, by the price table of an experiment.
import { own } from '../core/own.js';

/** Tokens that were used. */
export interface TokenCounts {
  promptTokens: number;
  completionTokens: number;
}

/** The most that one request can use, all its completions together. */
export interface RequestCeiling extends TokenCounts {
  model: string;
}

/** Prices of one model, in US dollars for a million tokens. */
export interface ModelPrice {
  inputUsdPerMillion: number;
  outputUsdPerMillion: number;
  /** What of these prices a batch costs, 0 to 1. */
  batchShare: number;
}

/** Prices by the exact name of a model; `'*'` stands for all that are not named. */
export type PriceTable = Readonly<Record<string, ModelPrice>>;

const MILLION = 1_000_000;

/** Computes what requests cost. */
export class Prices {
  readonly #table: PriceTable;
  readonly #isBatch: boolean;

  /** @param options.isBatch whether requests go through a Batch API, at the share of the price that the table gives */
  constructor(table: PriceTable, { isBatch = false }: { isBatch?: boolean } = {}) {
    this.#table = table;
    this.#isBatch = isBatch;
  }

  /** The cost in US dollars, 0 or more; null where the model has no price. */
  costUsdOf(model: string, { promptTokens, completionTokens }: TokenCounts): number | null {
    const price = this.priceOf(model);
    if (price === null) return null;
    const { inputUsdPerMillion, outputUsdPerMillion, batchShare } = price;
    const costUsd = (promptTokens * inputUsdPerMillion + completionTokens * outputUsdPerMillion) / MILLION;
    return this.#isBatch ? costUsd * batchShare : costUsd;
  }

  /** The price of a model, or null. */
  priceOf(model: string): ModelPrice | null {
    return own(this.#table, model) ?? own(this.#table, '*') ?? null;
  }
}
